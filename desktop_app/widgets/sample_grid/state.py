"""What a grid shows and what is selected in it, apart from any widget, so that it outlives them.

The selection is a mask over the rows, so that a million samples are selected, inverted or counted within a frame;
across a change of the ids it is kept by id. Samples that were selected and that a filter hides stay selected, but
no action reaches them until they are shown again (`selected_ids` are the visible ones).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from desktop_app.widgets.sample_grid.tiles import Heading

Ids = NDArray[np.int64]


_TABLE: Final = 2**26
"""Ids below this are looked up in a table of one byte each: four times as quick as a general comparison."""


def among(ids: Ids, others: Ids) -> NDArray[np.bool_]:
    """Return (N,) which of `ids` are among `others`; a million of each within a few milliseconds."""
    if not len(ids) or not len(others):
        return np.zeros(len(ids), np.bool_)
    top = max(int(ids.max()), int(others.max()))
    if top >= _TABLE or min(int(ids.min()), int(others.min())) < 0 or len(ids) + len(others) < 1000:
        return np.isin(ids, others)
    found: NDArray[np.bool_] = _table_of(others, top)[ids]
    return found


def _table_of(ids: Ids, top: int) -> NDArray[np.bool_]:
    table = np.zeros(top + 1, np.bool_)
    table[ids] = True
    return table


def _no_ids() -> Ids:
    return np.empty(0, np.int64)


class GridState(QObject):
    """Ids in the order shown, the selection, and the current one (where the keyboard is)."""

    ids_changed = Signal()
    selection_changed = Signal()
    current_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids = _no_ids()
        self._shown: NDArray[np.bool_] | None = None
        self._mask = np.zeros(0, np.bool_)
        self._hidden = _no_ids()
        self._count = 0
        self._current = -1
        self._anchor = -1
        self._headings: tuple[Heading, ...] = ()
        self._under: NDArray[np.int32] = np.zeros(0, np.int32)
        self._starts: NDArray[np.intp] = np.zeros(0, np.intp)

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings that have any under them, in order; none where the samples are not grouped."""
        return self._headings

    @property
    def starts(self) -> NDArray[np.intp]:
        """(S,) index of the first under each heading."""
        return self._starts

    @property
    def ids(self) -> Ids:
        """(N,) int64, in the order shown."""
        return self._ids

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def selected_ids(self) -> Ids:
        """(M,) int64, the selected ones that are shown, in the order shown."""
        return self._ids[self._mask]

    @property
    def selected_count(self) -> int:
        """How many of the shown are selected."""
        return self._count

    @property
    def hidden_count(self) -> int:
        """How many are selected but not shown."""
        return len(self._hidden)

    @property
    def hidden_ids(self) -> Ids:
        """(H,) int64, those that are selected but not shown."""
        return self._hidden

    def drop_hidden(self) -> None:
        """Let go of those that are selected but not shown."""
        if len(self._hidden):
            self._hidden = _no_ids()
            self.selection_changed.emit()

    @property
    def current(self) -> int:
        """Index of the current one, or -1 where nothing is shown."""
        return self._current

    @property
    def current_id(self) -> int | None:
        """Id of the current one."""
        return int(self._ids[self._current]) if self._current >= 0 else None

    def is_selected(self, index: int) -> bool:
        """Say whether the one at `index` is selected."""
        return bool(self._mask[index])

    def index_of(self, sample_id: int) -> int:
        """Return where a sample is shown, or -1."""
        found = np.flatnonzero(self._ids == sample_id)
        return int(found[0]) if len(found) else -1

    def all_shown(self, ids: Ids) -> bool:
        """Say whether all of `ids` are shown; however many others are, once it was asked."""
        if not len(ids) or not len(self._ids):
            return not len(ids)
        top = int(self._ids.max()) if self._shown is None else len(self._shown) - 1
        if top >= _TABLE or int(ids.min()) < 0:
            return bool(among(ids, self._ids).all())
        if self._shown is None:
            self._shown = _table_of(self._ids, top)
        return int(ids.max()) <= top and bool(self._shown[ids].all())

    def set_ids(
        self, ids: Ids, *, move_on: bool = False, headings: Sequence[tuple[Heading, int]] | None = None
    ) -> None:
        """Show other ids; selection and current one are kept by id.

        Parameters
        ----------
        ids
            (N,) int64, without duplicates.
        move_on
            Whether those that left did so because of what was just done to them: then they leave the selection, and
            if nothing shown is left of it, the next one is selected, so that the work goes on from there. Those
            that were hidden already were not reached by it, and stay selected.
        headings
            The headings, and how many of the ids stand under each, in order; () for none. Without them, `ids` are
            some of those shown, in the same order, and stay under the headings they had.
        """
        self._group(ids, headings)
        selected = np.concatenate([self.selected_ids, self._hidden])
        keeping = self._hidden if move_on else selected
        had_selection = self._count > 0
        following = self._survivor(ids)
        self._ids, self._shown = ids, None
        self._mask = among(ids, selected)
        self._hidden = keeping[~among(keeping, ids)]
        self._current = self._anchor = self.index_of(following) if following is not None else min(0, len(ids) - 1)
        if move_on and had_selection and not self._mask.any() and self._current >= 0:
            self._mask[self._current] = True
        self._count = int(np.count_nonzero(self._mask))
        self.ids_changed.emit()
        self.current_changed.emit()
        self.selection_changed.emit()

    def _group(self, ids: Ids, headings: Sequence[tuple[Heading, int]] | None) -> None:
        """Put `ids` under headings, keeping only those that have any."""
        if headings is None:
            if not self._headings:
                return
            under, every = self._under[among(self._ids, ids)], self._headings
            counts = np.bincount(under, minlength=len(every))
        else:
            every, counts = tuple(heading for heading, _ in headings), np.array([count for _, count in headings], int)
        used = np.flatnonzero(counts)
        counts = counts[used]
        self._headings = tuple(every[number] for number in used.tolist())
        self._under = np.repeat(np.arange(len(used), dtype=np.int32), counts)
        self._starts = (np.cumsum(counts) - counts).astype(np.intp)

    def select_only(self, index: int) -> None:
        """Select one and make it the current one."""
        self._replace(np.array([index], np.intp))
        self._anchor = index
        self._set_current(index)

    def toggle(self, index: int) -> None:
        """Add one to the selection or take it out, and make it the current one."""
        self._mask[index] = not self._mask[index]
        self._anchor = index
        self._changed()
        self._set_current(index)

    def extend_to(self, index: int) -> None:
        """Select from where the last plain selection was made to `index`."""
        anchor = self._anchor if self._anchor >= 0 else index
        low, high = min(anchor, index), max(anchor, index)
        self._replace(np.arange(low, high + 1, dtype=np.intp))
        self._set_current(index)

    def move_to(self, index: int, *, extend: bool = False, keep: bool = False) -> None:
        """Go to `index` (brought into range) with the keyboard, selecting it, the range to it, or nothing (`keep`)."""
        if not len(self._ids):
            return
        index = max(0, min(index, len(self._ids) - 1))
        if extend:
            self.extend_to(index)
        elif keep:
            self._set_current(index)
        else:
            self.select_only(index)

    def select_indexes(self, indexes: NDArray[np.intp], *, base: NDArray[np.bool_] | None = None) -> None:
        """Select exactly these, and those of the mask `base` as well."""
        mask = np.zeros(len(self._ids), np.bool_) if base is None else base.copy()
        mask[indexes] = True
        if base is None:
            self._hidden = _no_ids()
        self._mask = mask
        self._changed()

    def mask(self) -> NDArray[np.bool_]:
        """Return a copy of the (N,) selection mask."""
        return self._mask.copy()

    def select_ids(self, ids: Ids) -> None:
        """Select exactly these of the shown, and make the first of them the current one."""
        indexes = np.flatnonzero(among(self._ids, ids))
        self._replace(indexes)
        if len(indexes):
            self._anchor = int(indexes[0])
            self._set_current(self._anchor)

    def select_all(self) -> None:
        """Select every one shown."""
        self._hidden = _no_ids()
        self._mask = np.ones(len(self._ids), np.bool_)
        self._changed()

    def select_none(self) -> None:
        """Select nothing."""
        self._replace(np.empty(0, np.intp))

    def invert(self) -> None:
        """Select those that are not, and only those."""
        self._hidden = _no_ids()
        self._mask = ~self._mask
        self._changed()

    def set_current(self, index: int) -> None:
        """Make the one at `index` the current one without touching the selection."""
        self._anchor = index
        self._set_current(index)

    def _replace(self, indexes: NDArray[np.intp]) -> None:
        self.select_indexes(indexes)

    def _changed(self) -> None:
        self._count = int(np.count_nonzero(self._mask))
        self.selection_changed.emit()

    def _set_current(self, index: int) -> None:
        if index != self._current:
            self._current = index
            self.current_changed.emit()

    def _survivor(self, ids: Ids) -> int | None:
        """Return the current id if it stays, else the nearest after it that does, else the nearest before it."""
        if self._current < 0:
            return None
        current = int(self._ids[self._current])
        if np.any(ids == current):
            return current
        stays = among(self._ids, ids)
        after = np.flatnonzero(stays[self._current :])
        if len(after):
            return int(self._ids[self._current + after[0]])
        before = np.flatnonzero(stays[: self._current])
        return int(self._ids[before[-1]]) if len(before) else None
