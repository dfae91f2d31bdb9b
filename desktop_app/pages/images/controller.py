"""The state of the Images page: the query, the samples it finds, the selection, the labels, and what is done to them.

No widget here: the page is built anew from this. One thing must stay true: what the grid shows was durable before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal

from core.domain.labels import Label
from core.domain.query import SampleQuery
from core.domain.query_line import format_query, parse_query
from core.domain.sample_ids import SampleIds
from core.domain.samples import Sample
from core.domain.task import Task
from core.errors import UserError
from core.store import labels as label_store
from core.store.history_words import HistoryWords
from core.store.label_totals import label_totals
from core.store.ledger import sample_history
from core.store.runs import get_run
from core.store.samples import Counts, counts, group_names
from core.store.task import project_task
from core.translation import tr, tr_n
from desktop_app.pages.images.editing import Editing
from desktop_app.pages.images.known_words import KnownWords
from desktop_app.pages.images.label_list import LabelList
from desktop_app.pages.images.ranking import Ranking
from desktop_app.pages.images.records import SampleRecords
from desktop_app.pages.images.saved_views import SavedViews
from desktop_app.pages.images.searcher import Searcher
from desktop_app.pages.images.selection_facts import SelectionFacts
from desktop_app.pages.images.suggestions import Suggestions
from desktop_app.pages.images.tiles import SampleTiles
from desktop_app.pages.page import Badge, PageController
from desktop_app.widgets.amounts import short_count
from desktop_app.widgets.loupe_pictures import LoupePictures
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.workers.project_pictures import ProjectPictures
from desktop_app.workers.rereading import Rereading

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.domain.edits import Edit
    from core.store.project import Project
    from desktop_app.context import AppContext

Ids = NDArray[np.int64]
DEFAULT_ZOOM_PX: Final = 104
MOST_WRITTEN: Final = 2_000
"""Samples chosen elsewhere (on the map, in the history): so many are written out in the query line."""


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
        `labels`, `task`, `groups`, `counts` or `totals`.
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
        self.searcher = Searcher(context, self.grid, lambda: self.labels)
        self.editing = Editing(context, self.grid, self.searcher, self.records)
        self._counting = Rereading(context, lambda: tr("Counting"), _read_counts, self._show_counts)
        self.words, self.views = KnownWords(context), SavedViews(context)
        self.line, self.query_error, self.query_error_at = "", "", (0, 0)
        self.labels: list[Label] = []
        self.labels_by_id: dict[int, Label] = {}
        self.groups: list[str] = []
        self.task = Task.SINGLE
        self.totals: dict[int, int] = {}
        self.label_list = LabelList()
        self.selection = SelectionFacts(context, self.grid, self)
        self.counts: Counts | None = None
        self.zoom_px = DEFAULT_ZOOM_PX
        self.searcher.shown.connect(self.tiles_changed)
        self.searcher.shown.connect(self.badge_changed)
        self.searcher.found.connect(self.found)
        self.query_changed.connect(lambda: context.tell_query(format_query(self.query)))
        context.project_changed.connect(self._project_changed)
        context.project_closing.connect(self._stop_reading)
        context.changed.connect(self._changed)
        self.grid.selection_changed.connect(self.badge_changed)
        context.selected_images = lambda: self.grid.selected_ids
        self.grid.selection_changed.connect(context.selection_changed)
        self.suggestions.suggested.connect(self.tiles_changed)
        self.suggestions.ordered.connect(lambda ids, said: self.rank(Ranking(ids, said)))
        self.suggestions.fetched.connect(self._show_fetched)
        if context.project is not None:
            self._project_changed()

    # -- what is shown

    @property
    def query(self) -> SampleQuery:
        """What is looked for."""
        return self.searcher.query

    @property
    def ranking(self) -> Ranking | None:
        """The order that is shown instead of the query's, if any."""
        return self.searcher.ranking

    @property
    def loaded(self) -> bool:
        """Whether anything was looked for yet."""
        return self.searcher.loaded

    def badge(self) -> Badge:
        """How many images there are."""
        return Badge(short_count(self.counts.samples) if self.counts and self.counts.samples else "")

    def status(self) -> str:
        """Return the counts, such as “4,886 images · 3 labels · 364 groups · 5 selected”."""
        if self.counts is None:
            return ""
        parts = [tr_n("{n} image", "{n} images", self.counts.samples)]
        if len(self.grid) != self.counts.samples:
            parts.append(tr_n("{n} shown", "{n} shown", len(self.grid)))
        parts.append(tr_n("{n} label", "{n} labels", len(self.labels)))
        if self.counts.groups_shown:
            parts.append(tr_n("{n} group", "{n} groups", self.counts.groups_shown))
        if self.counts.missing:
            parts.append(tr("{n} missing", n=f"{self.counts.missing:,}"))
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

    def history_names(self) -> HistoryWords | None:
        """Return what knows the names of tags and reasons in a history."""
        project = self.context.project
        return HistoryWords(project) if project is not None else None

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
        self._show_query(query, _line_of(query))

    def set_line(self, line: str, *, typed: bool = False) -> None:
        """Show what the query line finds; where it is not understood, say so and show nothing.

        Many samples that were chosen elsewhere are not written out in the line: what is `typed` is looked for among
        them, until their chip is dropped.
        """
        try:
            query = parse_query(line)
            if query.run is not None and self.context.project is not None:
                get_run(self.context.project, query.run)
        except UserError as error:
            at = max(0, line.find(str(error.params.get("token", ""))))
            self.query_error_at = (at, at + len(str(error.params.get("token", ""))))
            self.line, self.query_error = line, error.message
            # The images of the line before would be taken for those of this one, and edited.
            self.searcher.stop_unread()
            self.query_changed.emit()
            return
        if typed and query.ids is None and _has_many_ids(self.query):
            query = replace(query, ids=self.query.ids)
        self._show_query(query, line)

    def clear_query(self) -> None:
        """Show everything again, sorted as it is."""
        self.set_query(self.query.everything())

    def give_up_search(self) -> bool:
        """Stop a search that takes long and go back to what is shown; False where there is none."""
        if not (self.searcher.slow and self.searcher.give_up()):
            return False
        self.line = _line_of(self.query)
        self.query_error, self.query_error_at = "", (0, 0)
        self.query_changed.emit()
        return True

    def rank(self, ranking: Ranking | None) -> None:
        """Show what the query finds in another order than its own; None goes back to that."""
        if ranking is not self.ranking:
            self.searcher.ranking = ranking
            self.searcher.find(asked=True)
            self.query_changed.emit()

    def _show_fetched(self, ids: Ids) -> None:
        """Show the samples to label next, ready for the keyboard."""
        if len(ids):
            self.searcher.ranking = None
            self.set_query(SampleQuery(ids=SampleIds(ids)))
            self.focus_grid.emit()
        else:
            self.context.message.emit(tr("Every image that can be used has a label."))

    def is_filtered(self) -> bool:
        """Say whether the query leaves anything out that is normally shown."""
        return self.query.is_filtered()

    def refresh(self) -> None:
        """Read everything again: files that may have changed, and what the query finds, in its order."""
        self.pictures.forget()
        self.records.forget(None)
        self.searcher.find()
        self._counting.ask()

    # -- keeping up with the project

    def _project_changed(self) -> None:
        project = self.context.project
        self.editing.clear()
        self.records.use(project)
        self.pictures.use(project)
        self.line, self.query_error, self.query_error_at = "", "", (0, 0)
        self.counts, self.labels, self.labels_by_id, self.groups = None, [], {}, []
        self.totals, self.label_list.search = {}, ""
        self.label_list.folded.clear()
        self.searcher.reset()
        if project is not None:
            self._read_labels()
            self.searcher.find()
            self._counting.ask()
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
            self.records.forget(changes.sample_ids)
            self.searcher.settle(changes.sample_ids)
        elif changes.samples:
            self.searcher.find()
        if changes.samples or changes.display or changes.labels or changes.sample_ids is not None:
            self._counting.ask()
            self.tiles_changed.emit()

    def _show_query(self, query: SampleQuery, line: str) -> None:
        changed = query != self.query or self.searcher.unread or self.searcher.failed
        self.searcher.unread = False
        if (query.sort, query.descending) != (self.query.sort, self.query.descending):
            self.searcher.ranking = None
        self.searcher.query, self.line = query, _line_of(query) if _has_many_ids(query) else line
        self.query_error, self.query_error_at = "", (0, 0)
        if changed:
            self.searcher.find(asked=True)
        self.query_changed.emit()

    def _read_labels(self) -> None:
        project = self.context.project
        if project is None:
            return
        self.labels = label_store.labels(project)
        self.labels_by_id = {label.id: label for label in self.labels}
        self.task = project_task(project)
        self.tiles.multi = self.task is Task.MULTI
        self.labels_changed.emit()

    def _show_counts(self, found: tuple[Counts, list[str], dict[int, int]]) -> None:
        self.counts, self.groups, self.totals = found
        self.labels_changed.emit()
        self.badge_changed.emit()


def _has_many_ids(query: SampleQuery) -> bool:
    return query.ids is not None and len(query.ids) > MOST_WRITTEN


def _line_of(query: SampleQuery) -> str:
    """Write a query as a line, without samples that are too many to read, and to be laid out within a frame."""
    return format_query(replace(query, ids=None) if _has_many_ids(query) else query)


def _read_counts(project: Project) -> tuple[Counts, list[str], dict[int, int]]:
    found = counts(project)
    totals = label_totals(project, label_store.labels(project), found.labels_shown)
    return found, sorted(group_names(project).values()), totals
