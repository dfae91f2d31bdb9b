"""The start page: new, open, the sample set, and the projects used recently."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QDate, QLocale, QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from core.translation import current_language, tr, tr_n
from desktop_app import theme as looks
from desktop_app.context import AppContext
from desktop_app.pages.page import Page
from desktop_app.pages.start.controller import StartController
from desktop_app.pages.start.recent import PICTURES, RecentProject
from desktop_app.theme import Theme
from desktop_app.widgets.basics import (
    SectionTitle,
    boxed,
    button,
    centred,
    clear,
    column,
    icon_button,
    row,
    scrolling,
    text,
)
from desktop_app.widgets.card import Card
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.pictures import PictureStrip

_WIDTH_PX = 880


class StartPage(Page):
    """What the window shows without a project."""

    id = "start"

    def __init__(self, controller: StartController, context: AppContext) -> None:
        super().__init__(controller, context)
        self.controller = controller
        px = self.theme.px
        self._recents = QVBoxLayout()
        self._recents.setSpacing(0)
        self._recent_part = boxed(column(SectionTitle(tr("Recent projects"), self.theme), self._recent_card()))
        middle = QWidget()
        body = QVBoxLayout(middle)
        body.setContentsMargins(px(looks.PAGE_MARGIN), px(40), px(looks.PAGE_MARGIN), px(24))
        body.setSpacing(px(8))
        body.addLayout(self._welcome())
        body.addSpacing(px(16))
        body.addLayout(self._tiles())
        body.addSpacing(px(20))
        body.addWidget(self._recent_part)
        body.addStretch(1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(centred(middle, px(_WIDTH_PX)), name=tr("Start")))
        controller.recents_changed.connect(self._show_recents)
        controller.sample_changed.connect(self._show_sample)
        self._show_recents()
        self._show_sample()

    def activated(self, **params: object) -> None:
        """Look at the recent projects again; with ``sample=True``, make the sample project."""
        self.controller.refresh()
        if params.get("sample"):
            self.controller.try_sample_set()

    def _welcome(self) -> QHBoxLayout:
        logo = QLabel()
        logo.setPixmap(
            QIcon(str(resources.files("resources") / "logo.svg")).pixmap(self.theme.px(52), self.theme.px(52))
        )
        promise = tr("Your images stay where they are: nothing is moved, changed or sent anywhere.")
        words = column(
            text(tr("From a folder of images to a classifier you can trust"), "title", wrap=True),
            text(promise, "muted", wrap=True),
            spacing=self.theme.px(4),
        )
        welcome = row(logo, spacing=self.theme.px(16))
        welcome.addLayout(words, 1)
        return welcome

    def _tiles(self) -> QHBoxLayout:
        new = Tile(
            self.theme,
            "folder-plus",
            tr("New project from a folder"),
            tr("One folder for each label, a table, or no labels yet"),
            lambda: self.context.show("import", new=True),
        )
        new.setProperty("first", True)
        existing = Tile(
            self.theme,
            "folder-open",
            tr("Open a project"),
            tr("A folder whose name ends in .coverslip"),
            self._choose_project,
        )
        self._sample = Tile(
            self.theme,
            "sample",
            tr("Try the sample set"),
            tr("1,200 painted blood cells, made on this computer in seconds"),
            self.controller.try_sample_set,
        )
        return row(new, existing, self._sample, spacing=self.theme.px(12))

    def _recent_card(self) -> Card:
        card = Card(self.theme, padding=6)
        card.add(self._recents)
        return card

    def _show_sample(self) -> None:
        job = self.controller.sample_job
        running = job is not None and not job.has_ended
        self._sample.setEnabled(not running)
        self._sample.say(tr("Being made: see the jobs above") if running else "")

    def _show_recents(self) -> None:
        clear(self._recents)
        self._recent_part.setVisible(bool(self.controller.recents))
        for recent in self.controller.recents:
            self._recents.addWidget(RecentRow(self.theme, recent, self.controller, self._locate))

    def _choose_project(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Open a project"))
        if chosen:
            self.controller.open(Path(chosen))

    def _locate(self, recent: RecentProject) -> None:
        title = tr("Where is “{name}” now?", name=recent.name)
        chosen = QFileDialog.getExistingDirectory(self, title, str(recent.path.parent))
        if chosen:
            self.controller.relocate(recent.path, Path(chosen))


class Tile(QPushButton):
    """A large button: an icon, what it does, and a line about it."""

    def __init__(self, theme: Theme, icon: str, title: str, explanation: str, clicked: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("kind", "tile")
        self.setAccessibleName(title)
        self.setAccessibleDescription(explanation)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: clicked())
        self._usual = explanation
        picture = QLabel()
        picture.setPixmap(theme.pixmap(icon, 28, "accent"))
        self._explanation = text(explanation, "small", wrap=True)
        self._explanation.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = column(picture, theme.px(6), text(title, "subtitle", wrap=True), self._explanation, None, spacing=4)
        layout.setContentsMargins(*(theme.px(16),) * 4)
        self.setLayout(layout)
        for part in self.findChildren(QLabel):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def say(self, explanation: str) -> None:
        """Say something else than usual below the title; empty says the usual again."""
        self._explanation.setText(explanation or self._usual)


class RecentRow(QPushButton):
    """One project used recently: its pictures, its name, what it holds and when it was used."""

    def __init__(
        self,
        theme: Theme,
        recent: RecentProject,
        controller: StartController,
        locate: Callable[[RecentProject], object],
    ) -> None:
        super().__init__()
        self.setProperty("kind", "row")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Open “{name}”", name=recent.name))
        usable = not (recent.missing or recent.problem)
        name = ElidedLabel(recent.name, "strong" if usable else "muted")
        where = ElidedLabel(recent.problem or str(recent.path), "small", Qt.TextElideMode.ElideMiddle)
        names = column(None, name, where, None, spacing=2)
        said = text(_facts(recent), "small")
        said.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        strip = PictureStrip(theme, recent.pictures, side_px=40, slots=PICTURES)
        for part in (name, where, said, strip):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(8), theme.px(6), theme.px(8), theme.px(6))
        layout.setSpacing(theme.px(14))
        layout.addWidget(strip)
        layout.addLayout(names, 1)
        layout.addWidget(said)
        if recent.missing:
            layout.addWidget(button(tr("Locate"), lambda: locate(recent), icon=theme.icon("search")))
        forget = tr("Take “{name}” off this list", name=recent.name)
        layout.addWidget(icon_button(theme.icon("close"), forget, lambda: controller.forget(recent.path)))
        if usable:
            self.clicked.connect(lambda: controller.open(recent.path))
        else:
            self.clicked.connect(lambda: locate(recent))

    def sizeHint(self) -> QSize:
        """Return a size that lets the list be as narrow as it must."""
        return QSize(200, super().sizeHint().height())


def _facts(recent: RecentProject) -> str:
    if recent.missing:
        return tr("not found")
    parts = [] if recent.samples is None else [tr_n("{n} image", "{n} images", recent.samples)]
    if recent.changed_at is not None:
        parts.append(_day(recent.changed_at))
    return "\n".join(parts)


def _day(moment: datetime) -> str:
    days = (datetime.now().date() - moment.date()).days
    if days <= 0:
        return tr("today, {time}", time=f"{moment:%H:%M}")
    if days == 1:
        return tr("yesterday")
    if days < 7:
        return tr_n("{n} day ago", "{n} days ago", days)
    day = QDate(moment.year, moment.month, moment.day)
    return QLocale(current_language()).toString(day, QLocale.FormatType.ShortFormat)
