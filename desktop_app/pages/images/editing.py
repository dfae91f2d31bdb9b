"""What the user does to samples and labels on the Images page; every change is an edit in the ledger.

How many labels an image has is asked of the project when the edit is made: whatever waits before it may change that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import SampleState, Split
from core.domain.task import Task
from core.store import edits, toggles
from core.store import labels as label_store
from core.store.merge_labels import merge_labels
from core.store.tags import recent_reasons
from core.store.task import project_task, set_task
from core.translation import tr, tr_n
from desktop_app.pages.images.edit_queue import Change, EditQueue
from desktop_app.pages.images.searcher import SMALL_EDIT, Searcher

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.store.project import Project
    from desktop_app.context import AppContext
    from desktop_app.pages.images.records import SampleRecords
    from desktop_app.widgets.sample_grid.state import GridState

Ids = NDArray[np.int64]


class Editing:
    """Changes what is selected, one edit after the other; and the list of labels."""

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

    # -- samples

    def give_label(self, name: str | None, *, only_current: bool = False) -> None:
        """Give the selected samples (or the current one alone) a label, made if it is new; None takes theirs away.

        Where an image has many labels it comes beside those they have, and None says that none of them is known.
        """
        self.change(lambda ids: lambda project: _give(project, ids, name), only_current=only_current)

    def press_label(self, name: str, *, only_current: bool = False) -> None:
        """Do what the label's key does: give it; where an image has many labels and all have it, take it away."""

        def make(ids: Ids) -> Change:
            return lambda project: (
                toggles.toggle_label(project, ids, name) if _is_multi(project) else edits.set_label(project, ids, name)
            )

        self.change(make, only_current=only_current)

    def none_of_these(self, *, only_current: bool = False) -> None:
        """Say that the samples are known to have none of the labels."""
        self.change(lambda ids: lambda project: edits.set_labels(project, ids, ()), only_current=only_current)

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

    def set_state(self, state: SampleState, reason: str = "", *, only_current: bool = False) -> None:
        """Say that the samples are uncertain or ungradable, and why, or neither."""
        self.change(
            lambda ids: lambda project: edits.set_state(project, ids, state, reason or None), only_current=only_current
        )

    def repeat_state(self, state: SampleState, *, only_current: bool = False) -> None:
        """Say so for the reason that was given last; where all are so for that reason, nothing changes."""

        def make(ids: Ids) -> Change:
            return lambda project: edits.set_state(
                project, ids, state, next(iter(recent_reasons(project, most=1)), None)
            )

        self.change(make, only_current=only_current)

    def toggle_tag(self, tag: str, *, only_current: bool = False) -> None:
        """Put a tag on the samples; where all have it, take it off."""
        self.change(lambda ids: lambda project: toggles.toggle_tag(project, ids, tag), only_current=only_current)

    def pin(self, split: Split | None, *, only_current: bool = False) -> None:
        """Keep the samples, with the whole of their groups, in a split; None lets them go again."""
        self.change(lambda ids: lambda project: edits.set_pin(project, ids, split), only_current=only_current)

    # -- the list of labels

    def rename_label(self, old: str, new: str) -> None:
        """Give a label another name."""
        self._context.edit(lambda project: label_store.rename_label(project, old, new))

    def recolour_label(self, name: str, colour: str) -> None:
        """Give a label another colour, ``#RRGGBB``."""
        self._context.edit(lambda project: label_store.set_label_colour(project, name, colour))

    def reglyph_label(self, name: str, glyph: str) -> None:
        """Give a label another glyph."""
        self._context.edit(lambda project: label_store.set_label_glyph(project, name, glyph))

    def set_label_key(self, name: str, key: str) -> None:
        """Give a label the key that applies it."""
        self._context.edit(lambda project: label_store.set_label_key(project, name, key))

    def move_label(self, name: str, parent: str | None, before: str | None = None) -> None:
        """Put a label below another (None: at the top), in front of `before` or at the end."""
        self._context.edit(lambda project: label_store.move_label(project, name, parent, before))

    def sort_labels(self, names: list[str]) -> None:
        """Put the labels into this order."""
        self._context.edit(lambda project: label_store.reorder_labels(project, names))

    def merge_labels(self, names: list[str], into: str) -> None:
        """Give the images of some labels another one instead; they leave the list."""
        self.queue(lambda project: merge_labels(project, names, into))

    def remove_label(self, name: str) -> None:
        """Take a label that no image has out of the list."""
        self._context.edit(lambda project: label_store.remove_label(project, name))

    def set_task(self, task: Task) -> None:
        """Let an image have one label, or any number."""
        self.queue(lambda project: set_task(project, task))

    # -- in their turn

    def queue(self, change: Change) -> None:
        """Make a change as soon as everything before it shows."""
        self._edits.add(lambda: change)

    def chosen_ids(self, *, only_current: bool = False) -> Ids:
        """Return the ids of the selected samples, or of the current one alone."""
        at = max(0, self._grid.current)
        return self._grid.ids[at : at + 1] if only_current else self._grid.selected_ids

    def change(self, make: Callable[[Ids], Change], *, only_current: bool = False) -> None:
        """Do what `make` returns for the ids of the selected samples (or the current one alone), in its turn."""

        def change() -> Change | None:
            ids = self.chosen_ids(only_current=only_current)
            if not len(ids):
                self._context.message.emit(tr("Select images first."))
                return None
            return make(ids)

        def title() -> Callable[[], str]:
            count = 1 if only_current else self._grid.selected_count
            return lambda: tr_n("Changing {n} image", "Changing {n} images", count)

        self._edits.add(change, title)

    def _all_excluded(self, ids: Ids) -> bool:
        excluded = self._searcher.query.excluded
        if excluded is not None:
            return excluded
        self._records.prepare(ids[:SMALL_EDIT].tolist())
        samples = (self._records.sample(i) for i in ids[:SMALL_EDIT].tolist())
        return all(sample is not None and sample.excluded for sample in samples)


def _is_multi(project: Project) -> bool:
    return project_task(project) is Task.MULTI


def _give(project: Project, ids: Ids, name: str | None) -> Changes:
    if name is None or not _is_multi(project):
        return edits.set_label(project, ids, name)
    return edits.add_label_to(project, ids, name)
