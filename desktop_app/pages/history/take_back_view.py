"""Before an edit is taken back: what would go back, and what would stay because something later changed it again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.edits import describe
from core.translation import tr, tr_n
from desktop_app.pages.history.controller import HistoryController, View
from desktop_app.pages.history.lines_table import LinesTable
from desktop_app.pages.history.taking_back import BackPlan
from desktop_app.pages.history.words import lowered, moment_words
from desktop_app.theme import GRID, PAGE_MARGIN, Theme
from desktop_app.widgets.basics import button, row, text
from desktop_app.widgets.card import Card


class TakeBackView(QWidget):
    """The preview; nothing is changed before the button is pressed, and that can be undone."""

    def __init__(self, controller: HistoryController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme, self._state = controller, theme, controller.taking_back
        self._title = text("", "subtitle", wrap=True)
        self._made = text("", "muted", wrap=True)
        self._problem = text("", "bad", wrap=True)
        self._back_words = text("", wrap=True)
        self._stay_words = text("", wrap=True)
        self.backs = LinesTable(
            theme,
            [tr("Image or label"), tr("Field"), tr("Now"), tr("Goes back to")],
            name=tr("What goes back"),
            stretches=(5, 3, 3, 3),
            opened=self._open_back,
        )
        self.stays = LinesTable(
            theme,
            [tr("Image or label"), tr("Field"), tr("Now"), tr("Changed by")],
            name=tr("What stays"),
            stretches=(4, 2, 2, 6),
            opened=self._open_stay,
        )
        self.confirm = button(
            tr("Take back"), self._state.confirm, kind="primary", icon=theme.icon("undo", "on_accent")
        )
        self.cancel = button(tr("Leave as it is"), self.leave)
        self.show_stays = button(tr("Show these images"), self._show_stays, kind="link")
        self._back_card, self._stay_card = Card(theme, tr("Goes back")), Card(theme, tr("Stays as it is"))
        self._build()
        self._state.changed.connect(self._show)
        self._show()

    def leave(self) -> None:
        """Go back to the list without doing anything."""
        self._state.forget()
        self._controller.open(View.LIST)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        px = self._theme.px
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(px(PAGE_MARGIN),) * 4)
        layout.setSpacing(px(GRID * 1.5))
        layout.addLayout(row(button(tr("‹ History"), self.leave, kind="link"), None))
        for line in (self._title, self._made, self._problem):
            layout.addWidget(line)
        self._back_card.add(self._back_words)
        self._back_card.add(self.backs)
        self._back_card.body.addStretch(1)
        self._stay_card.add_to_head(self.show_stays)
        self._stay_card.add(self._stay_words)
        self._stay_card.add(self.stays)
        self._stay_card.body.addStretch(1)
        layout.addWidget(self._back_card)
        layout.addWidget(self._stay_card)
        layout.addStretch(1)
        hint = text(tr("This is a new edit: Ctrl+Z undoes it, and the history keeps both."), "small")
        layout.addLayout(row(hint, None, self.cancel, self.confirm, spacing=px(GRID)))

    def _show(self) -> None:
        edit, plan = self._state.edit, self._state.plan
        if edit is not None:
            self._title.setText(tr("Take back edit {edit}: {what}?", edit=edit.id, what=lowered(describe(edit))))
            self._made.setText(tr("Made by {who}, {when}.", who=edit.user, when=moment_words(edit.at)))
        self._problem.setVisible(bool(self._state.problem))
        self._problem.setText(self._state.problem)
        self._back_card.setVisible(plan is not None and plan.possible)
        self._stay_card.setVisible(plan is not None and plan.staying > 0)
        self.confirm.setEnabled(plan is not None and plan.possible and not self._state.working)
        if plan is None:
            return
        if not plan.possible:
            self._problem.setText(tr("Everything that it did was changed again since: nothing of it is left."))
            self._problem.show()
        self._back_words.setText(_back_words(plan))
        self.backs.show_lines([(line.name, line.field, line.present, line.back_to) for line in plan.backs])
        self.backs.fit_height(10 if plan.staying == 0 else 5)
        self._stay_words.setText(_stay_words(plan))
        self.stays.show_lines([(line.name, line.field, line.present, line.why) for line in plan.stays])
        self.stays.fit_height(4 if plan.possible else 10)
        self.show_stays.setVisible(bool(plan.staying_samples))

    def _open_back(self, at: int) -> None:
        plan = self._state.plan
        if plan is not None and (sample := plan.backs[at].sample_id) is not None:
            self._controller.show_samples([sample])

    def _open_stay(self, at: int) -> None:
        plan = self._state.plan
        if plan is not None and (sample := plan.stays[at].sample_id) is not None:
            self._controller.show_samples([sample])

    def _show_stays(self) -> None:
        if self._state.plan is not None:
            self._controller.show_samples(self._state.plan.staying_samples)


def _back_words(plan: BackPlan) -> str:
    said = []
    if plan.images:
        said.append(tr_n("{n} image goes back to how it was.", "{n} images go back to how they were.", plan.images))
    if plan.labels:
        said.append(
            tr_n(
                "{n} change of the list of labels goes back.", "{n} changes of the list of labels go back.", plan.labels
            )
        )
    if len(plan.backs) < plan.images:
        said.append(tr("The first {n} are listed.", n=f"{len(plan.backs):,}"))
    return " ".join(said)


def _stay_words(plan: BackPlan) -> str:
    said = [tr_n("{n} was changed again since, by:", "{n} were changed again since, by:", plan.staying)]
    said += [f"{count:,} × {why}" for why, count in plan.reasons[:4]]
    if len(plan.reasons) > 4:
        said.append(tr_n("and {n} other edit", "and {n} other edits", len(plan.reasons) - 4))
    return "\n".join(said)
