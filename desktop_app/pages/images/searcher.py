"""Finding what the query asks for, in the background, and keeping the grid at it while samples change.

While another page is shown, what changes there waits until this one is: of a million samples it would take that page
half a frame after every decision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from core.domain.labels import Label
from core.domain.query import SampleQuery
from core.domain.sample_ids import SampleIds
from core.store.samples import sample_ids
from core.translation import tr
from desktop_app.pages.images.headings import read_headings
from desktop_app.pages.images.ranking import Ranking
from desktop_app.widgets.sample_grid.state import GridState, among
from desktop_app.widgets.sample_grid.tiles import Heading
from desktop_app.workers.task_runner import JobState

if TYPE_CHECKING:
    from desktop_app.context import AppContext
    from desktop_app.workers.task_runner import Job

Ids = NDArray[np.int64]
Headings = list[tuple[Heading, int]]
SMALL_EDIT: Final = 2_000
"""Up to so many samples, what became of them is asked for at once: that takes a few milliseconds."""
SLOW_MS: Final = 150
"""A search that takes longer says that it is on its way; a shorter one would only flicker."""
_PAGE: Final = "images"


class Searcher(QObject):
    """Puts what `query` finds into the grid, in the order of `ranking` if there is one.

    Signals
    -------
    shown
        The grid shows what was found.
    found
        The same, and the user had asked for it: worth going to where they look.
    settled
        Nothing is being looked for any more.
    slow_changed
        `slow`.

    Attributes
    ----------
    query, ranking
        What is looked for, and an order that no query can ask for; call `find` after changing them.
    loaded
        Whether anything was found yet since the project was opened.
    busy
        Whether an answer is awaited.
    slow
        Whether it has been awaited for so long that the user should be told.
    unread
        Whether what is looked for cannot be read: then nothing is shown, whatever changes.
    failed
        Whether the last search ended with an error: nothing is shown until another one succeeds.
    """

    shown = Signal()
    found = Signal()
    settled = Signal()
    slow_changed = Signal()

    def __init__(self, context: AppContext, grid: GridState, labels: Callable[[], Sequence[Label]]) -> None:
        super().__init__()
        self._context, self._grid, self._labels = context, grid, labels
        self._generation = 0
        self._keeps_order = self._was_asked = False
        self.query = SampleQuery()
        self.ranking: Ranking | None = None
        self.loaded = self.busy = self.slow = self.unread = self.failed = False
        self._job: Job | None = None
        self._before: tuple[SampleQuery, Ranking | None] = (self.query, None)
        self._after_edit = False
        self._patience = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._patience.timeout.connect(lambda: self._set_slow(self.busy))
        self._attended, self._unsettled = True, list[Ids]()
        context.navigated.connect(self._attend)

    def reset(self) -> None:
        """Begin again with another project, or none: every image, none found yet."""
        self._generation += 1
        # The window shows its first page of a project without being asked to.
        self._attended, self._unsettled = True, []
        self.query, self.ranking = SampleQuery(), None
        self._before, self._after_edit = (self.query, None), False
        self.loaded = self.busy = self.unread = self.failed = False
        self._set_slow(False)
        self._grid.set_ids(np.empty(0, np.int64), move_on=True, headings=[])
        self._grid.drop_hidden()

    def find(self, *, keep_order: bool = False, move_on: bool = False, asked: bool = False) -> None:
        """Ask what the query finds, in the background; a later call makes the answer of an earlier one void.

        Parameters
        ----------
        keep_order
            Whether what stays keeps its place, even where it would be sorted elsewhere now.
        move_on
            As in `GridState.set_ids`.
        asked
            By the user, who wants to see the answer from its start.
        """
        project, query, ranking, labels = self._context.project, self.query, self.ranking, self._labels()
        if project is None or self.unread:
            return
        keep_order, asked = self._begin(keep_order, asked)
        generation = self._generation

        def search(_: object) -> tuple[Ids, Headings]:
            found = sample_ids(project, query)
            if ranking is not None:
                return ranking.arrange(found), []
            return found, read_headings(project, query, labels)

        def show(answer: tuple[Ids, Headings]) -> None:
            if generation == self._generation:
                self.loaded, self.failed, self._before = True, False, (query, ranking)
                self._show(*answer, keep_order=keep_order and query.by is None, move_on=move_on)
                if asked:
                    self.found.emit()

        job = self._job = self._context.tasks.run(tr("Searching"), search, done=show, quiet=True)
        job.ended.connect(lambda: self._ended(generation, failed=job.state is JobState.FAILED))

    def _ended(self, generation: int, *, failed: bool) -> None:
        if generation != self._generation:
            return
        if failed:
            self.failed = True
            self._show_none()
        self._stop_waiting()

    def stop_unread(self) -> None:
        """Show nothing, and look for nothing, until `find` is called with `unread` taken back."""
        self._generation += 1
        if self._job is not None:
            self._job.cancel()
        self.unread = True
        self._show_none()
        self._stop_waiting()

    def _show_none(self) -> None:
        """Leave nothing to be edited, by what waits for the search either: what was there is not what was asked for.

        What was selected is kept, hidden.
        """
        self._show(np.empty(0, np.int64), [], keep_order=False, move_on=False)

    def _begin(self, keep_order: bool, asked: bool) -> tuple[bool, bool]:
        """Make the answer awaited so far void; return how the new one is to be shown."""
        self._after_edit = (self.busy and self._after_edit) or not asked
        if self.busy:
            # The answer of the earlier search will never be shown: what it was to do is for this one to do.
            keep_order, asked = keep_order and self._keeps_order, asked or self._was_asked
        else:
            self._patience.start()
        self._keeps_order, self._was_asked = keep_order, asked
        self._generation += 1
        self.busy = True
        return keep_order, asked

    def give_up(self) -> bool:
        """Stop looking for what another query finds and go back to the one shown; False where none is looked for."""
        query, ranking = self._before
        if not self.busy or not self.loaded or (self.query == query and self.ranking is ranking):
            return False
        self._generation += 1
        if self._job is not None:
            self._job.cancel()
        self.query, self.ranking = query, ranking
        self._stop_waiting()
        if self._after_edit:
            # What samples became meanwhile is still to be shown.
            self.find(keep_order=True)
        return True

    def _stop_waiting(self) -> None:
        self.busy = False
        self._set_slow(False)
        self.settled.emit()

    def _set_slow(self, slow: bool) -> None:
        if not slow:
            self._patience.stop()
        if slow != self.slow:
            self.slow = slow
            self.slow_changed.emit()

    def settle(self, touched: Ids) -> None:
        """Let those that no longer match leave; few are asked for at once, many in the background."""
        if self._attended:
            self._settle(touched)
        else:
            self._unsettled.append(touched)

    def _attend(self, page_id: str, _: dict[str, object]) -> None:
        """Catch up with what changed while another page was shown."""
        self._attended = page_id == _PAGE
        if self._attended and self._unsettled:
            touched, self._unsettled = np.unique(np.concatenate(self._unsettled)), []
            self._settle(touched)

    def _settle(self, touched: Ids) -> None:
        project = self._context.project
        if self.unread:
            return
        if project is None or len(touched) > SMALL_EDIT or self.busy or self.query.by is not None:
            self.find(keep_order=True, move_on=True)
            return
        asked = touched if self.query.ids is None else np.intersect1d(touched, np.asarray(self.query.ids, np.int64))
        matching = sample_ids(project, replace(self.query, ids=SampleIds(asked)))
        if not self._grid.all_shown(matching):
            self.find(keep_order=True, move_on=True)
            return
        left = np.setdiff1d(touched, matching)
        # Usually nothing leaves: then nothing is done that takes longer the more images there are.
        gone = among(self._grid.ids, left) if len(left) else None
        if gone is not None and gone.any():
            self._grid.set_ids(self._grid.ids[~gone], move_on=True)

    def _show(self, found: Ids, headings: Headings, *, keep_order: bool, move_on: bool) -> None:
        before = self._grid.ids
        if keep_order and len(before):
            # An edit must not make things jump: what stays keeps its place, even where it would be sorted elsewhere.
            stays = among(before, found)
            if int(np.count_nonzero(stays)) == len(found):
                found = before[stays]
        if not np.array_equal(found, before) or headings or self._grid.headings:
            self._grid.set_ids(found, move_on=move_on, headings=headings)
        self.shown.emit()
