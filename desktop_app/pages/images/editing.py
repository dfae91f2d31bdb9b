"""What the user does to samples and labels on the Images page; every change is an edit in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.store import edits
from core.store import labels as label_store
from core.translation import tr
from desktop_app.pages.images.edit_queue import Change, EditQueue
from desktop_app.pages.images.searcher import SMALL_EDIT, Searcher

if TYPE_CHECKING:
    from desktop_app.context import AppContext
    from desktop_app.pages.images.records import SampleRecords
    from desktop_app.widgets.sample_grid.state import GridState

Ids = NDArray[np.int64]


class Editing:
    """Labels and excludes what is selected, one edit after the other; and changes the list of labels."""

    def __init__(
        self,
        context: AppContext,
        grid: GridState,
        searcher: Searcher,
        records: SampleRecords,
    ) -> None:
        self._context, self._grid, self._searcher, self._records = context, grid, searcher, records
        self._edits = EditQueue(context, lambda: not searcher.busy)
        searcher.settled.connect(self._edits.proceed)

    def clear(self) -> None:
        """Forget what waits to be done."""
        self._edits.clear()

    def give_label(self, name: str | None, *, only_current: bool = False) -> None:
        """Give the selected samples (or the current one alone) a label, made if it is new; None takes theirs away."""
        self.change(lambda ids: lambda project: edits.set_label(project, ids, name), only_current=only_current)

    def add_label(self, name: str) -> None:
        """Make a label, and give it to what is selected, if anything is."""
        if self._grid.selected_count:
            self.give_label(name)
        else:
            self._context.edit(lambda project: label_store.add_label(project, name))

    def exclude(self, *, only_current: bool = False) -> None:
        """Leave the selected out of everything; where all of them are already, take them in again."""

        def make(ids: Ids) -> Change:
            excluded = not self._all_excluded(ids)
            return lambda project: edits.set_excluded(project, ids, excluded)

        self.change(make, only_current=only_current)

    def rename_label(self, old: str, new: str) -> None:
        """Give a label another name."""
        self._context.edit(lambda project: label_store.rename_label(project, old, new))

    def recolour_label(self, name: str, colour: str) -> None:
        """Give a label another colour, ``#RRGGBB``."""
        self._context.edit(lambda project: label_store.set_label_colour(project, name, colour))

    def set_label_key(self, name: str, key: str) -> None:
        """Give a label the key that applies it."""
        self._context.edit(lambda project: label_store.set_label_key(project, name, key))

    def queue(self, change: Change) -> None:
        """Make a change as soon as everything before it shows."""
        self._edits.add(lambda: change)

    def change(self, make: Callable[[Ids], Change], *, only_current: bool = False) -> None:
        """Do what `make` returns for the ids of the selected samples (or the current one alone), in its turn."""

        def change() -> Change | None:
            at = max(0, self._grid.current)
            ids = self._grid.ids[at : at + 1] if only_current else self._grid.selected_ids
            if not len(ids):
                self._context.message.emit(tr("Select images first."))
                return None
            return make(ids)

        self._edits.add(change)

    def _all_excluded(self, ids: Ids) -> bool:
        excluded = self._searcher.query.excluded
        if excluded is not None:
            return excluded
        self._records.prepare(ids[:SMALL_EDIT].tolist())
        samples = (self._records.sample(i) for i in ids[:SMALL_EDIT].tolist())
        return all(sample is not None and sample.excluded for sample in samples)
