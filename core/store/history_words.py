"""Fields and values of the ledger in words, and the whole of it as a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from core.domain.case_names import case_name
from core.domain.edits import stable_words
from core.domain.findings import FINDING_STATES, FindingState
from core.domain.samples import SPLITS_BY_CODE, STATES_BY_CODE
from core.domain.spreadsheet import safe_cell
from core.paths import atomic_write, require_output
from core.progress import Progress
from core.store.edit_items import Field
from core.store.history import Difference, Entry, HistoryFilter, count_entries, edit_items, entries
from core.store.labels import label_names
from core.store.project import Project
from core.store.samples import group_names, samples_by_id
from core.store.tags import reason_names, tag_names
from core.translation import mark, tr, tr_n
from core.words import said

COLUMNS: Final = ("entry", "at", "user", "tool", "action", "edit", "what", "path", "field", "before", "after", "hash")
FIELDS: Final = {
    "label_id": mark("label"),
    "label": mark("label"),
    "tag": mark("tag"),
    "split": mark("split"),
    "excluded": mark("excluded"),
    "state": mark("state"),
    "reason_id": mark("reason"),
    "pinned": mark("pinned"),
    "group_id": mark("group"),
    "labelled": mark("labels known"),
    "finding": mark("finding"),
}
_DECIDED: Final = {
    FindingState.OPEN: mark("undecided"),
    FindingState.ACCEPTED: mark("accepted"),
    FindingState.DISMISSED: mark("dismissed"),
}
_PAGE: Final = 500


class HistoryWords:
    """Says what fields and values of items mean, by the names that a project has or had.

    What people read is in the language in use. What programs read, a table or JSON, is `stable`: the same in all.
    """

    def __init__(self, project: Project, *, stable: bool = False) -> None:
        self._stable = stable
        self._groups = group_names(project)
        self._labels, self._tags, self._reasons = label_names(project), tag_names(project), reason_names(project)

    def field(self, field: str) -> str:
        """Return such as “label” or “tag: blurred”."""
        kind, _, number = field.partition(":")
        if not number:
            return self._field(field)
        if kind == "finding":
            found = Field(field).finding
            return f"{self._field(kind)}: {found if self._stable else case_name(str(found))}"
        names = self._tags if kind == "tag" else self._labels
        return f"{self._field(kind)}: {names.get(int(number), '?')}"

    def value(self, field: str, value: int | None) -> str:
        """Return such as “WBC”, “val” or “yes”; a dash for none."""
        if value is None:
            return "–"
        if field == "label_id":
            return self._labels.get(value, "?")
        if field == "group_id":
            return self._groups.get(value, "?")
        if field == "reason_id":
            return self._reasons.get(value, "?")
        if field == "split":
            return self._say(str(SPLITS_BY_CODE[value]))
        if field == "state":
            return self._say(str(STATES_BY_CODE[value]))
        if field.startswith("finding:"):
            state = FINDING_STATES[value]
            return str(state) if self._stable else tr(_DECIDED[state])
        return self._say("yes" if value else "no")

    def _field(self, field: str) -> str:
        words = FIELDS.get(field, field)
        return words if self._stable else tr(words)

    def _say(self, word: str) -> str:
        return word if self._stable else said(word)


def unproven_words(count: int) -> str:
    """Say of how many images the ledger holds no proof of what they were when they came in."""
    return tr_n(
        "Of {n} image the history holds no seal of its values at import: of it, only edits are proven.",
        "Of {n} images the history holds no seal of their values at import: of them, only edits are proven.",
        count,
    )


def write_history(project: Project, out: Path, wanted: HistoryFilter, progress: Progress) -> int:
    """Write the wanted entries as CSV, newest first, a row for each image that an edit changed; returns the rows.

    Raises
    ------
    UserError
        ``disk_full`` or ``path_not_writable``; nothing is left half-written.
    """
    require_output(out, (".csv",))
    words, written = HistoryWords(project, stable=True), 0
    progress.begin(mark("Writing the history"), count_entries(project, wanted))
    with atomic_write(out) as part, part.open("w", encoding="utf-8-sig", newline="", errors="surrogateescape") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for entry in _all_entries(project, wanted):
            for row in _rows(project, entry, words):
                writer.writerow([safe_cell(cell) for cell in row])
                written += 1
            progress.advance()
    return written


def write_differences(project: Project, out: Path, found: Sequence[Difference], progress: Progress) -> int:
    """Write what is different between two moments as CSV, a row for each image and field; returns the rows.

    Raises
    ------
    UserError
        ``disk_full`` or ``path_not_writable``; nothing is left half-written.
    """
    require_output(out, (".csv",))
    words = HistoryWords(project, stable=True)
    progress.begin(mark("Writing the table"), len(found))
    with atomic_write(out) as part, part.open("w", encoding="utf-8-sig", newline="", errors="surrogateescape") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "field", "before", "after"))
        for start in range(0, len(found), _PAGE):
            page = found[start : start + _PAGE]
            paths = {one.id: one.path for one in samples_by_id(project, sorted({row.sample_id for row in page}))}
            for row in page:
                old, new = words.value(row.field, row.before), words.value(row.field, row.after)
                cells = (paths[row.sample_id], words.field(row.field), old, new)
                writer.writerow([safe_cell(cell) for cell in cells])
            progress.advance(len(page))
    return len(found)


def _all_entries(project: Project, wanted: HistoryFilter) -> Iterator[Entry]:
    before = None
    while page := entries(project, wanted, limit=_PAGE, before=before):
        yield from page
        before = page[-1].id


def _rows(project: Project, entry: Entry, words: HistoryWords) -> Iterator[list[str]]:
    head = [str(entry.id), entry.at, entry.user, entry.tool, entry.action, str(entry.edit.id), stable_words(entry.edit)]
    items = edit_items(project, entry.edit.id)
    if not items:
        yield [*head, "", "", "", "", entry.hash]
    for _, path, field, before, after in items:
        old, new = words.value(field, before), words.value(field, after)
        if entry.action == "undo":
            old, new = new, old
        yield [*head, path, words.field(field), old, new, entry.hash]
