"""What stands above the list: a field for any text, and a chip for each filter; all of them always in step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from core.translation import tr
from desktop_app.pages.history.asked import EVERYTHING
from desktop_app.pages.history.controller import HistoryController
from desktop_app.pages.history.days_panel import DaysPanel
from desktop_app.pages.history.words import KINDS, kind_words, tool_words
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, row
from desktop_app.widgets.choice_panel import Choice, ChoicePanel, among
from desktop_app.widgets.filter_chip import FilterChip
from desktop_app.widgets.flow import FlowLayout

_TYPING_PAUSE_MS: Final = 300


class SearchLine(QLineEdit):
    """Any text of the history; asked a moment after the last key. Esc clears it, Down goes to the list."""

    leave = Signal()

    def __init__(self, controller: HistoryController, theme: Theme) -> None:
        super().__init__()
        self._controller = controller
        self.setPlaceholderText(tr("name, label or seal"))
        self.setAccessibleName(tr("Search the history"))
        self.setToolTip(tr("Part of what an edit says, of who made it, or the beginning of its seal."))
        self.setClearButtonEnabled(True)
        self.setFixedWidth(theme.px(190))
        self.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self.textEdited.connect(self._pause.start)
        self.returnPressed.connect(self._ask)
        controller.asked_changed.connect(self._refresh)
        self._refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the line, then leaves it, as Down does."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self._ask()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            self.leave.emit()
        else:
            super().keyPressEvent(event)

    def _ask(self) -> None:
        self._pause.stop()
        self._controller.change(text=self.text())

    def _refresh(self) -> None:
        # What the user is typing is never rewritten under the cursor.
        if self.text() != self._controller.asked.text and not self._pause.isActive():
            self.setText(self._controller.asked.text)


class FilterBar(QWidget):
    """The field and the chips; those that have no room go to the next line."""

    def __init__(self, controller: HistoryController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        change = controller.change
        self.search = SearchLine(controller, theme)
        self.person = self._chip(
            tr("person"), self._people, lambda: controller.asked.users, lambda values: change(users=tuple(values))
        )
        self.tool = self._chip(
            tr("with"), self._tools, lambda: controller.asked.tools, lambda values: change(tools=tuple(values))
        )
        self.kind = self._chip(
            tr("what"), self._kinds, lambda: controller.asked.kinds, lambda values: change(kinds=tuple(values))
        )
        self.label = self._chip(
            tr("label"),
            self._labels,
            lambda: [controller.asked.label],
            lambda values: change(label=str(values[0]) if values else ""),
            single=True,
        )
        self.days = FilterChip(theme, tr("days"), self._open_days, lambda: change(since="", until=""))
        self.image = FilterChip(theme, tr("only image"), self._all_images, self._all_images)
        self.clear = button(tr("Show everything"), lambda: controller.ask(EVERYTHING), kind="link")
        chips = QWidget()
        flow = FlowLayout(chips)
        chips.setContentsMargins(0, theme.px(2), 0, theme.px(2))
        for part in (self.person, self.tool, self.kind, self.label, self.days, self.image, self.clear):
            flow.addWidget(part)
        line = row(self.search, chips)
        line.setStretch(1, 1)
        line.setAlignment(self.search, Qt.AlignmentFlag.AlignTop)
        self.setLayout(line)
        controller.asked_changed.connect(self._refresh)
        self._refresh()

    def _chip(
        self,
        name: str,
        choices: Callable[[], list[Choice]],
        chosen: Callable[[], Sequence[object]],
        use: Callable[[Sequence[object]], object],
        *,
        single: bool = False,
    ) -> FilterChip:
        def open_panel() -> None:
            find, host = among(choices()), self.window()
            panel = ChoicePanel(host, chip, self._theme, name, find, lambda ticked, _: use(ticked), ticked=chosen())
            panel.single = single
            panel.open_panel()

        chip = FilterChip(self._theme, name, open_panel, lambda: use([]))
        return chip

    def _refresh(self) -> None:
        asked = self._controller.asked
        self.person.show_values(asked.users)
        self.tool.show_values([tool_words(tool) for tool in asked.tools])
        self.kind.show_values([kind_words(group) for group in asked.kinds])
        self.label.show_values([asked.label] if asked.label else [])
        days = asked.days_words()
        self.days.show_values([days] if days else [])
        self.image.show_values([asked.sample_name] if asked.sample is not None else [])
        self.image.setVisible(asked.sample is not None)
        self.clear.setVisible(asked != EVERYTHING)

    def _people(self) -> list[Choice]:
        listing, asked = self._controller.listing, self._controller.asked
        counts = listing.choices.users if listing is not None else {}
        return [_choice(name, name, counts.get(name, 0)) for name in _with(counts, asked.users)]

    def _tools(self) -> list[Choice]:
        listing, asked = self._controller.listing, self._controller.asked
        counts = listing.choices.tools if listing is not None else {}
        return [_choice(one, tool_words(one), counts.get(one, 0)) for one in _with(counts, asked.tools)]

    def _kinds(self) -> list[Choice]:
        listing, asked = self._controller.listing, self._controller.asked
        counts = listing.choices.kinds if listing is not None else {}
        by_group = {group: sum(counts.get(kind, 0) for kind in kinds) for group, (_, kinds) in KINDS.items()}
        return [
            _choice(group, kind_words(group), count)
            for group, count in by_group.items()
            if count or group in asked.kinds
        ]

    def _labels(self) -> list[Choice]:
        listing = self._controller.listing
        return [Choice(name, name) for name in (listing.labels if listing is not None else ())]

    def _open_days(self) -> None:
        DaysPanel(self.window(), self.days, self._theme, self._controller).open_panel()

    def _all_images(self) -> None:
        self._controller.change(sample=None, sample_name="")


def _with(counts: dict[str, int], chosen: Sequence[str]) -> list[str]:
    """Return what can be chosen, with what is chosen already though nothing else leaves any of it."""
    return sorted({*counts, *chosen})


def _choice(value: str, words: str, count: int) -> Choice:
    return Choice(value, words, count=count)
