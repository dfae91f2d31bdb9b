"""The entry looked at, at the right: who made it, when, with what; what it changed; and what can be done about it."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.edits import EditKind
from core.store.history import Entry
from core.translation import tr, tr_n
from desktop_app.pages.history.change_list import ChangeList
from desktop_app.pages.history.controller import HistoryController, View
from desktop_app.pages.history.detail import EntryDetail
from desktop_app.pages.history.taking_back import can_take_back
from desktop_app.pages.history.words import moment_words, state_words, tool_words, what_words
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import SectionTitle, button, icon_button, row, text
from desktop_app.widgets.facts import FactList

_SHORT: Final = 16


class DetailPanel(QWidget):
    """What there is to know of one entry."""

    def __init__(self, controller: HistoryController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self.nothing = text(tr("Choose an entry to see what it changed."), "muted", wrap=True)
        self._what = text("", "strong", wrap=True, selectable=True)
        self._facts = FactList(theme, name_width_px=64)
        self._seal = text("", "mono", selectable=True)
        self._copy = icon_button(theme.icon("copy"), tr("Copy the seal"), self._copy_seal)
        self.images = button(tr("Show these images"), self._show_images, icon=theme.icon("images"))
        self.take_back = button(tr("Take back this edit…"), self._take_back, icon=theme.icon("undo"))
        self._title = SectionTitle(tr("Changed"), theme)
        self._labels = text("", "small", wrap=True, selectable=True)
        self._none = text(tr("This changed no image."), "muted", wrap=True)
        self.changes = ChangeList(theme, controller.pictures.thumbnails)
        self._more = text("", "small", wrap=True)
        self._body = QWidget()
        self._build()
        self.changes.opened.connect(lambda sample: controller.show_samples([sample]))
        controller.chosen_changed.connect(self._show_entry)
        controller.listed.connect(lambda _: self._show_entry())
        controller.detail.changed.connect(self._show_detail)
        self._show_entry()
        self._show_detail()

    def _build(self) -> None:
        px = self._theme.px
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(14), px(14), px(14), px(14))
        layout.addWidget(SectionTitle(tr("Entry"), self._theme))
        layout.addWidget(self.nothing)
        layout.addWidget(self._body, 1)
        layout.addStretch(0)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(px(GRID))
        body.addWidget(self._what)
        body.addWidget(self._facts)
        seal = text(tr("Seal"), "small")
        seal.setFixedWidth(px(64))
        body.addLayout(row(seal, self._seal, self._copy, None))
        body.addWidget(self.take_back)
        body.addWidget(self.images)
        body.addWidget(self._title)
        body.addWidget(self._labels)
        body.addWidget(self._none)
        body.addWidget(self.changes, 1)
        body.addWidget(self._more)

    def can_take_back(self) -> bool:
        """Whether the entry looked at can be taken back."""
        entry = self._controller.chosen
        return entry is not None and can_take_back(entry.edit, self._taken_back_by(entry))

    def _taken_back_by(self, entry: Entry) -> int | None:
        listing = self._controller.listing
        return listing.taken_back.get(entry.edit.id) if listing is not None else None

    def _show_entry(self) -> None:
        entry = self._controller.chosen
        self.nothing.setVisible(entry is None)
        self._body.setVisible(entry is not None)
        if entry is None:
            return
        self._what.setText(what_words(entry))
        facts = [(tr("When"), moment_words(entry.at)), (tr("Who"), entry.user), (tr("With"), tool_words(entry.tool))]
        facts.append((tr("Edit"), tr("{edit} (entry {entry})", edit=entry.edit.id, entry=entry.id)))
        state = state_words(entry.edit, self._taken_back_by(entry))
        if state:
            facts.append((tr("State"), state))
        self._facts.show_facts(facts)
        self._seal.setText(f"{entry.hash[:_SHORT]}…")
        self._seal.setToolTip(entry.hash)
        self._seal.setAccessibleName(entry.hash)
        self.take_back.setEnabled(self.can_take_back())
        self.take_back.setToolTip("" if self.can_take_back() else self._why_not(entry, state))

    def _why_not(self, entry: Entry, state: str) -> str:
        if entry.edit.kind in (EditKind.IMPORT, EditKind.TASK):
            return tr("This cannot be taken back alone. Undo the edits since, the latest first.")
        return tr("This does not hold any more: {state}.", state=state) if state else ""

    def _show_detail(self) -> None:
        found = self._controller.detail.shown
        items = found.items if found is not None else ()
        labels = found.labels if found is not None else ()
        self.changes.show_lines(items)
        self.changes.setVisible(bool(items))
        self.images.setVisible(bool(items))
        self._labels.setText("\n".join(f"{line.label} – {line.change}" for line in labels))
        self._labels.setVisible(bool(labels))
        self._none.setVisible(found is not None and not items and not labels)
        self._none.setText(_nothing_words(found))
        self._more.setVisible(found is not None and found.more)
        if found is not None and found.more:
            count = len({line.sample_id for line in items})
            self._more.setText(tr_n("This is the first image.", "These are the first {n} images.", count))

    def _show_images(self) -> None:
        entry = self._controller.chosen
        if entry is not None:
            self._controller.show_images(entry)

    def _take_back(self) -> None:
        entry = self._controller.chosen
        if entry is not None and self.can_take_back():
            self._controller.taking_back.prepare(entry.edit)
            self._controller.open(View.TAKE_BACK)

    def _copy_seal(self) -> None:
        entry = self._controller.chosen
        if entry is not None:
            QGuiApplication.clipboard().setText(entry.hash)
            self._controller.context.message.emit(tr("The seal is in the clipboard."))


def _nothing_words(found: EntryDetail | None) -> str:
    if found is not None and found.entry.edit.kind is EditKind.IMPORT:
        return tr("This added images and changed none.")
    return tr("This changed no image.")
