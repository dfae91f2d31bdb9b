"""The state of the History page: what is asked of the ledger, the rows that answer it, and the entry looked at.

No widget here. The parts have a file each: `detail` (what an entry changed), `taking_back` (one edit), `comparison`
(two moments) and `proof` (the chain of hashes). The ledger may hold a hundred thousand entries: the rows are read at
once, the entries a page at a time, as they come into sight.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QTimer, Signal

from core.errors import UserError
from core.store.history import Entry
from core.store.history_rows import edited_samples, entries_by_id
from core.store.history_words import write_history
from core.translation import tr, tr_n
from desktop_app.pages.history.asked import EVERYTHING, Asked
from desktop_app.pages.history.comparison import Comparison
from desktop_app.pages.history.detail import Detail
from desktop_app.pages.history.listing import Listing, read_listing
from desktop_app.pages.history.proof import Proof
from desktop_app.pages.history.taking_back import TakingBack
from desktop_app.pages.page import PageController
from desktop_app.workers.project_pictures import ProjectPictures

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from desktop_app.context import AppContext

PAGE_ROWS: Final = 200
_MOST_PAGES_AT_ONCE: Final = 4


class View(StrEnum):
    """What the page shows."""

    LIST = "list"
    TAKE_BACK = "take_back"
    COMPARE = "compare"


class HistoryController(PageController):
    """What the History page shows and does.

    Signals
    -------
    listed
        `listing`: other rows. `kept` says whether the same was asked as before, so that the place in the list is kept.
    loaded
        Entries that came into sight are there.
    asked_changed
        `asked` or `problem`.
    chosen_changed
        `chosen`.
    view_changed
        `view`.
    """

    listed = Signal(bool)
    loaded = Signal()
    asked_changed = Signal()
    chosen_changed = Signal()
    view_changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.pictures = ProjectPictures(self)
        self.detail = Detail(context, self)
        self.taking_back = TakingBack(context, self)
        self.comparison = Comparison(context, self)
        self.proof = Proof(context, self)
        self.asked, self.problem = EVERYTHING, ""
        self.view = View.LIST
        self.listing: Listing | None = None
        self.chosen: Entry | None = None
        self._entries: dict[int, Entry] = {}
        self._older: dict[int, Entry] = {}
        self._wanted_pages: dict[int, None] = {}
        self._reading = False
        self._shown, self._stale, self._asked_for = False, True, 0
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._read_pages)
        self.taking_back.done.connect(self._taken_back)
        context.project_changed.connect(self._project_changed)
        context.project_closing.connect(lambda: self.pictures.use(None))
        context.changed.connect(self._changed)
        if context.project is not None:
            self._project_changed()

    # -- what is shown

    def status(self) -> str:
        """Return how many entries are listed."""
        listing = self.listing
        if listing is None:
            return ""
        if listing.count == listing.total:
            return tr_n("{n} entry", "{n} entries", listing.total)
        return tr("{count} of {total} entries", count=f"{listing.count:,}", total=f"{listing.total:,}")

    def set_shown(self, shown: bool) -> None:
        """Keep up with the ledger while the page is looked at, and only then."""
        self._shown = shown
        if shown and self._stale:
            self.refresh(keep=True)

    def entry_at(self, row: int) -> Entry | None:
        """Return the entry of a row, if it is here; else it is read, and `loaded` tells."""
        if self.listing is None or not 0 <= row < len(self.listing.rows):
            return None
        number = int(self.listing.rows[row])
        found = self._entries.get(number)
        if found is None and number > 0:
            page = row // PAGE_ROWS
            self._wanted_pages.pop(page, None)
            self._wanted_pages[page] = None
            self._soon.start()
        return found or self._older.get(number)

    def open(self, view: View) -> None:
        """Show another view."""
        if view is not self.view:
            self.view = view
            self.view_changed.emit()

    def choose(self, entry: Entry | None) -> None:
        """Look at an entry."""
        if entry != self.chosen:
            self.chosen = entry
            self.chosen_changed.emit()
            self.detail.show(entry)

    # -- what is asked

    def ask(self, asked: Asked) -> None:
        """List what these filters let through."""
        if asked == self.asked:
            return
        self.asked = asked
        self.refresh()

    def change(self, **changes: object) -> None:
        """Change some of the filters."""
        self.ask(replace(self.asked, **changes))  # type: ignore[arg-type]

    def of_sample(self, sample_id: int, name: str) -> None:
        """List only what touched one image."""
        self.open(View.LIST)
        asked = Asked(sample=sample_id, sample_name=name)
        if asked != self.asked:
            self.choose(None)
            self.ask(asked)

    def refresh(self, *, keep: bool = False) -> None:
        """Read the rows anew; with `keep` the place in the list stays."""
        project = self.context.project
        self._asked_for += 1
        if project is None:
            return
        try:
            wanted, self.problem = self.asked.wanted(), ""
        except UserError as error:
            self.problem = error.message
            self.asked_changed.emit()
            return
        self.asked_changed.emit()
        self._stale, mine = False, self._asked_for
        also = [self.chosen.id] if self.chosen is not None else []

        def done(listing: Listing) -> None:
            if mine == self._asked_for:
                self._show(listing, keep=keep)

        self.context.tasks.run(
            tr("Reading the history"), lambda _: read_listing(project, wanted, also), done=done, quiet=True
        )

    # -- what is done

    def show_images(self, entry: Entry) -> None:
        """Show the images that an entry changed among the images."""
        project = self.context.project
        if project is not None:
            edit_id = entry.edit.id
            self.context.tasks.run(
                tr("Finding images"), lambda _: edited_samples(project, edit_id), done=self.show_samples, quiet=True
            )

    def show_samples(self, ids: Iterable[int]) -> None:
        """Show samples among the images, whether they are excluded or not."""
        chosen = np.fromiter(ids, dtype=np.int64)
        if len(chosen):
            self.context.show("images", ids=chosen)

    def write_csv(self, out: Path) -> None:
        """Write what is listed as CSV, as a job."""
        project = self.context.project
        if project is None or self.problem:
            return
        wanted = self.asked.wanted()
        self.context.tasks.run(
            lambda: tr("Writing “{name}”", name=out.name),
            lambda progress: write_history(project, out, wanted, progress),
            done=lambda rows: self.context.message.emit(_written(out, rows)),
            summary=lambda rows: tr_n("{n} row", "{n} rows", rows),
        )

    # -- inside

    def _show(self, listing: Listing, *, keep: bool) -> None:
        self.listing = listing
        self._older = self._entries if keep else {}
        self._entries = dict(listing.entries)
        self._wanted_pages.clear()
        chosen = self.chosen
        if chosen is not None and listing.row_of(chosen.id) is None:
            self.choose(None)
        elif chosen is not None and listing.entries.get(chosen.id, chosen) != chosen:
            self.choose(listing.entries[chosen.id])
        elif chosen is not None:
            self.detail.show(chosen)
        self.listed.emit(keep)
        self.badge_changed.emit()

    def _read_pages(self) -> None:
        """Read the pages asked for last; those scrolled past are asked for again when they come back."""
        project, listing = self.context.project, self.listing
        if project is None or listing is None or self._reading or not self._wanted_pages:
            return
        pages = list(self._wanted_pages)[-_MOST_PAGES_AT_ONCE:]
        self._wanted_pages.clear()
        rows = np.concatenate([listing.rows[page * PAGE_ROWS : (page + 1) * PAGE_ROWS] for page in pages])
        wanted = [int(number) for number in rows if number > 0]
        self._reading = True

        def done(found: dict[int, Entry]) -> None:
            if self.listing is listing:
                self._entries.update(found)
                self.loaded.emit()

        job = self.context.tasks.run(
            tr("Reading the history"), lambda _: entries_by_id(project, wanted), done=done, quiet=True
        )
        job.ended.connect(self._page_read)

    def _page_read(self) -> None:
        self._reading = False
        self._read_pages()

    def _taken_back(self) -> None:
        self.open(View.LIST)

    def _project_changed(self) -> None:
        project = self.context.project
        if project is not None:
            self.pictures.use(project)
        self.listing, self.asked, self.problem = None, EVERYTHING, ""
        self._entries, self._older = {}, {}
        self._wanted_pages.clear()
        self._stale = True
        self.choose(None)
        self.open(View.LIST)
        self.comparison.reset()
        self.proof.reset()
        self.asked_changed.emit()
        self.listed.emit(False)
        if self._shown:
            self.refresh()

    def _changed(self, changes: Changes) -> None:
        if changes.edit is None and not changes.samples and not changes.labels:
            return
        if changes.display:
            self.pictures.forget()
        self._stale = True
        self.proof.outdate()
        if self._shown:
            self.refresh(keep=True)
            self.taking_back.refresh()


def _written(out: Path, rows: int) -> str:
    return tr_n("Wrote {n} row to {path}.", "Wrote {n} rows to {path}.", rows, path=str(out))
