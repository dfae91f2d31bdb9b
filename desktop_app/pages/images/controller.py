"""The state of the Images page: the query, the samples it finds, the selection, the labels, and what is done to them.

No widget here: the page is built anew from this. One thing must stay true: what the grid shows was durable before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal

from core.domain.labels import Label
from core.domain.query import SampleQuery
from core.domain.query_line import format_query, parse_query
from core.domain.samples import Sample
from core.errors import UserError
from core.store import edits
from core.store import labels as label_store
from core.store.ledger import sample_history
from core.store.samples import Counts, counts, group_names, sample_ids
from core.translation import tr, tr_n
from desktop_app.pages.images.edit_queue import Change, EditQueue
from desktop_app.pages.images.headings import read_headings
from desktop_app.pages.images.ranking import Ranking
from desktop_app.pages.images.records import SampleRecords
from desktop_app.pages.images.suggestions import Suggestions
from desktop_app.pages.images.tiles import SampleTiles
from desktop_app.pages.page import Badge, PageController
from desktop_app.widgets.loupe_pictures import LoupePictures
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.widgets.sample_grid.tiles import Heading
from desktop_app.workers.project_pictures import ProjectPictures

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.domain.edits import Edit
    from desktop_app.context import AppContext

Ids = NDArray[np.int64]
Headings = list[tuple[Heading, int]]
SMALL_EDIT: Final = 2_000
DEFAULT_ZOOM_PX: Final = 104


class ImagesController(PageController):
    """What the Images page shows and does.

    Signals
    -------
    reloaded
        Another project, or none.
    query_changed
        `query`, `line` or `query_error`.
    found
        What the user asked for is in `grid`, in a new order perhaps; worth going to where the user looks.
    tiles_changed
        Something about samples in sight.
    labels_changed
        `labels`, `groups` or `counts`.
    focus_grid
        What the user typed beside the grid is done; the keyboard goes back to it.
    zoom_changed
        (px) `zoom_px`.
    """

    reloaded = Signal()
    query_changed = Signal()
    found = Signal()
    tiles_changed = Signal()
    labels_changed = Signal()
    focus_grid = Signal()
    zoom_changed = Signal(int)

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.grid = GridState(self)
        pictures = self.pictures = ProjectPictures(self)
        self.loupe_pictures = LoupePictures(pictures.deep, self, preview=pictures.at_hand, of_data_set=pictures.shared)
        self.records = SampleRecords(self.pictures.forget)
        self.suggestions = Suggestions(context, self)
        self.tiles = SampleTiles(self.records, lambda: self.labels_by_id, self.suggestions)
        self.ranking: Ranking | None = None
        self.query, self.line, self.query_error = SampleQuery(), "", ""
        self.labels: list[Label] = []
        self.labels_by_id: dict[int, Label] = {}
        self.groups: list[str] = []
        self.counts: Counts | None = None
        self.zoom_px = DEFAULT_ZOOM_PX
        self.loaded = False
        self._generation = 0
        self._refreshing = self._keeps_order = self._was_asked = False
        self._edits = EditQueue(context, lambda: not self._refreshing)
        context.project_changed.connect(self._project_changed)
        context.project_closing.connect(self._stop_reading)
        context.changed.connect(self._changed)
        self.grid.selection_changed.connect(self.badge_changed)
        self.suggestions.suggested.connect(self.tiles_changed)
        self.suggestions.ordered.connect(lambda ids, said: self.rank(Ranking(ids, said)))
        self.suggestions.fetched.connect(self._show_fetched)
        if context.project is not None:
            self._project_changed()

    # -- what is shown

    def badge(self) -> Badge:
        """How many images there are."""
        return Badge(f"{self.counts.samples:,}" if self.counts and self.counts.samples else "")

    def status(self) -> str:
        """Return the counts, such as “4,886 images · 3 labels · 364 groups · 5 selected”."""
        if self.counts is None:
            return ""
        parts = [tr_n("{n} image", "{n} images", self.counts.samples)]
        if len(self.grid) != self.counts.samples:
            parts.append(tr_n("{n} shown", "{n} shown", len(self.grid)))
        parts.append(tr_n("{n} label", "{n} labels", len(self.labels)))
        if self.counts.groups:
            parts.append(tr_n("{n} group", "{n} groups", self.counts.groups))
        if self.grid.selected_count:
            parts.append(tr_n("{n} selected", "{n} selected", self.grid.selected_count))
        if self.grid.hidden_count:
            parts.append(tr_n("{n} more selected, hidden", "{n} more selected, hidden", self.grid.hidden_count))
        return " · ".join(parts)

    def shown_sample(self) -> Sample | None:
        """Return what the inspector shows: the current sample."""
        current = self.grid.current_id
        return self.records.sample(current) if current is not None else None

    def history(self, sample_id: int) -> list[tuple[Edit, str, int | None, int | None]]:
        """Return what happened to a sample, newest first: edit, field, before, after."""
        project = self.context.project
        return sample_history(project, sample_id) if project is not None else []

    def label_for_key(self, key: str) -> Label | None:
        """Return the label that a key gives."""
        return next((label for label in self.labels if label.key and label.key.casefold() == key.casefold()), None)

    def set_zoom(self, zoom_px: int) -> None:
        """Make the tiles about `zoom_px` wide."""
        if zoom_px != self.zoom_px:
            self.zoom_px = zoom_px
            self.zoom_changed.emit(zoom_px)

    # -- the query

    def set_query(self, query: SampleQuery) -> None:
        """Show what `query` finds."""
        self._show_query(query, format_query(query))

    def set_line(self, line: str) -> None:
        """Show what the query line finds; where it is not understood, say so and go on showing what was there."""
        try:
            query = parse_query(line)
        except UserError as error:
            self.line, self.query_error = line, error.message
            self.query_changed.emit()
            return
        self._show_query(query, line)

    def clear_query(self) -> None:
        """Show everything again, sorted as it is."""
        self.set_query(SampleQuery(sort=self.query.sort, descending=self.query.descending))

    def rank(self, ranking: Ranking | None) -> None:
        """Show what the query finds in another order than its own; None goes back to that."""
        if ranking is not self.ranking:
            self.ranking = ranking
            self._find(keep_order=False, move_on=False, asked=True)
            self.query_changed.emit()

    def _show_fetched(self, ids: Ids) -> None:
        """Show the samples to label next, ready for the keyboard."""
        if len(ids):
            self.ranking = None
            self.set_query(SampleQuery(ids=tuple(ids.tolist())))
            self.focus_grid.emit()
        else:
            self.context.message.emit(tr("Every image that can be used has a label."))

    def is_filtered(self) -> bool:
        """Say whether the query leaves anything out that is normally shown."""
        return replace(self.query, sort=SampleQuery().sort, descending=False) != SampleQuery()

    def refresh(self) -> None:
        """Read everything again: files that may have changed, and what the query finds, in its order."""
        self.pictures.forget()
        self.records.forget(None)
        self._find(keep_order=False, move_on=False)
        self._count()

    # -- what the user does

    def give_label(self, name: str | None, *, only_current: bool = False) -> None:
        """Give the selected samples (or the current one alone) a label, made if it is new; None takes theirs away."""
        self._edit(lambda ids: lambda project: edits.set_label(project, ids, name), only_current)

    def add_label(self, name: str) -> None:
        """Make a label, and give it to what is selected, if anything is."""
        if self.grid.selected_count:
            self.give_label(name)
        else:
            self.context.edit(lambda project: label_store.add_label(project, name))

    def exclude(self, *, only_current: bool = False) -> None:
        """Leave the selected out of everything; where all of them are already, take them in again."""

        def make(ids: Ids) -> Change:
            excluded = not self._all_excluded(ids)
            return lambda project: edits.set_excluded(project, ids, excluded)

        self._edit(make, only_current)

    def queue_edit(self, change: Change) -> None:
        """Make a change as soon as everything before it shows."""
        self._edits.add(lambda: change)

    def rename_label(self, old: str, new: str) -> None:
        """Give a label another name."""
        self.context.edit(lambda project: label_store.rename_label(project, old, new))

    def recolour_label(self, name: str, colour: str) -> None:
        """Give a label another colour, ``#RRGGBB``."""
        self.context.edit(lambda project: label_store.set_label_colour(project, name, colour))

    def set_label_key(self, name: str, key: str) -> None:
        """Give a label the key that applies it."""
        self.context.edit(lambda project: label_store.set_label_key(project, name, key))

    def _edit(self, make: Callable[[Ids], Change], only_current: bool) -> None:
        def change() -> Change | None:
            at = max(0, self.grid.current)
            ids = self.grid.ids[at : at + 1] if only_current else self.grid.selected_ids
            if not len(ids):
                self.context.message.emit(tr("Select images first."))
                return None
            return make(ids)

        self._edits.add(change)

    def _all_excluded(self, ids: Ids) -> bool:
        if self.query.excluded is not None:
            return self.query.excluded
        self.records.prepare(ids[:SMALL_EDIT].tolist())
        samples = (self.records.sample(i) for i in ids[:SMALL_EDIT].tolist())
        return all(sample is not None and sample.excluded for sample in samples)

    # -- keeping up with the project

    def _project_changed(self) -> None:
        project = self.context.project
        self._edits.clear()
        self._generation += 1
        self._refreshing = False
        self.loaded = False
        self.records.use(project)
        self.pictures.use(project)
        self.query, self.line, self.query_error, self.ranking = SampleQuery(), "", "", None
        self.counts, self.labels, self.labels_by_id, self.groups = None, [], {}, []
        self.grid.set_ids(np.empty(0, np.int64), move_on=True, headings=[])
        if project is not None:
            self._read_labels()
            self._find(keep_order=False, move_on=False)
            self._count()
        self.reloaded.emit()
        self.query_changed.emit()
        self.badge_changed.emit()

    def _stop_reading(self) -> None:
        self.loupe_pictures.close()
        self.pictures.use(None)

    def _changed(self, changes: Changes) -> None:
        if changes.samples or changes.display:
            self.records.forget(None)
        if changes.labels:
            self._read_labels()
        if changes.sample_ids is not None:
            self.records.forget(changes.sample_ids.tolist())
            self._settle(changes.sample_ids)
        elif changes.samples:
            self._find(keep_order=False, move_on=False)
        if changes.samples or changes.display or changes.labels or changes.sample_ids is not None:
            self._count()
            self.tiles_changed.emit()

    def _settle(self, touched: Ids) -> None:
        """Let those that no longer match leave; few are asked for at once, many in the background."""
        project = self.context.project
        if project is None or len(touched) > SMALL_EDIT or self._refreshing or self.query.by is not None:
            self._find(keep_order=True, move_on=True)
            return
        among = touched if self.query.ids is None else np.intersect1d(touched, np.array(self.query.ids, np.int64))
        matching = sample_ids(project, replace(self.query, ids=tuple(among.tolist())))
        if not np.isin(matching, self.grid.ids).all():
            self._find(keep_order=True, move_on=True)
            return
        gone = np.isin(self.grid.ids, np.setdiff1d(touched, matching))
        if gone.any():
            self.grid.set_ids(self.grid.ids[~gone], move_on=True)

    def _show_query(self, query: SampleQuery, line: str) -> None:
        changed = query != self.query
        if (query.sort, query.descending) != (self.query.sort, self.query.descending):
            self.ranking = None
        self.query, self.line, self.query_error = query, line, ""
        if changed:
            self._find(keep_order=False, move_on=False, asked=True)
        self.query_changed.emit()

    def _find(self, *, keep_order: bool, move_on: bool, asked: bool = False) -> None:
        """Ask what the query finds, in the background; a later call makes the answer of an earlier one void.

        `asked`: by the user, who wants to see the answer from its start.
        """
        project, query = self.context.project, self.query
        if project is None:
            return
        if self._refreshing:
            # The answer of the earlier search will never be shown: what it was to do is for this one to do.
            keep_order, asked = keep_order and self._keeps_order, asked or self._was_asked
        self._keeps_order, self._was_asked = keep_order, asked
        self._generation += 1
        generation = self._generation
        self._refreshing = True

        def show(answer: tuple[Ids, Headings]) -> None:
            if generation == self._generation:
                self.loaded = True
                self._show(*answer, keep_order=keep_order and query.by is None, move_on=move_on)
                if asked:
                    self.found.emit()

        def ended() -> None:
            if generation == self._generation:
                self._refreshing = False
                self._edits.proceed()

        ranking, labels = self.ranking, self.labels

        def search(_: object) -> tuple[Ids, Headings]:
            found = sample_ids(project, query)
            if ranking is not None:
                return ranking.arrange(found), []
            return found, read_headings(project, query, labels)

        job = self.context.tasks.run(tr("Searching"), search, done=show, quiet=True)
        job.ended.connect(ended)

    def _show(self, found: Ids, headings: Headings, *, keep_order: bool, move_on: bool) -> None:
        shown = self.grid.ids
        if keep_order and len(shown):
            # An edit must not make things jump: what stays keeps its place, even where it would be sorted elsewhere.
            stays = np.isin(shown, found)
            if int(np.count_nonzero(stays)) == len(found):
                found = shown[stays]
        if not np.array_equal(found, shown) or headings or self.grid.headings:
            self.grid.set_ids(found, move_on=move_on, headings=headings)
        self.tiles_changed.emit()
        self.badge_changed.emit()

    def _read_labels(self) -> None:
        project = self.context.project
        if project is None:
            return
        self.labels = label_store.labels(project)
        self.labels_by_id = {label.id: label for label in self.labels}
        self.labels_changed.emit()

    def _count(self) -> None:
        project = self.context.project
        if project is None:
            return

        def show(found: tuple[Counts, list[str]]) -> None:
            if self.context.project is project:
                self.counts, self.groups = found
                self.labels_changed.emit()
                self.badge_changed.emit()

        def read(_: object) -> tuple[Counts, list[str]]:
            return counts(project), sorted(group_names(project).values())

        self.context.tasks.run(tr("Counting"), read, done=show, quiet=True)
