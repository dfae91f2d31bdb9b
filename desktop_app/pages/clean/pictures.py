"""The pictures of cases: of the case in sight first, then of the next, so that a decision shows them at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from desktop_app.workers.project_pictures import ProjectPictures

if TYPE_CHECKING:
    from collections.abc import Sequence as Ids

    from core.store.project import Project
    from desktop_app.pages.clean.case import CaseFacts

LARGE_PX: Final = 512
SMALL_PX: Final = 256


class CasePictures(QObject):
    """Pictures by sample, large for what a case is about, small for what stands beside it.

    Attributes
    ----------
    sources
        What reads them from the project.

    Signals
    -------
    loaded
        Pictures arrived, well or not.
    """

    loaded = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sources = ProjectPictures(self)
        self._extra: tuple[int, ...] = ()
        self._cases: tuple[CaseFacts, ...] = ()
        self.sources.previews.loaded.connect(self.loaded)
        self.sources.thumbnails.loaded.connect(self.loaded)

    def use(self, project: Project | None) -> None:
        """Read from another project, or from none."""
        self._cases, self._extra = (), ()
        self.sources.use(project)

    def want(self, cases: Iterable[CaseFacts]) -> None:
        """Load the pictures of these cases, the one in sight first."""
        self._cases = tuple(cases)
        self._load()

    def want_also(self, sample_ids: Sequence[int]) -> None:
        """Load small pictures of these too, until others are asked for."""
        self._extra = tuple(sample_ids)
        self._load()

    def large(self, sample_id: int) -> QImage | None:
        """Return the large picture, or a small one while that is on its way."""
        found = self.sources.previews.image(sample_id, LARGE_PX)
        return found if found is not None else self.sources.thumbnails.image(sample_id, SMALL_PX)

    def small(self, sample_id: int) -> QImage | None:
        """Return the small picture, if one is here."""
        found = self.sources.thumbnails.image(sample_id, SMALL_PX)
        return found if found is not None else self.sources.previews.image(sample_id, LARGE_PX)

    def failure(self, sample_id: int) -> str:
        """Return why there is no picture, or an empty text."""
        large = self.sources.previews.failure(sample_id, LARGE_PX)
        return large or self.sources.thumbnails.failure(sample_id, SMALL_PX)

    def forget(self, sample_ids: Ids[int] | None = None) -> None:
        """Read these again, or all, as files may have changed."""
        self.sources.forget(sample_ids)

    def close(self) -> None:
        """Stop reading."""
        self.sources.use(None)

    def _load(self) -> None:
        large = [case.finding.sample_id for case in self._cases]
        beside = [i for case in self._cases for i in case.picture_ids]
        self.sources.previews.want(large, LARGE_PX)
        self.sources.thumbnails.want([*beside[: len(self._extra) + 8], *self._extra, *beside], SMALL_PX)
