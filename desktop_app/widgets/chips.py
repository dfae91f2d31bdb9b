"""Chips: small round choices and filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from desktop_app.widgets.basics import row
from desktop_app.widgets.flow import FlowLayout


class Chip(QPushButton):
    """A round button: a filter that is `on`, a choice, or a menu."""

    def __init__(self, content: str, clicked: Callable[[], object] | None = None, *, on: bool = False) -> None:
        super().__init__(content)
        self.setProperty("kind", "chip")
        self.setProperty("on", on)
        self.setAccessibleName(content)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if clicked is not None:
            self.clicked.connect(lambda: clicked())


class ChoiceChips(QWidget):
    """One choice among a few, as chips side by side; arrow keys move between them."""

    def __init__(
        self,
        choices: Sequence[tuple[str, str]],
        chosen: str,
        on_chosen: Callable[[str], object],
        *,
        name: str,
        wrap: bool = False,
    ) -> None:
        """`choices` are (value, text) pairs; `on_chosen` gets the value; `name` says what is chosen.

        With `wrap`, chips that a narrow column has no room for go to the next line.
        """
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._values = [value for value, _ in choices]
        chips: list[QWidget] = []
        for index, (value, content) in enumerate(choices):
            chip = Chip(content)
            chip.setCheckable(True)
            chip.setChecked(value == chosen)
            chip.setAccessibleName(f"{name}: {content}")
            self._group.addButton(chip, index)
            chips.append(chip)
        self._group.idClicked.connect(lambda index: on_chosen(self._values[index]))
        if not wrap:
            self.setLayout(row(*chips, None))
            return
        flow = FlowLayout(self)
        for made in chips:
            flow.addWidget(made)

    def choose(self, value: str) -> None:
        """Show `value` as chosen, without calling back."""
        self._group.button(self._values.index(value)).setChecked(True)

    def chosen(self) -> str:
        """Return the value that is chosen."""
        return self._values[self._group.checkedId()]
