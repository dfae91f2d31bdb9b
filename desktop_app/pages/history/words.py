"""The history in words: moments, tools, kinds of edits, what an entry did and whether it still holds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from core.domain.edits import Edit, EditKind, EditState, describe
from core.store.history import Entry
from core.store.own_labels import ADJUDICATION, CONSENSUS
from core.translation import mark, tr

TOOLS: Final = {
    "hand": mark("by hand"),
    "suggestion": mark("suggestion"),
    "import": mark("import"),
    "cli": mark("command line"),
    "clean": mark("Clean"),
    ADJUDICATION: mark("adjudication"),
    CONSENSUS: mark("consensus of readers"),
    "split": mark("split"),
    "train": mark("training"),
    "sample": mark("sample set"),
    "demo": mark("demonstration"),
}
KINDS: Final[dict[str, tuple[str, tuple[EditKind, ...]]]] = {
    "labels": (
        mark("labels of images"),
        (
            EditKind.LABEL,
            EditKind.UNLABEL,
            EditKind.LABELS,
            EditKind.ADD_LABEL,
            EditKind.REMOVE_LABEL,
            EditKind.CONSENSUS,
        ),
    ),
    "tags": (mark("tags"), (EditKind.TAG, EditKind.UNTAG)),
    "states": (mark("uncertain or ungradable"), (EditKind.STATE,)),
    "groups": (mark("groups"), (EditKind.GROUP,)),
    "exclusion": (mark("excluded or included"), (EditKind.EXCLUDE, EditKind.INCLUDE)),
    "splits": (mark("splits"), (EditKind.SPLIT, EditKind.PIN, EditKind.UNPIN)),
    "list": (
        mark("the list of labels"),
        (
            EditKind.NEW_LABEL,
            EditKind.RENAME_LABEL,
            EditKind.RECOLOUR_LABEL,
            EditKind.REKEY_LABEL,
            EditKind.RETIRE_LABEL,
            EditKind.MERGE_LABELS,
            EditKind.REORDER_LABELS,
            EditKind.PARENT_LABEL,
            EditKind.TASK,
        ),
    ),
    "reverts": (mark("taken back"), (EditKind.REVERT,)),
    "imports": (mark("imports"), (EditKind.IMPORT,)),
}
_WEEKDAYS: Final = (
    mark("Monday"),
    mark("Tuesday"),
    mark("Wednesday"),
    mark("Thursday"),
    mark("Friday"),
    mark("Saturday"),
    mark("Sunday"),
)
_NO_IMAGES: Final = frozenset({kind for kind in KINDS["list"][1] if kind is not EditKind.MERGE_LABELS})


def tool_words(tool: str) -> str:
    """Return a tool of the ledger in words; one that is not known keeps its name."""
    return tr(TOOLS[tool]) if tool in TOOLS else tool


def kind_words(group: str) -> str:
    """Return a group of kinds of edits in words."""
    return tr(KINDS[group][0])


def local(at: str) -> datetime:
    """Return a moment of the ledger (ISO 8601, UTC) where the user is."""
    return datetime.fromisoformat(at).astimezone()


def time_words(at: str) -> str:
    """Return the time of a moment: “14:05”."""
    return f"{local(at):%H:%M}"


def moment_words(at: str) -> str:
    """Return a moment as the fields for days take it: “2024-05-01 14:05”."""
    return f"{local(at):%Y-%m-%d %H:%M}"


def day_words(day: date, today: date | None = None) -> str:
    """Return a day: “Today”, “Yesterday”, or “Wednesday, 2024-05-01”."""
    away = ((today or datetime.now().astimezone().date()) - day).days
    if away == 0:
        return tr("Today")
    if away == 1:
        return tr("Yesterday")
    return tr("{weekday}, {day}", weekday=tr(_WEEKDAYS[day.weekday()]), day=f"{day:%Y-%m-%d}")


def what_words(entry: Entry) -> str:
    """Say what an entry did, such as “Label 212 images as WBC” or “Undo: label 212 images as WBC”."""
    said = describe(entry.edit)
    if entry.action == "undo":
        return tr("Undo: {what}", what=lowered(said))
    if entry.action == "redo":
        return tr("Redo: {what}", what=lowered(said))
    return said


def images_words(entry: Entry) -> str:
    """Return how many images an entry is about; empty where it is about none."""
    edit = entry.edit
    return "" if edit.kind in _NO_IMAGES or not edit.count else f"{edit.count:,}"


def state_words(edit: Edit, taken_back_by: int | None) -> str:
    """Say whether an edit still holds; empty where it does."""
    if edit.state is EditState.UNDONE:
        return tr("undone")
    if edit.state is EditState.DROPPED:
        return tr("undone, replaced")
    return tr("taken back by {edit}", edit=taken_back_by) if taken_back_by is not None else ""


def lowered(sentence: str) -> str:
    """Return a sentence to stand within another."""
    return sentence[:1].lower() + sentence[1:]
