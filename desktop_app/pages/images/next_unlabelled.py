"""Going on to the next image that has no label, in the order shown, however many there are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.store.samples import sample_ids
from core.translation import tr

if TYPE_CHECKING:
    from desktop_app.pages.images.controller import ImagesController


def go_to_next_unlabelled(controller: ImagesController) -> None:
    """Select the next sample without a label, so that the next key acts on it; after the last, begin at the first."""
    project, query, context = controller.context.project, controller.query, controller.context
    at, shown = controller.grid.current, controller.grid.ids
    if project is None or at < 0:
        return

    def find(_: object) -> int | None:
        without = np.isin(shown, sample_ids(project, replace(query, labels=(None,))))
        without[at] = False
        found = np.flatnonzero(np.roll(without, -at))
        return int(shown[(found[0] + at) % len(shown)]) if len(found) else None

    def go(sample_id: int | None) -> None:
        index = controller.grid.index_of(sample_id) if sample_id is not None else -1
        if index >= 0:
            controller.grid.select_only(index)
        else:
            context.message.emit(tr("Every other image shown has a label."))

    context.tasks.run(tr("Searching"), find, done=go, quiet=True)
