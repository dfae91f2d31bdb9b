"""What is in a source, told before anything is added: which format it is, and what that format finds in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.domain.address import parse_address
from core.domain.samples import NewSample
from core.errors import UserError
from core.images.listing import is_image_name
from core.images.trees import Skipped, Tree, TreeFile
from core.ingest.beside import lying_beside
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.lazy import LazyEntries
from core.ingest.formats.spec import Entry, FormatSpec, ImportOptions, Offer
from core.ingest.formats.table import FORMATS, format_spec
from core.ingest.formats.tables import is_imagefolder, is_table, may_list_images
from core.ingest.patterns import assignment
from core.ingest.places import open_place
from core.ingest.planes import with_plane
from core.ingest.rules import NO_GROUPS, GroupKind, LabelKind, LabelRule, required
from core.ingest.scan import scan_entry
from core.progress import Progress
from core.store.project import Project
from core.translation import mark

AUTO: Final = "auto"
_FOLDERS: Final = "folders"
_FOLDER_CODES: Final = frozenset({"folder_linked", "image_denied"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A source that was looked into: `root` and `options` as they are recorded, its tree, and its files."""

    kind: str
    root: Path | str
    tree: Tree
    files: Catalogue
    skipped: Skipped
    options: str = "{}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be imported as one source: an offer, and how its entries are found and read.

    `found` gives the address of an entry with the size and time of its file, `scan` its sample. `serial`: the entries
    of a file are read quickly only one after the other.
    """

    kind: str
    title: str
    offer: Offer
    found: Callable[[Entry], TreeFile]
    scan: Callable[[Entry], NewSample]
    serial: bool = False


def open_source(
    project: Project | None,
    root: Path | str,
    progress: Progress,
    only: Sequence[str] = (),
    *,
    network: bool = False,
    follow_links: bool = False,
) -> Opened:
    """Look into a source.

    Parameters
    ----------
    root
        A folder, a ZIP, an address on a server, or a file: a data set, a table of images beside it, or an image.
    only
        The files or folders in it that are meant; empty for all.
    network
        Whether the user allows the network to be used for this.
    follow_links
        Whether the user allows links in a folder to lead out of it.

    Raises
    ------
    UserError
        As `core.ingest.places.open_place`; and what is wrong with a server.
    """
    progress.begin(mark("Looking for images"))
    place = open_place(root, project, progress, network=network, follow_links=follow_links)
    only = place.only or only
    skipped: Skipped = []
    files = Catalogue(place.tree.files(progress, skipped))
    told = sorted(row for row in skipped if row[1] in _FOLDER_CODES or is_image_name(row[0]))
    files = _meant(place.tree, files, only) if only else files
    return Opened(place.kind, place.root, place.tree, files, told, place.options)


def _meant(tree: Tree, files: Catalogue, only: Sequence[str]) -> Catalogue:
    """Return the files that are meant; a table of labels alone means the images beside it that it names."""
    meant = files.subset(only)
    if meant.images or not any(map(may_list_images, meant)):
        return meant
    images = (file.path for file in files.images)
    beside = files.exactly({*images, *(file.path for file in meant)})
    return beside if is_imagefolder(tree, beside) or is_table(tree, beside) else meant


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
    if options.plane is not None and options.pages:
        raise UserError("plane_with_pages")
    spec = _recognised(source, options) if name == AUTO else format_spec(name)
    if spec is None:
        return []
    found = [_plan(source, spec, _by_rules(spec.read(source.tree, source.files, options, progress), spec, options))]
    source.files.document = None
    if spec.packed and name == AUTO and source.files.images:
        beside = format_spec(_FOLDERS)
        found.append(_plan(source, beside, beside.read(source.tree, source.files, options, progress)))
    elif options.beside and spec.id != _FOLDERS:
        found += _beside(source, found[0].offer, options, progress)
    if options.plane is not None and found:
        offers = with_plane([plan.offer for plan in found], options.plane, progress)
        found = [replace(plan, offer=offer) for plan, offer in zip(found, offers, strict=True)]
    return _usable(found)


def _beside(source: Opened, offer: Offer, options: ImportOptions, progress: Progress) -> list[Plan]:
    """Return what lies beside a data set that says nothing of it: images without a label."""
    paths = set(lying_beside(source.files, [offer], progress))
    if not paths:
        return []
    spec = format_spec(_FOLDERS)
    unlabelled = replace(options, labels=LabelRule(LabelKind.NONE), groups=NO_GROUPS)
    return [_plan(source, spec, spec.read(source.tree, source.files.exactly(paths), unlabelled, progress))]


def _usable(plans: Sequence[Plan]) -> list[Plan]:
    """Return the plans that bring images; the first of them tells what is wrong with the others too."""
    usable = [plan for plan in plans if plan.offer.entries]
    lost = [problem for plan in plans if not plan.offer.entries for problem in plan.offer.problems]
    if usable and lost:
        first = usable[0]
        usable[0] = replace(first, offer=replace(first.offer, problems=[*first.offer.problems, *lost]))
    return usable


def _recognised(source: Opened, options: ImportOptions) -> FormatSpec | None:
    specs: Sequence[FormatSpec] = FORMATS
    if options.labels.kind in (LabelKind.TABLE, LabelKind.PATTERN, LabelKind.FOLDER):
        specs = [spec for spec in FORMATS if spec.packed or spec.by_rules]
    return next((spec for spec in specs if spec.recognise(source.tree, source.files)), None)


def _by_rules(offer: Offer, spec: FormatSpec, options: ImportOptions) -> Offer:
    """Apply to a data set what the user says of any: where the labels and the groups are, or to take no labels."""
    if spec.by_rules:
        return offer
    if options.labels.kind is LabelKind.TABLE:
        raise UserError("rule_not_for_idx", path=offer.tree.root)
    if options.labels.kind is LabelKind.PATTERN:
        named = required(options.labels.pattern)
        named.check(entry.path for entry in offer.entries)
        offer = _changed(offer, lambda entry: replace(entry, labels=assignment(named.pattern, entry.path).names))
        used = {name for entry in offer.entries for name in entry.labels or ()}
        offer = replace(offer, labels=tuple(sorted(used)), multi=False)
    if options.labels.kind is LabelKind.NONE:
        offer = replace(_changed(offer, lambda entry: replace(entry, labels=None)), labels=(), multi=False)
    if options.groups.kind is GroupKind.PATTERN:
        pattern = required(options.groups.pattern)
        pattern.check(entry.path for entry in offer.entries)
        offer = _changed(offer, lambda entry: replace(entry, group=pattern.find(entry.path)))
    return offer


def _changed(offer: Offer, change: Callable[[Entry], Entry]) -> Offer:
    return replace(offer, entries=LazyEntries(offer.entries, change))


def _plan(source: Opened, spec: FormatSpec, offer: Offer) -> Plan:
    files, tree = source.files, source.tree

    def container(entry: Entry) -> TreeFile:
        found = files.get(entry.path)
        if found is not None:
            return found
        name = parse_address(entry.path).container
        return files.get(name) or TreeFile(name, 0, 0)

    def found(entry: Entry) -> TreeFile:
        file = container(entry)
        return file if file.path == entry.path else TreeFile(entry.path, file.size_bytes, file.mtime_ns)

    return Plan(
        source.kind, spec.title, offer, found, lambda entry: scan_entry(tree, container(entry), entry), spec.serial
    )
