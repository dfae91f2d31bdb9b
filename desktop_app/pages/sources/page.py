"""The Sources page: where the images come from, whether they are still there, and what to do where they are not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.translation import mark, tr, tr_n
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.page import Page
from desktop_app.pages.sources.controller import SourceRow, SourcesController
from desktop_app.theme import GRID, PAGE_MARGIN
from desktop_app.widgets.basics import button, centred, clear, row, scrolling, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.job_progress import JobProgress

_WIDTH_PX = 860
_ICONS = {"folder": "folder", "zip": "file", "remote": "external"}


class SourcesPage(Page):
    """A card of what can be done, and one for each source."""

    id = "sources"
    title = mark("Sources")
    icon = "folder"

    def __init__(self, controller: SourcesController, context: AppContext) -> None:
        super().__init__(controller, context)
        self._controller = controller
        px = self.theme.px
        middle = QWidget()
        body = QVBoxLayout(middle)
        body.setContentsMargins(*(px(PAGE_MARGIN),) * 4)
        body.setSpacing(px(GRID * 1.5))
        words = tr(
            "Images stay where they are: a project only refers to them. If a folder was moved or renamed, say where it "
            "is now; labels and everything else stay with the images. Images that are missing are kept."
        )
        self._said = text("", wrap=True, selectable=True)
        self.progress = JobProgress(self.theme)
        self.check = button(tr("Look for the images"), controller.check, icon=self.theme.icon("refresh"))
        self.locate = button(tr("Find missing images in a folder…"), self.choose, icon=self.theme.icon("folder-open"))
        self.show_missing = button(tr("Show missing images"), controller.show_missing, icon=self.theme.icon("images"))
        body.addWidget(text(tr("Sources"), "title"))
        body.addWidget(text(words, "muted", wrap=True))
        body.addLayout(row(self.check, self.locate, self.show_missing, None, spacing=px(GRID)))
        body.addWidget(self.progress)
        body.addWidget(self._said)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(px(GRID * 1.5))
        body.addLayout(self._cards)
        body.addStretch(1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(centred(middle, px(_WIDTH_PX)), name=tr("Sources")))
        self._drawn: list[SourceRow] | None = None
        controller.changed.connect(self._show)
        self._show()

    def actions_table(self) -> Sequence[Action]:
        """Return looking and finding."""
        controller = self._controller

        def idle() -> bool:
            return controller.job is None

        return (
            Action("sources.check", mark("Look for the images"), controller.check, "refresh", "F5", idle),
            Action("sources.find", mark("Find missing images in a folder…"), self.choose, "folder-open", "", idle),
            Action("sources.missing", mark("Show missing images"), controller.show_missing, "images", "",
                   lambda: controller.missing > 0),
        )  # fmt: skip

    def choose(self) -> None:
        """Ask for a folder, and look there."""
        folder = QFileDialog.getExistingDirectory(self, tr("A folder in which the missing images are now"))
        if folder:
            self._controller.find_in(Path(folder))

    def showEvent(self, event: QShowEvent) -> None:
        """Keep up with the project."""
        super().showEvent(event)
        self._controller.set_shown(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Let it go on unseen."""
        super().hideEvent(event)
        self._controller.set_shown(False)

    def _show(self) -> None:
        controller = self._controller
        busy = controller.job is not None
        self.progress.setVisible(busy)
        self.progress.show_job(controller.job)
        self.check.setEnabled(not busy)
        self.locate.setEnabled(not busy)
        self.show_missing.setVisible(controller.missing > 0)
        self._said.setText("\n".join(controller.said))
        self._said.setVisible(bool(controller.said))
        if controller.rows != self._drawn:
            self._drawn = controller.rows
            clear(self._cards)
            for source in controller.rows or ():
                self._cards.addWidget(self._card(source))
            if controller.rows == []:
                self._cards.addWidget(text(tr("No images yet: import a folder first."), "muted"))

    def _card(self, source: SourceRow) -> Card:
        theme, card = self.theme, Card(self.theme)
        card.setAccessibleName(source.root)
        icon = QLabel()
        icon.setPixmap(theme.pixmap(_ICONS.get(source.kind, "folder"), 20))
        where = ElidedLabel(source.root, "strong", Qt.TextElideMode.ElideMiddle)
        images = tr_n("{n} image", "{n} images", source.images)
        kind = text(f"{source.kind_words} · {images}", "small")
        bad = source.gone or source.missing > 0
        state = text(source.state_words, "warn" if bad else "good")
        top = row(icon, where, state, spacing=theme.px(GRID))
        top.setStretch(1, 1)
        card.add(top)
        buttons: list[QWidget] = []
        if source.missing:
            show = button(tr("Show missing images"), lambda: self._controller.show_missing(source), kind="link")
            show.setAccessibleName(tr("Show missing images of {root}", root=source.root))
            buttons.append(show)
        if bad and source.kind != "remote":
            find = button(tr("It is somewhere else…"), self.choose, kind="link")
            find.setAccessibleName(tr("Say where {root} is now", root=source.root))
            buttons.append(find)
        card.add(row(theme.px(28), kind, None, *buttons, spacing=theme.px(GRID)))
        return card
