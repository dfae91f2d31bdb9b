"""What all views of evidence have in common: a case, tiles for its samples, and their pictures when they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from core.translation import tr
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.picture_tile import PictureTile
from desktop_app.theme import Theme

if TYPE_CHECKING:
    from PySide6.QtGui import QImage


class EvidenceView(QWidget):
    """One kind of evidence; shows one case at a time."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__()
        self.controller, self.theme = controller, theme
        self.case: CaseFacts | None = None

    def show_case(self, case: CaseFacts) -> None:
        """Show a case, or the same one with other choices."""
        self.case = case

    def show_pictures(self) -> None:
        """Show the pictures that have arrived."""
        for tile in self.tiles():
            self.show_picture(tile)

    def tiles(self) -> Iterable[PictureTile]:
        """Return all tiles of the view."""
        return ()

    def show_picture(self, tile: PictureTile, *, large: bool = False) -> None:
        """Show the picture of a tile's sample, or why there is none."""
        if tile.sample_id is None or self.case is None:
            return
        pictures = self.controller.pictures
        image: QImage | None = pictures.large(tile.sample_id) if large else pictures.small(tile.sample_id)
        sample = self.case.samples.get(tile.sample_id)
        problem = tr(sample.problem) if sample is not None and sample.problem else pictures.failure(tile.sample_id)
        tile.show_picture(None if problem else image, problem)

    def tile(
        self,
        sample_id: int,
        words: Sequence[str],
        *,
        chosen: Callable[[], object] | None = None,
        faint: bool = False,
        lines: int | None = None,
        brief: Sequence[str] = (),
    ) -> PictureTile:
        """Return a tile of a sample of the case, with its labels; its picture is shown if it is here."""
        count = len(words) if lines is None else lines
        made = PictureTile(self.theme, lines=count, chosen=chosen, opened=lambda: self.open_sample(sample_id))
        made.sample_id = sample_id
        self.say(made, words, faint=faint, brief=brief)
        self.show_picture(made)
        return made

    def say(self, tile: PictureTile, words: Sequence[str], *, faint: bool = False, brief: Sequence[str] = ()) -> None:
        """Show the labels of a tile's sample on it, and words below."""
        if self.case is None or tile.sample_id is None:
            return
        sample = self.case.samples.get(tile.sample_id)
        name, labels = sample.name if sample else "", self.case.labels_of(tile.sample_id)
        tile.show_words(name, labels, words, faint=faint, brief=brief)

    def open_sample(self, sample_id: int) -> None:
        """Show an image of the case where images are."""
        sample = self.case.samples.get(sample_id) if self.case is not None else None
        if sample is not None:
            self.controller.show_sample(sample)
