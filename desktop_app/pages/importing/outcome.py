"""What came of an import, and where to see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.query import SampleQuery, SortKey
from core.domain.query_line import format_query
from core.translation import tr

if TYPE_CHECKING:
    from core.ingest.importer import ImportReport
    from desktop_app.context import AppContext

Link = tuple[str, Callable[[], object]]
"""What a link says, and what it does."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An import that ended well: what the source is called, its root, and the report."""

    name: str
    root: str
    report: ImportReport

    def links(self, context: AppContext) -> list[Link]:
        """Return the ways to see what was imported."""
        found: list[Link] = []
        if self.report.added:
            newest = SampleQuery(sources=(self.root,), sort=SortKey.ADDED, descending=True)
            found.append((tr("Show the new images"), lambda: context.show("images", query=format_query(newest))))
        if self.report.unreadable:
            broken = SampleQuery(sources=(self.root,), unreadable=True)
            found.append((tr("Show the unreadable"), lambda: context.show("images", query=format_query(broken))))
        return found
