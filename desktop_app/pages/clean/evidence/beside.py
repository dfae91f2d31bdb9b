"""The frame of most evidence: the image large at the left, and why it is suspected at the right."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.evidence.view import EvidenceView
from desktop_app.pages.clean.picture_tile import PictureTile
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import scrolling


class BesideView(EvidenceView):
    """Subclasses fill `side` with what stands beside the image.

    Attributes
    ----------
    large
        The image.
    side
        The layout at the right.
    """

    def __init__(self, controller: CleanController, theme: Theme, name: str) -> None:
        super().__init__(controller, theme)
        self.large = PictureTile(theme, lines=2, opened=self._open_large)
        right = QWidget()
        self.side = QVBoxLayout(right)
        self.side.setContentsMargins(0, 0, theme.px(4), 0)
        self.side.setSpacing(theme.px(GRID * 1.25))
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.px(GRID * 2))
        self._layout.addWidget(self.large, 5)
        self._layout.addWidget(scrolling(right, name=name), 6)

    def show_case(self, case: CaseFacts) -> None:
        """Show the image of the case."""
        super().show_case(case)
        self.large.sample_id = case.finding.sample_id
        sample = case.principal
        self.say(self.large, [sample.name, sample.group or ""] if sample is not None else [])
        self.show_picture(self.large, large=True)

    def show_pictures(self) -> None:
        """Show the pictures that have arrived."""
        super().show_pictures()
        self.show_picture(self.large, large=True)

    def tiles(self) -> Iterable[PictureTile]:
        """Return the small tiles beside the image."""
        return ()

    def _open_large(self) -> None:
        if self.large.sample_id is not None:
            self.open_sample(self.large.sample_id)
