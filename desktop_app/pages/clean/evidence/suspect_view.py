"""A label that is probably wrong: the suggested one, the nearest images that agree, and what models said without it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QWidget

from core.translation import tr, tr_n
from desktop_app.pages.clean.case import CaseFacts, shares
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.evidence.beside import BesideView
from desktop_app.pages.clean.evidence.neighbours import neighbour_board, show_neighbours
from desktop_app.pages.clean.picture_tile import PictureTile
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, clear, row, text
from desktop_app.widgets.flow import FlowLayout
from desktop_app.widgets.label_pill import LabelPill

_MOST_PROBABILITIES = 4


class SuspectView(BesideView):
    """Label suspects."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(controller, theme, tr("Why the label is doubted"))
        # The label goes below the words where there is little room.
        line = QWidget()
        self._suggested = FlowLayout(line, spacing=theme.px(8))
        policy = line.sizePolicy()
        policy.setHeightForWidth(True)
        line.setSizePolicy(policy)
        self._agree, self._why = text("", "muted", wrap=True), text("", "muted", wrap=True)
        self.board = neighbour_board(self)
        self._alike = text("", "muted", wrap=True)
        self.together = button(tr("Review together"), controller.review_together, kind="chip")
        self.side.addWidget(line)
        self.side.addWidget(self._agree)
        self.side.addWidget(self.board)
        self.side.addWidget(self._why)
        self.side.addWidget(self._alike)
        self.side.addLayout(row(self.together, None))
        self.side.addStretch(1)

    def show_case(self, case: CaseFacts) -> None:
        """Show the doubt."""
        super().show_case(case)
        self._show_suggested(case)
        show_neighbours(self.board, self, case)
        self._agree.setText(_agreement(case))
        self._agree.setVisible(bool(self._agree.text()))
        self._why.setText(_why(case))
        self._why.setVisible(bool(self._why.text()))
        alike = len(self.controller.look_alikes())
        words = tr_n("{n} look-alike has the same doubt", "{n} look-alikes have the same doubt", alike)
        self._alike.setText(words)
        self._alike.setVisible(alike > 0)
        self.together.setVisible(alike > 0)

    def tiles(self) -> Iterable[PictureTile]:
        """Return the neighbours' tiles."""
        return self.board.tiles

    def _show_suggested(self, case: CaseFacts) -> None:
        clear(self._suggested)
        if len(case.changes) > 1:
            self._suggested.addWidget(text(tr("Suggested:"), "strong"))
            for one, gets in case.changes:
                self._suggested.addWidget(text("+" if gets else "−", "strong"))
                self._suggested.addWidget(LabelPill(self.theme, one.name, one.colour, one.glyph))
            return
        label, doubted = case.suggested, case.label_named(str(case.finding.evidence.get("label")))
        if label is None and doubted is not None:
            self._suggested.addWidget(text(tr("In doubt:"), "strong"))
            self._suggested.addWidget(LabelPill(self.theme, doubted.name, doubted.colour, doubted.glyph))
        elif label is None:
            self._suggested.addWidget(text(tr("No label is suggested"), "strong"))
        else:
            self._suggested.addWidget(text(tr("Suggested:"), "strong"))
            self._suggested.addWidget(LabelPill(self.theme, label.name, label.colour, label.glyph))


def _agreement(case: CaseFacts) -> str:
    """Say how many of the neighbours have the suggested label."""
    label, near = case.suggested, case.neighbours
    if label is None or not near:
        return ""
    agreeing = sum(label in case.labels_of(one) for one in near)
    if len(case.changes) > 1:
        return tr("{n} of the {total} most similar images have {label}.", n=agreeing, total=len(near), label=label.name)
    groups = {case.samples[one].group for one in near}
    own = case.principal.group if case.principal is not None else None
    if agreeing == len(near) > 1:
        if own is not None and own not in groups:
            return tr("The {n} most similar images, all of other groups, have it.", n=len(near))
        return tr("The {n} most similar images have it.", n=len(near))
    return tr("{n} of the {total} most similar images have it.", n=agreeing, total=len(near))


def _why(case: CaseFacts) -> str:
    """Say the probabilities from models that never saw the image."""
    found = shares(case.finding.evidence.get("probabilities"))
    if not found:
        return ""
    own = {label.name for label in case.labels_of(case.finding.sample_id)}
    ranked = sorted(found, key=lambda name: (name not in own, -found[name]))[:_MOST_PROBABILITIES]
    said = ", ".join(f"{_breakable(name)} {found[name]:.2f}" for name in ranked)
    if case.principal is not None and case.principal.group is not None:
        return tr(
            "Why: seen by models that never saw {group} · {said}", group=_breakable(case.principal.group), said=said
        )
    return tr("Why: seen by models that never saw this image · {said}", said=said)


def _breakable(name: str) -> str:
    """Return a name that a line may end within, after what joins its words."""
    return name.replace("_", "_\u200b")
