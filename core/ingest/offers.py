"""What is in a source, told before anything is added: which format it is, and what that format finds in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.domain.address import parse_address
from core.domain.samples import NewSample
from core.errors import UserError
from core.images.trees import FOLDER, Skipped, Tree, TreeFile
from core.ingest.assign import natural_key
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.lazy import LazyEntries
from core.ingest.formats.spec import Entry, FormatSpec, ImportOptions, Offer
from core.ingest.formats.table import FORMATS, format_spec
from core.ingest.idx import IdxData, find_pairs, load_pair
from core.ingest.places import open_place
from core.ingest.rules import GroupKind, LabelKind, required
from core.ingest.scan import scan_file
from core.progress import Progress
from core.store.project import Project
from core.translation import mark

AUTO: Final = "auto"


@dataclass(frozen=True, slots=True)
class Opened:
    """A source that was looked into: `root` as it is recorded, its tree, and its files."""

    kind: str
    root: Path | str
    tree: Tree
    files: Catalogue
    skipped: Skipped


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be imported as one source: an offer, and how its entries are found and read.

    `found` gives the address, size and time of an entry as it is recorded, `scan` its sample.
    """

    kind: str
    title: str
    offer: Offer
    found: Callable[[Entry], TreeFile]
    scan: Callable[[Entry], NewSample]


def open_source(
    project: Project | None,
    root: Path | str,
    progress: Progress,
    only: Sequence[str] = (),
    *,
    network: bool = False,
) -> Opened:
    """Look into a source.

    Parameters
    ----------
    root
        A folder, a ZIP, an address on a server, or a file that holds a data set or is an image.
    only
        The files or folders in it that are meant; empty for all.
    network
        Whether the user allows the network to be used for this.

    Raises
    ------
    UserError
        As `core.ingest.places.open_place`; and what is wrong with a server.
    """
    progress.begin(mark("Looking for images"))
    place = open_place(root, project, progress, network=network)
    only = place.only or only
    skipped: Skipped = []
    files = Catalogue(place.tree.files(progress, skipped))
    return Opened(place.kind, place.root, place.tree, files.subset(only) if only else files, sorted(skipped))


def plans(source: Opened, name: str, options: ImportOptions, progress: Progress) -> list[Plan]:
    """Return what is to be imported; empty where there is no image.

    Parameters
    ----------
    name
        A format's id, or `AUTO` for the first that recognises the files.

    Raises
    ------
    UserError
        Where a rule or an option cannot be applied, or the data set cannot be read.
    """
    found = _idx_plans(source, options)
    spec = _recognised(source, options) if name == AUTO else format_spec(name)
    if spec is not None:
        offer = _by_rules(spec.read(source.tree, source.files, options, progress), spec, options)
        if offer.entries:
            found.append(_plan(source, spec.title, offer))
    return found


def _recognised(source: Opened, options: ImportOptions) -> FormatSpec | None:
    if options.labels.kind in (LabelKind.TABLE, LabelKind.PATTERN) or options.groups.kind is GroupKind.COLUMN:
        return format_spec("folders") if source.files.images else None
    specs = FORMATS if options.labels.kind is not LabelKind.FOLDER else [s for s in FORMATS if s.packed] + [FORMATS[-1]]
    return next((spec for spec in specs if spec.recognise(source.tree, source.files)), None)


def _by_rules(offer: Offer, spec: FormatSpec, options: ImportOptions) -> Offer:
    """Apply to a data set what the user says of any: to take no labels, and where the groups are."""
    if spec.id == "folders":
        return offer
    if options.labels.kind is LabelKind.NONE:
        bare = LazyEntries(offer.entries, lambda entry: replace(entry, labels=None))
        offer = replace(offer, entries=bare, labels=(), multi=False)
    if options.groups.kind is GroupKind.PATTERN:
        pattern = required(options.groups.pattern)
        pattern.check(entry.path for entry in offer.entries)
        grouped = LazyEntries(offer.entries, lambda entry: replace(entry, group=pattern.find(entry.path)))
        offer = replace(offer, entries=grouped)
    return offer


def _plan(source: Opened, title: str, offer: Offer) -> Plan:
    files, tree = source.files, source.tree

    def container(entry: Entry) -> TreeFile:
        name = parse_address(entry.path).container
        return files.get(name) or TreeFile(name, 0, 0)

    def found(entry: Entry) -> TreeFile:
        file = container(entry)
        return file if file.path == entry.path else TreeFile(entry.path, file.size_bytes, file.mtime_ns)

    return Plan(source.kind, title, offer, found, lambda entry: scan_file(tree, container(entry), entry))


def _idx_plans(source: Opened, options: ImportOptions) -> list[Plan]:
    pairs = (
        find_pairs(Path(source.root)) if source.kind == FOLDER and source.files.named(r".*idx3-ubyte(\.gz)?") else []
    )
    if not pairs:
        return []
    ruled = options.labels.kind in (LabelKind.TABLE, LabelKind.PATTERN)
    if ruled or options.groups.kind is not GroupKind.NONE:
        raise UserError("rule_not_for_idx", path=str(source.root))
    loaded = [load_pair(pair, labelled=options.labels.kind is not LabelKind.NONE) for pair in pairs]
    return [_idx_plan(source, loaded)]


def _idx_plan(source: Opened, loaded: list[IdxData]) -> Plan:
    by_name = {data.name: data for data in loaded}
    files = {file.path: file for data in loaded for file in data.files()}
    names = sorted({name for data in loaded for name in data.labels or ()}, key=natural_key)

    def data(path: str) -> IdxData:
        return by_name[parse_address(path).file]

    def entry(path: str) -> Entry:
        label = data(path).label(path)
        return Entry(path, None if label is None else (label,), split=data(path).split)

    offer = Offer("idx", source.tree, LazyEntries(list(files), entry), tuple(names))

    def found(one: Entry) -> TreeFile:
        file = files[one.path]
        return TreeFile(file.path, file.size_bytes, file.mtime_ns)

    return Plan(
        FOLDER, mark("IDX files, as of MNIST"), offer, found, lambda one: data(one.path).sample(files[one.path])
    )
