"""An edit: one action of the user on many samples. It is the unit of undo, and a line of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.translation import tr, tr_n


class EditKind(StrEnum):
    """What an edit did."""

    LABEL = "label"
    UNLABEL = "unlabel"
    EXCLUDE = "exclude"
    INCLUDE = "include"
    SPLIT = "split"
    RENAME_LABEL = "rename_label"
    RECOLOUR_LABEL = "recolour_label"
    REKEY_LABEL = "rekey_label"
    IMPORT = "import"


LABEL_EDITS = frozenset({EditKind.RENAME_LABEL, EditKind.RECOLOUR_LABEL, EditKind.REKEY_LABEL})


class EditState(StrEnum):
    """Whether an edit holds (`DONE`), was undone and can be redone (`UNDONE`), or left the redo line (`DROPPED`)."""

    DONE = "done"
    UNDONE = "undone"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Edit:
    """One action: when (UTC, ISO 8601), by whom, with which tool, and on how many samples (`count`)."""

    id: int
    at: str
    user: str
    tool: str
    kind: EditKind
    params: Mapping[str, str]
    count: int
    state: EditState


def describe(edit: Edit) -> str:
    """Say in words what an edit did, such as “Label 212 images as WBC”."""
    n, name = edit.count, edit.params.get("label", "")
    match edit.kind:
        case EditKind.LABEL:
            return tr_n("Label {n} image as {label}", "Label {n} images as {label}", n, label=name)
        case EditKind.UNLABEL:
            return tr_n("Remove the label of {n} image", "Remove the label of {n} images", n)
        case EditKind.EXCLUDE:
            return tr_n("Exclude {n} image", "Exclude {n} images", n)
        case EditKind.INCLUDE:
            return tr_n("Include {n} image again", "Include {n} images again", n)
        case EditKind.SPLIT:
            return tr_n("Split {n} image", "Split {n} images", n)
        case EditKind.RENAME_LABEL:
            return tr("Rename {before} to {after}", before=edit.params["before"], after=edit.params["after"])
        case EditKind.RECOLOUR_LABEL:
            return tr("Change the colour of {label}", label=name)
        case EditKind.REKEY_LABEL:
            return tr("Change the key of {label}", label=name)
        case EditKind.IMPORT:
            return tr("Import {source}", source=edit.params.get("source", ""))
