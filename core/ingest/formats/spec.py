"""What a format of data sets is: how it is recognised, and what it offers before anything is added."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.domain.samples import SampleState, Split
from core.ingest.rules import AUTO_LABELS, NO_GROUPS, GroupRule, LabelRule
from core.progress import Progress

if TYPE_CHECKING:
    from core.images.trees import Tree
    from core.ingest.formats.catalogue import Catalogue

Problem = tuple[str, str]
"""A path or a place, printable, and the code in `core.error_texts` of what is wrong there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One image that a source offers.

    Attributes
    ----------
    path
        Its address within the tree: ``FILE`` or ``FILE::PART=VALUE``.
    labels
        The names of its labels, at most one where the source has one label per image. None: not known; empty: known
        to have none, which only a source of many labels can say.
    group
        What it belongs to and must not be split from.
    tags
        What else the source says of it.
    state, reason, excluded, pinned
        What the project it was exported from says of it, and only an exported data set can.
    """

    path: str
    labels: tuple[str, ...] | None = None
    group: str | None = None
    split: Split = Split.NONE
    tags: tuple[str, ...] = ()
    state: SampleState = SampleState.NONE
    reason: str | None = None
    excluded: bool = False
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class LabelSaid:
    """What an exported data set says of a label: its colour, its key, and the label it is a kind of; empty for none."""

    name: str
    colour: str = ""
    key: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source holds, before anything is added.

    Attributes
    ----------
    format
        The id of the format it was read as.
    entries
        Its images, in the order in which they are to be added.
    labels
        The names of all labels, in the order that the source declares; empty where it declares none.
    multi
        Whether an image can have several labels.
    problems
        What was left out, and why.
    volumes
        How many of the entries are volumes of an array, each taken as one image.
    notes
        What the user should know of how the source was understood, translated.
    looks
        What is said of the labels; it counts for those that the project does not have yet.
    """

    format: str
    tree: Tree
    entries: Sequence[Entry]
    labels: tuple[str, ...] = ()
    multi: bool = False
    problems: list[Problem] = field(default_factory=list)
    looks: tuple[LabelSaid, ...] = ()
    volumes: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the user can say of an import.

    Attributes
    ----------
    labels, groups
        The rules; a rule for groups holds whatever the format.
    columns
        Which column of a table is the ``path``, ``label``, ``group`` or ``split``, where guessing would be wrong; and
        ``tags``: the columns, separated by commas, whose cells become tags.
    every
        Of a video, each so many-th frame is taken; at least 1.
    margin
        What is added around a box on each side, as a share of its longer side; from 0 to 2.
    pages
        Whether each page of a TIFF, frame of a GIF or DICOM file, and plane of a volume is an image of its own;
        otherwise the first page, or the projection, is. Of a stack with channels, each plane is with all of them.
    plane
        Of a file with several planes in depth, or pages or frames, the one that is taken, counted from 0; None for the
        brightest of all planes at each place (maximum projection), the first of pages. Not with `pages`.
    beside
        Whether images that lie beside a data set without being part of it are taken too, without a label.
    tile_size, level, um_per_pixel, min_tissue
        Of a whole slide: the side of a tile in pixels, of which level, or of the level with pixels of about this many
        micrometres; and the least part (0 to 1) of a tile that must not be glass.
    only
        The files that were dropped, by their paths in the folder; empty for all of it.
    network
        Whether the network may be used for this source, though the settings do not allow it in general.
    skip_copies
        Whether images with the content of images that are here already, from another source, are left out.
    follow_links
        Whether links in a folder may lead out of it, as those of a data set of links do.
    """

    labels: LabelRule = AUTO_LABELS
    groups: GroupRule = NO_GROUPS
    columns: Mapping[str, str] = field(default_factory=dict)
    every: int = 30
    margin: float = 0.1
    pages: bool = False
    plane: int | None = None
    beside: bool = False
    tile_size: int = 512
    level: int = 0
    um_per_pixel: float | None = None
    min_tissue: float = 0.1
    only: tuple[str, ...] = ()
    skip_copies: bool = False
    network: bool = False
    follow_links: bool = False


@dataclass(frozen=True, slots=True)
class FormatSpec:
    """One format.

    Attributes
    ----------
    id
        What ``--format`` calls it.
    title
        What people call it: a text marked for translation.
    recognise
        Whether the files look like it: by names and a few first bytes, quick at a million files, and never raising.
    read
        Gives what the source offers; raises `UserError` where it cannot be read.
    packed
        Whether its images are inside other files: then loose images beside them are no part of it.
    by_rules
        Whether it applies the rules for labels itself; otherwise its own labels are replaced where there is a rule.
    serial
        Whether the images of a file are read quickly only one after the other.
    """

    id: str
    title: str
    recognise: Callable[[Tree, Catalogue], bool]
    read: Callable[[Tree, Catalogue, ImportOptions, Progress], Offer]
    packed: bool = False
    by_rules: bool = False
    serial: bool = False
