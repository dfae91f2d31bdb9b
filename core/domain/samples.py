"""A sample: one image of a project, by reference; the image itself is never moved, changed or copied."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray


class Split(StrEnum):
    """The part of the data a sample is used for; `NONE` until it is assigned."""

    NONE = "none"
    TRAIN = "train"
    VAL = "val"
    TEST = "test"


class SampleState(StrEnum):
    """What a person said of an image instead of, or beside, its label.

    `UNCERTAIN`: they cannot tell which label it has. `UNGRADABLE`: the image does not allow anyone to tell. Neither
    is used in training and evaluation.
    """

    NONE = "none"
    UNCERTAIN = "uncertain"
    UNGRADABLE = "ungradable"


STATE_CODES: Final[dict[SampleState, int]] = {
    SampleState.NONE: 0,
    SampleState.UNCERTAIN: 1,
    SampleState.UNGRADABLE: 2,
}
STATES_BY_CODE: Final[dict[int, SampleState]] = {code: state for state, code in STATE_CODES.items()}
SPLIT_CODES: Final[dict[Split, int]] = {Split.NONE: 0, Split.TRAIN: 1, Split.VAL: 2, Split.TEST: 3}
SPLITS_BY_CODE: Final[dict[int, Split]] = {code: split for split, code in SPLIT_CODES.items()}


FOLLOW_LINKS: Final = "follow_links"
"""The option of a source in whose folder links may lead out of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """An imported root. Samples are found in it by their address (`core.domain.address`); it can be relocated.

    `kind` says what the root is: ``folder``, ``zip`` or ``remote``. `options` says how it was imported, as JSON.
    `cache_dir` is where copies of its files may be kept (empty: the user's own cache); `may_fetch` whether the user
    allows the network to be used for it. These two are not of the source, but of where and by whom it is read.
    """

    id: int
    kind: str
    root: str
    options: str = "{}"
    cache_dir: str = ""
    may_fetch: bool = False

    @property
    def follows_links(self) -> bool:
        """Whether the user allowed links in the folder to lead out of it."""
        try:
            said = json.loads(self.options)
        except ValueError:
            return False
        return isinstance(said, dict) and said.get(FOLLOW_LINKS) is True


@dataclass(frozen=True, slots=True)
class NewSample:
    """A sample as an importer found it, before it has an id.

    `digest` is the BLAKE2b-128 of the bytes in hexadecimal (empty where they could not be read); `problem` the reason
    why it cannot be read, if it cannot: English, a key of the translations (show it with `tr`).
    `label` and `group` are names. `labels` are all the labels of an image in a project of many labels an image:
    () where it is known to have none, None where that is not known. `pages_left`: how many pages its file has beside
    it. The rest is what a project said of an image that was exported from it.
    """

    path: str
    digest: str
    size_bytes: int
    mtime_ns: int
    width: int = 0
    height: int = 0
    channels: int = 3
    bit_depth: int = 8
    label: str | None = None
    group: str | None = None
    split: Split = Split.NONE
    problem: str | None = None
    labels: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    state: SampleState = SampleState.NONE
    reason: str | None = None
    excluded: bool = False
    pinned: bool = False
    pages_left: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """One image of the project, with what is known of it.

    Attributes
    ----------
    label_id
        Its label in a project of one label an image; None without one, and in a project of many.
    label_ids
        Its labels in either kind of project, in the labels' order.
    labelled
        Whether its labels are known: with `label_ids` empty, it is known to have none of them.
    pinned
        Whether a person put it into its split, where it stays.
    missing
        Whether its file was not there when it was last looked for.
    modified_ns
        When the file was last written, in ns since 1970 (UTC).
    """

    id: int
    source_id: int
    path: str
    digest: str
    size_bytes: int
    width: int
    height: int
    channels: int
    bit_depth: int
    label_id: int | None
    group: str | None
    split: Split
    excluded: bool
    problem: str | None
    added_at: str
    label_ids: tuple[int, ...] = ()
    labelled: bool = False
    state: SampleState = SampleState.NONE
    reason: str | None = None
    pinned: bool = False
    missing: bool = False
    modified_ns: int = 0
    tags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's own name, without its folders."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class SampleTable:
    """Columns of many samples, in one order; what training and evaluation work on.

    Attributes
    ----------
    ids
        (N,) int64.
    label_ids, group_ids
        (N,) int64; -1 where there is none.
    splits
        (N,) int8, by `SPLIT_CODES`.
    source_ids
        (N,) int64.
    paths
        N relative paths.
    """

    ids: NDArray[np.int64]
    label_ids: NDArray[np.int64]
    group_ids: NDArray[np.int64]
    splits: NDArray[np.int8]
    source_ids: NDArray[np.int64]
    paths: list[str]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> SampleTable:
        """Return the given rows (indexes or a mask), in that order."""
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return SampleTable(
            self.ids[index],
            self.label_ids[index],
            self.group_ids[index],
            self.splits[index],
            self.source_ids[index],
            [self.paths[i] for i in index.tolist()],
        )

    def groups_or_self(self) -> NDArray[np.int64]:
        """Return (N,) group codes in which a sample without a group is a group of its own (negative codes)."""
        return np.where(self.group_ids >= 0, self.group_ids, -self.ids - 1)
