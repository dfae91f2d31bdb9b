"""The small things every page is put together from: texts with a role, rules, rows and columns, key caps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app import theme as looks
from desktop_app.theme import Theme

NumberField = TypeVar("NumberField", bound=QAbstractSpinBox)


def inset(box: NumberField) -> NumberField:
    """Return a number's field whose text begins where that of other fields does: no style sheet reaches it."""
    box.lineEdit().setTextMargins(looks.GRID, 0, 0, 0)
    return box


def text(content: str, role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """Return a text; `role` is one that `desktop_app.style_sheet` knows (``"muted"``, ``"big"``, ``"title"``…)."""
    label = QLabel(content)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    label.setWordWrap(wrap)
    if wrap:
        label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    if selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def set_role(widget: QWidget, role: str) -> None:
    """Change the role of a text that is shown already."""
    set_property(widget, "role", role)


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property the style sheet looks at, and have the widget styled again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


class SectionTitle(QLabel):
    """A section head: 11 px capitals in the muted colour. Scripts without capitals stay as they are."""

    def __init__(self, content: str, theme: Theme) -> None:
        super().__init__(content.upper())
        self.setProperty("role", "head")
        self.setAccessibleName(content)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        font = theme.font(looks.HEAD_PX, bold=True)
        font.setLetterSpacing(font.SpacingType.AbsoluteSpacing, 0.4 * theme.scale)
        self.setFont(font)

    def minimumSizeHint(self) -> QSize:
        """Return that it gives way to what stands beside it."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as much of the title as there is room for."""
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())
        if shown == self.text():
            super().paintEvent(event)
            return
        palette, role = self.palette(), self.foregroundRole()
        self.style().drawItemText(QPainter(self), self.contentsRect(), self.alignment(), palette, True, shown, role)


class KeyCap(QLabel):
    """A key, drawn as a cap: ``Del``, ``Ctrl K``."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.setProperty("role", "key")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


def rule() -> QFrame:
    """Return a hairline across."""
    line = QFrame()
    line.setObjectName("rule")
    line.setFixedHeight(1)
    return line


def button(
    content: str,
    clicked: Callable[[], object] | None = None,
    *,
    kind: str = "",
    icon: QIcon | None = None,
    name: str = "",
    tip: str = "",
) -> QPushButton:
    """Return a push button of a `kind` the style sheet knows; `name` is for screen readers where `content` is short."""
    made = QPushButton(content)
    if kind:
        made.setProperty("kind", kind)
    if icon is not None:
        made.setIcon(icon)
        # Qt sets the text 4 px from the icon, which is too near.
        made.setText(f"\N{THIN SPACE}{content}")
    made.setAccessibleName(name or content)
    if tip:
        made.setToolTip(tip)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def icon_button(
    icon: QIcon, name: str, clicked: Callable[[], object] | None = None, *, size_px: int = looks.ICON_PX
) -> QToolButton:
    """Return a button that is only an icon; `name` is its tooltip and its name for screen readers."""
    made = QToolButton()
    made.setIcon(icon)
    made.setIconSize(QSize(size_px, size_px))
    made.setToolTip(name)
    made.setAccessibleName(name)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def row(*items: QWidget | QLayout | int | None, spacing: int = looks.GRID, margins: int = 0) -> QHBoxLayout:
    """Return items side by side: widgets, layouts, gaps in px, and None for a stretch."""
    layout = QHBoxLayout()
    _fill(layout, items, spacing, margins)
    return layout


def column(*items: QWidget | QLayout | int | None, spacing: int = looks.GRID, margins: int = 0) -> QVBoxLayout:
    """Return items one below the other: widgets, layouts, gaps in px, and None for a stretch."""
    layout = QVBoxLayout()
    _fill(layout, items, spacing, margins)
    return layout


def boxed(layout: QLayout) -> QWidget:
    """Return a plain widget that holds `layout`."""
    widget = QWidget()
    widget.setLayout(layout)
    return widget


def _fill(layout: QBoxLayout, items: Sequence[QWidget | QLayout | int | None], spacing: int, margins: int) -> None:
    layout.setSpacing(spacing)
    layout.setContentsMargins(margins, margins, margins, margins)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)


def facts(
    rows: Sequence[tuple[str, str | QWidget]], *, label_width_px: int = 84, spacing_px: int = looks.GRID
) -> QGridLayout:
    """Return a two-column list of facts: muted names on the left, values on the right."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(spacing_px)
    grid.setVerticalSpacing(4)
    grid.setColumnMinimumWidth(0, label_width_px)
    grid.setColumnStretch(1, 1)
    for index, (name, value) in enumerate(rows):
        grid.addWidget(text(name, "small"), index, 0, Qt.AlignmentFlag.AlignTop)
        shown = text(value, "value", wrap=True, selectable=True) if isinstance(value, str) else value
        grid.addWidget(shown, index, 1)
    return grid


def centred(content: QWidget, max_width_px: int) -> QWidget:
    """Return `content` in the middle of a widget: as wide as there is room, at most `max_width_px`."""
    content.setMaximumWidth(max_width_px)
    content.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addStretch(1)
    layout.addWidget(content, 1000)
    layout.addStretch(1)
    return boxed(layout)


def scrolling(content: QWidget, *, name: str = "") -> QScrollArea:
    """Return `content` in a scroll area that only scrolls down."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    content.setObjectName("scrolled")
    area.setWidget(content)
    if name:
        area.setAccessibleName(name)
    return area


def clear(layout: QLayout) -> None:
    """Take everything out of `layout` and let it be deleted."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)
