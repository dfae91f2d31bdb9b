"""What a format is that a data set can be written in, and what its writer is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from core.domain.labels import Label
from core.domain.samples import Sample, Split
from core.domain.task import Task


class Fact(StrEnum):
    """What a project can say of its images, beside the one label that every format holds."""

    MANY = "many_labels"
    NO_LABEL = "known_to_have_none"
    GROUP = "groups"
    SPLIT = "splits"
    TAGS = "tags"
    STATE = "states"
    REASON = "reasons"
    EXCLUDED = "excluded"
    PIN = "pins"
    ORDER = "label_order"
    UNUSED = "unused_labels"
    PARENTS = "label_hierarchy"
    NAMES = "names"
    """Names of labels and tags that the format cannot write as they are."""


class Files(StrEnum):
    """How the images get into the data set."""

    COPY = "copy"
    HARDLINK = "hardlink"
    SYMLINK = "symlink"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is exported, before any image is read.

    Attributes
    ----------
    labels
        All of the project's, in its order.
    splits
        Those that the images are in, `NONE` too, in the order train, val, test, none.
    """

    task: Task
    labels: Sequence[Label]
    splits: Sequence[Split]

    @property
    def is_split(self) -> bool:
        """Whether any image is in a split."""
        return any(split is not Split.NONE for split in self.splits)


@dataclass(frozen=True, slots=True)
class Item:
    """An image to export.

    Attributes
    ----------
    labels
        The names of its labels; None where they are not known.
    suffix
        That of its file, where only its first bytes tell; otherwise empty.
    """

    sample: Sample
    labels: tuple[str, ...] | None
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an image goes.

    Attributes
    ----------
    file
        Path in the data set; of a format that packs images, the name it gets in there.
    source
        The address, in the sample's source, of what is written there: mostly the sample's own.
    new
        Whether it has to be written; otherwise an image before this one did it.
    """

    file: str
    source: str
    new: bool = True


@dataclass(frozen=True, slots=True)
class Stored:
    """What was done with an image: `data` its bytes, for a format that packs them; whether it was made of pixels.

    One that could not be had, of a format that lists it all the same, is not `found`.
    """

    data: bytes = b""
    made: bool = False
    found: bool = True


class Writer(Protocol):
    """Writes one data set into a folder that nobody sees yet. Called by one thread only, in the images' order.

    What comes last, and what has to be closed, is nothing unless a format says so.
    """

    def place(self, item: Item) -> Place:
        """Return where an image goes, before it is read."""

    def add(self, item: Item, place: Place, stored: Stored) -> str:
        """Take an image that is there now; returns its address in the data set."""

    def finish(self) -> None:
        """Write what comes last; not called where the export was stopped."""
        return

    def close(self) -> None:
        """Close all files; called always, and last."""
        return


@dataclass(frozen=True, slots=True)
class DatasetFormat:
    """One format.

    Attributes
    ----------
    id
        What ``--format`` calls it.
    title, summary
        What people call it, and what it is good for, in a sentence: texts marked for translation.
    holds
        What its own files say, by the project's task; the rest is in the table of Coverslip's beside them.
    writer
        Makes the writer of a data set in a folder.
    packed
        Whether it puts the images into files of its own, so that they cannot be linked.
    lists_missing
        Whether it says what is known of an image whose file cannot be had, without the image.
    """

    id: str
    title: str
    summary: str
    holds: Mapping[Task, frozenset[Fact]]
    writer: Callable[[Path, Subject], Writer]
    packed: bool = False
    lists_missing: bool = False
