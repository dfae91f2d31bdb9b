"""The entries of the import form: lines, numbers and lists, each with a name for screen readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from desktop_app.widgets.basics import inset


def line(name: str, placeholder: str, on_typed: Callable[[str], object] | None = None) -> QLineEdit:
    """Return a line to type into."""
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setPlaceholderText(placeholder)
    if on_typed is not None:
        made.textChanged.connect(on_typed)
    return made


def whole_number(
    name: str, least: int, most: int, on_changed: Callable[[int], object], *, suffix: str = ""
) -> QSpinBox:
    """Return a whole number to set."""
    made = inset(QSpinBox())
    made.setAccessibleName(name)
    made.setRange(least, most)
    made.setSuffix(suffix)
    made.setKeyboardTracking(False)
    made.valueChanged.connect(on_changed)
    return made


def percentage(name: str, most: float, on_changed: Callable[[float], object]) -> QDoubleSpinBox:
    """Return a share to set, shown in percent; `on_changed` gets it as a share."""
    made = inset(QDoubleSpinBox())
    made.setAccessibleName(name)
    made.setDecimals(0)
    made.setRange(0, 100 * most)
    made.setSuffix(" %")
    made.setKeyboardTracking(False)
    made.valueChanged.connect(lambda percent: on_changed(percent / 100))
    return made


def choices(name: str, on_chosen: Callable[[str], object]) -> QComboBox:
    """Return a list to choose from; fill it with `set_choices`."""
    made = QComboBox()
    made.setAccessibleName(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(12)
    made.activated.connect(lambda at: on_chosen(str(made.itemData(at))))
    return made


def set_choices(box: QComboBox, items: Sequence[tuple[str, str]], chosen: str) -> None:
    """Show these (value, text) pairs, and which one is chosen; nothing happens where they are shown already."""
    if [(box.itemData(at), box.itemText(at)) for at in range(box.count())] != list(items):
        box.clear()
        for value, words in items:
            box.addItem(words, value)
    box.setCurrentIndex(max(0, box.findData(chosen)))


def fill_line(made: QLineEdit, value: str) -> None:
    """Show a text, without telling that it was typed."""
    if made.text() != value:
        quietly(made, lambda: made.setText(value))


def quietly(widget: QWidget, change: Callable[[], object]) -> None:
    """Change a widget without its telling anybody."""
    widget.blockSignals(True)
    change()
    widget.blockSignals(False)
