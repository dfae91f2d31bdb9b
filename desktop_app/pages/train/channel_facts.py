"""What the Train page knows of the images' channels: how many, how deep, and how their values are spread."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.domain.changes import Changes
from core.errors import UserError
from core.progress import Progress
from core.translation import tr

if TYPE_CHECKING:
    from core.ingest.intensities import Histogram
    from core.store.pixel_kinds import PixelKind
    from core.store.project import Project
    from desktop_app.context import AppContext

Facts = tuple[list["PixelKind"], list["Histogram"], tuple[str, ...]]


class ChannelFacts(QObject):
    """Read in the background whenever images come in.

    Attributes
    ----------
    kinds
        The kinds of pixels there are, the most frequent first.
    histograms
        One a channel; empty where all images are 8-bit grey or RGB, or before they are measured.
    names
        Of the channels; empty where they have none.
    """

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.kinds: list[PixelKind] = []
        self.histograms: list[Histogram] = []
        self.names: tuple[str, ...] = ()

    @property
    def measured(self) -> bool:
        """Whether there are images of more than 8 bits, or with channels that are not grey or RGB."""
        return any(not kind.plain for kind in self.kinds)

    @property
    def count(self) -> int:
        """How many channels the images have, grey among RGB counting as RGB."""
        return max((kind.channels for kind in self.kinds), default=3)

    def refresh(self) -> None:
        """Look again, in the background."""
        project = self._context.project
        if project is None:
            self._use(([], [], ()))
            return

        def done(found: tuple[Facts, Changes]) -> None:
            if self._context.project is project:
                self._use(found[0])
                if found[1].display:
                    self._context.changed.emit(found[1])

        title = tr("Measuring intensities")
        self._context.tasks.run(title, lambda progress: _look(project, progress), done=done, quiet=True)

    def _use(self, found: Facts) -> None:
        self.kinds, self.histograms, self.names = found
        self.changed.emit()


def _look(project: Project, progress: Progress) -> tuple[Facts, Changes]:
    """Return the facts; how the images are shown is settled too, where an import before this version did not."""
    from core.domain.query import SampleQuery
    from core.ingest.intensities import ensure_display, histograms
    from core.store.display import display
    from core.store.pixel_kinds import pixel_kinds
    from core.store.samples import sample_ids

    kinds = pixel_kinds(project)
    if all(kind.plain for kind in kinds):
        return (kinds, [], ()), Changes()
    ids = np.sort(sample_ids(project, SampleQuery(unreadable=False)))
    changes = Changes()
    with suppress(UserError):  # where the project cannot be written, every image is shown through its own window
        changes = ensure_display(project, progress)
    look = display(project)
    names = tuple(channel.name for channel in look.channels) if look is not None else ()
    return (kinds, histograms(project, ids, kinds, progress), names if all(names) else ()), changes
