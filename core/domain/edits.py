"""An edit: one action of the user on many samples. It is the unit of undo, and a line of the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.domain.case_names import case_name, stable_case_name
from core.translation import mark, mark_n, tr, tr_n
from core.words import said

_NAMES: Final = (
    "label",
    "labels",
    "tag",
    "split",
    "state",
    "before",
    "after",
    "source",
    "into",
    "parent",
    "edit",
    "excluded",
)
_PLACEHOLDER: Final = re.compile(r"\{\w+\}")


class EditKind(StrEnum):
    """What an edit did."""

    LABEL = "label"
    UNLABEL = "unlabel"
    LABELS = "labels"
    ADD_LABEL = "add_label"
    REMOVE_LABEL = "remove_label"
    TAG = "tag"
    UNTAG = "untag"
    STATE = "state"
    EXCLUDE = "exclude"
    INCLUDE = "include"
    SPLIT = "split"
    PIN = "pin"
    UNPIN = "unpin"
    CONSENSUS = "consensus"
    KEEP = "keep"
    GROUP = "group"
    SETTLE = "settle"
    RENAME_LABEL = "rename_label"
    RECOLOUR_LABEL = "recolour_label"
    REKEY_LABEL = "rekey_label"
    NEW_LABEL = "new_label"
    RETIRE_LABEL = "retire_label"
    MERGE_LABELS = "merge_labels"
    REORDER_LABELS = "reorder_labels"
    PARENT_LABEL = "parent_label"
    TASK = "task"
    REVERT = "revert"
    IMPORT = "import"


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
    """Say in words what an edit did, such as “Label 212 images as WBC” or “Exclude 1 image (near-duplicate)”."""
    words = _words(edit)
    if words is None:
        return tr(_OF_THE_PROJECT[edit.kind], **_named(edit))
    what, finding = tr_n(*words, edit.count, **_named(edit)), edit.params.get("finding", "")
    return tr(_ABOUT, what=what, finding=case_name(finding)) if finding else what


def stable_words(edit: Edit) -> str:
    """Say the same in English whatever language is in use, for what programs read."""
    words, finding = _words(edit), edit.params.get("finding", "")
    named = {name: edit.params.get(name, "") for name in _NAMES}
    text = _OF_THE_PROJECT[edit.kind] if words is None else words[0] if edit.count == 1 else words[1]
    what = text.format(n=f"{edit.count:,}", **named)
    return _ABOUT.format(what=what, finding=stable_case_name(finding)) if finding else what


def _words(edit: Edit) -> tuple[str, str] | None:
    """Return what an edit of images did, for one and for several; None for one of the project."""
    if edit.kind is EditKind.LABELS and edit.params.get("labels", "") in ("", "–"):
        return _NONE_OF_THEM
    if edit.kind in (EditKind.KEEP, EditKind.SETTLE) and edit.params.get("did", "") in _DECIDED:
        return _DECIDED[edit.params["did"]]
    return _OF_IMAGES.get(edit.kind)


def kinds_saying(text: str) -> tuple[EditKind, ...]:
    """Return the kinds of edits whose own words, in the language in use and without any names, hold `text`."""
    wanted = text.strip().casefold()
    said = {kind: f"{tr(one)} {tr(many)}" for kind, (one, many) in _OF_IMAGES.items()}
    said[EditKind.LABELS] += " " + " ".join(map(tr, _NONE_OF_THEM))
    said[EditKind.KEEP] += " " + " ".join(map(tr, _DECIDED["keep"]))
    said[EditKind.SETTLE] += " " + " ".join(tr(word) for did in ("note", "label") for word in _DECIDED[did])
    said |= {kind: tr(words) for kind, words in _OF_THE_PROJECT.items()}
    plain = {kind: _PLACEHOLDER.sub(" ", words) for kind, words in said.items()}
    return tuple(kind for kind, words in plain.items() if wanted and wanted in words.casefold())


def _named(edit: Edit) -> dict[str, str]:
    """Return the names that a description may use; a ledger of long ago may lack some."""
    state = {"none": mark("certain"), "uncertain": mark("uncertain"), "ungradable": mark("ungradable")}
    named = {name: edit.params.get(name, "") for name in _NAMES}
    known = state.get(named["state"], "")
    return named | {"split": said(named["split"]), "state": tr(known) if known else ""}


_OF_IMAGES: Final[dict[EditKind, tuple[str, str]]] = {
    EditKind.LABEL: mark_n("Label {n} image as {label}", "Label {n} images as {label}"),
    EditKind.UNLABEL: mark_n("Remove the label of {n} image", "Remove the label of {n} images"),
    EditKind.LABELS: mark_n("Label {n} image as {labels}", "Label {n} images as {labels}"),
    EditKind.ADD_LABEL: mark_n("Add {label} to {n} image", "Add {label} to {n} images"),
    EditKind.REMOVE_LABEL: mark_n("Take {label} from {n} image", "Take {label} from {n} images"),
    EditKind.TAG: mark_n("Tag {n} image {tag}", "Tag {n} images {tag}"),
    EditKind.UNTAG: mark_n("Take the tag {tag} from {n} image", "Take the tag {tag} from {n} images"),
    EditKind.STATE: mark_n("Mark {n} image as {state}", "Mark {n} images as {state}"),
    EditKind.EXCLUDE: mark_n("Exclude {n} image", "Exclude {n} images"),
    EditKind.INCLUDE: mark_n("Include {n} image again", "Include {n} images again"),
    EditKind.SPLIT: mark_n("Split {n} image", "Split {n} images"),
    EditKind.PIN: mark_n("Pin {n} image to {split}", "Pin {n} images to {split}"),
    EditKind.UNPIN: mark_n("Unpin {n} image", "Unpin {n} images"),
    EditKind.CONSENSUS: mark_n(
        "Take over what readers agree on for {n} image", "Take over what readers agree on for {n} images"
    ),
    EditKind.GROUP: mark_n("Put {n} image into its group", "Put {n} images into their groups"),
    EditKind.KEEP: mark_n("Keep {n} image as it is", "Keep {n} images as they are"),
    EditKind.SETTLE: mark_n("Decide about {n} image", "Decide about {n} images"),
}
_NONE_OF_THEM: Final = mark_n(
    "Say that {n} image has none of the labels", "Say that {n} images have none of the labels"
)
_DECIDED: Final = {
    "keep": mark_n("Keep {n} case as it is", "Keep {n} cases as they are"),
    "note": mark_n("Note {n} case", "Note {n} cases"),
    "label": mark_n(
        "Label {n} image as {label}, exclude {excluded}", "Label {n} images as {label}, exclude {excluded}"
    ),
}
"""What a decision about findings did, by the word that the edit keeps of it."""
_ABOUT: Final = mark("{what} ({finding})")
_OF_THE_PROJECT: Final[dict[EditKind, str]] = {
    EditKind.RENAME_LABEL: mark("Rename {before} to {after}"),
    EditKind.RECOLOUR_LABEL: mark("Change the colour of {label}"),
    EditKind.REKEY_LABEL: mark("Change the key of {label}"),
    EditKind.NEW_LABEL: mark("Make the label {label}"),
    EditKind.RETIRE_LABEL: mark("Remove the label {label}"),
    EditKind.MERGE_LABELS: mark("Merge {labels} into {into}"),
    EditKind.REORDER_LABELS: mark("Reorder the labels"),
    EditKind.PARENT_LABEL: mark("Move {label} below {parent}"),
    EditKind.TASK: mark("Change how many labels an image has"),
    EditKind.REVERT: mark("Take back edit {edit}"),
    EditKind.IMPORT: mark("Import {source}"),
}
