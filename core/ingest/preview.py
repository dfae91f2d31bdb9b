"""What an import would bring, told by the very code that imports, before anything is added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.samples import Source, Split
from core.domain.task import Task
from core.error_texts.table import ERROR_TEXTS
from core.errors import UserError
from core.ingest.assign import natural_key
from core.ingest.beside import lying_beside
from core.ingest.copies import Copies, find_copies
from core.ingest.formats.spec import Entry, Problem
from core.ingest.known import known_by_path, labelled_otherwise, unknown
from core.ingest.offers import Opened, Plan
from core.ingest.relocate import moved_source
from core.ingest.renamed import find_renamed
from core.progress import Progress
from core.store.project import Project
from core.store.samples import counts
from core.store.sources import sources
from core.store.task import project_task
from core.translation import mark, tr, tr_n

_SHOWN: Final = 12
_MORE_GROUPS: Final = 1000


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come in.

    Attributes
    ----------
    format, title
        The id of the format that was recognised (several where images lie beside packed ones, joined by “+”), and
        what people call it.
    images
        All images that the source offers; `known` of them are here already, `would_add` are new, and `renamed` are here
        under another name.
    labels
        Images that would come in by label, in the labels' order, and known ones that would get it; of those that come
        in, `unlabelled` have none.
    groups
        Images that would come in by group, the largest 1,000; `group_count` counts all these groups, `ungrouped` the
        images in none.
    splits, tags
        Images that would come in by split, and by tag.
    multi
        Whether an image can have several labels.
    unreadable
        Path and reason, of the `checked` images.
    skipped
        Path and reason of what would be left out.
    entries
        A few images from all over the source.
    note
        Why the import would be refused, and what to do about it; empty where it would not.
    copies
        How many of the new images have the content of images that are here already, from another source: at least so
        many, where not `copies_complete`.
    multi_page
        How many of the images that were tried are the first page of files with several; the other pages are left out.
    volumes
        How many of the images are volumes of arrays, taken as the brightest of their planes.
    beside
        How many images lie beside the data set without being part of it; they would be left out.
    notes
        What the user should know of how the source was understood.
    """

    format: str
    title: str
    images: int
    known: int
    would_add: int
    labels: dict[str, int]
    unlabelled: int
    groups: dict[str, int]
    group_count: int
    ungrouped: int
    splits: dict[Split, int]
    tags: dict[str, int]
    multi: bool
    unreadable: list[tuple[str, str]]
    checked: int
    skipped: list[tuple[str, str]]
    entries: tuple[Entry, ...]
    note: str = ""
    beside: int = 0
    copies: int = 0
    copies_complete: bool = True
    multi_page: int = 0
    volumes: int = 0
    notes: tuple[str, ...] = ()
    renamed: int = 0


@dataclass(frozen=True, slots=True)
class Tried:
    """What trying new images showed: path and reason of the unreadable, how many were tried, and as of `Preview`."""

    unreadable: list[tuple[str, str]]
    checked: int
    copies: Copies
    multi_page: int


def copies_text(seen: Preview) -> str:
    """Say how many of the new images are copies of known ones; empty where there are none."""
    if not seen.copies:
        return ""
    if seen.copies_complete:
        return tr_n(
            "{n} of the new images is a copy of one that is here already, from another source.",
            "{n} of the new images are copies of ones that are here already, from another source.",
            seen.copies,
        )
    return tr_n(
        "At least {n} of the new images is a copy of one that is here already, from another source.",
        "At least {n} of the new images are copies of ones that are here already, from another source.",
        seen.copies,
    )


def pages_texts(seen: Preview) -> list[str]:
    """Say what is taken of files with several pages, and of volumes."""
    said = []
    if seen.multi_page:
        said.append(
            tr_n(
                "{n} file has several pages; only the first is taken.",
                "{n} files have several pages; only the first of each is taken.",
                seen.multi_page,
            )
            if seen.checked >= seen.would_add
            else tr_n(
                "At least {n} file has several pages; only the first is taken.",
                "At least {n} files have several pages; only the first of each is taken.",
                seen.multi_page,
            )
        )
    if seen.volumes:
        said.append(
            tr_n(
                "{n} image is a volume; the brightest of its planes is taken at each place.",
                "{n} images are volumes; the brightest of their planes is taken at each place.",
                seen.volumes,
            )
        )
    return said


def left_out(source: Opened, plans: Sequence[Plan]) -> list[Problem]:
    """Return everything that would be left out, and why."""
    return [*source.skipped, *(problem for plan in plans for problem in plan.offer.problems)]


def needs_many_labels(project: Project, plans: Sequence[Plan]) -> bool:
    """Return whether the project must go from one label an image to many for these plans.

    Raises
    ------
    UserError
        ``import_many_labels`` where it has images already: it is for the user to decide.
    """
    if not any(plan.offer.multi for plan in plans) or project_task(project) is Task.MULTI:
        return False
    if counts(project).samples:
        raise UserError("import_many_labels", path=plans[0].offer.tree.root)
    return True


def preview(
    project: Project | None, source: Opened, plans: Sequence[Plan], progress: Progress, check: int | None
) -> Preview:
    """Return what these plans would add; as `core.ingest.importer.preview_source`."""
    tally = _Tally()
    new = [_new(project, source, plan) for plan in plans]
    for plan, one in zip(plans, new, strict=True):
        tally.count(plan, one.positions, progress)
        if project is not None and one.source_id and project_task(project) is Task.SINGLE:
            tally.compare(project, one.source_id, plan, one.positions)
    tried = _check(project, plans, new, check, progress)
    would_add, renamed = (sum(count) for count in zip(*((len(one.positions), one.renamed) for one in new), strict=True))
    order = {name: at for plan in plans for at, name in enumerate(plan.offer.labels)}
    labels = sorted(tally.labels, key=lambda name: (order.get(name, len(order)), natural_key(name)))
    entries = [plan.offer.entries[i] for plan in plans for i in _spread(range(len(plan.offer.entries)), _SHOWN)]
    return Preview(
        format="+".join(dict.fromkeys(plan.offer.format for plan in plans)),
        title=" + ".join(dict.fromkeys(tr(plan.title) for plan in plans)),
        images=tally.images,
        known=tally.images - would_add - renamed,
        would_add=would_add,
        labels={name: tally.labels[name] for name in labels},
        unlabelled=tally.unlabelled,
        groups=dict(tally.groups.most_common(_MORE_GROUPS)),
        group_count=len(tally.groups),
        ungrouped=would_add - tally.groups.total(),
        splits={split: tally.splits[split] for split in Split},
        tags=dict(sorted(tally.tags.items())),
        multi=any(plan.offer.multi for plan in plans),
        unreadable=tried.unreadable,
        checked=tried.checked,
        skipped=[(path, tr(ERROR_TEXTS[code])) for path, code in left_out(source, plans)],
        entries=tuple(entries[:_SHOWN]),
        note=_note(project, plans),
        beside=len(lying_beside(source.files, [plan.offer for plan in plans], progress)),
        copies=tried.copies.count,
        copies_complete=tried.copies.complete,
        multi_page=tried.multi_page,
        volumes=sum(plan.offer.volumes for plan in plans),
        notes=tuple(dict.fromkeys(note for plan in plans for note in plan.offer.notes)) + tally.notes(renamed),
        renamed=renamed,
    )


def _note(project: Project | None, plans: Sequence[Plan]) -> str:
    if project is None:
        return ""
    try:
        needs_many_labels(project, plans)
    except UserError as error:
        return error.message
    return ""


class _Tally:
    """Counts entries."""

    def __init__(self) -> None:
        self.images = self.unlabelled = self.otherwise = 0
        self.labels: Counter[str] = Counter()
        self.groups: Counter[str] = Counter()
        self.splits: Counter[Split] = Counter()
        self.tags: Counter[str] = Counter()

    def compare(self, project: Project, source_id: int, plan: Plan, new: Sequence[int]) -> None:
        """Count what the source says of the labels of known images."""
        differ, gained = labelled_otherwise(project, source_id, plan, new)
        self.otherwise += differ
        self.labels.update(gained)

    def notes(self, renamed: int) -> tuple[str, ...]:
        """Say how many known images have another name, or another label."""
        names = tr_n(
            "{n} image is here already under another name; what is known of it is kept.",
            "{n} images are here already under other names; what is known of them is kept.",
            renamed,
        )
        labels = tr_n(
            "{n} image that is here already has another label than in the source; it keeps its own.",
            "{n} images that are here already have other labels than in the source; they keep their own.",
            self.otherwise,
        )
        return tuple(said for count, said in ((renamed, names), (self.otherwise, labels)) if count)

    def count(self, plan: Plan, positions: Sequence[int], progress: Progress) -> None:
        """Count what would come in of a plan: its entries at these positions."""
        entries = plan.offer.entries
        coming = entries if len(positions) == len(entries) else (entries[at] for at in positions)
        for done, entry in enumerate(coming):
            if done % 4096 == 0:
                progress.checkpoint()
            self.labels.update(entry.labels or ())
            self.unlabelled += not entry.labels
            self.splits[entry.split] += 1
            self.tags.update(entry.tags)
            if entry.group is not None:
                self.groups[entry.group] += 1
        self.images += len(plan.offer.entries)


@dataclass(frozen=True, slots=True)
class _New:
    """The positions of a plan's entries that are not here yet, and the source they would be of; 0 for a new one.

    `renamed` others are here under another name.
    """

    source_id: int
    positions: Sequence[int]
    renamed: int = 0


def _new(project: Project | None, source: Opened, plan: Plan) -> _New:
    if project is None:
        return _New(0, range(len(plan.offer.entries)))
    root = str(source.root)
    alike = (one for one in sources(project).values() if (one.kind, one.root) == (plan.kind, root))
    own = next(alike, None) or moved_source(project, plan, root) or Source(0, plan.kind, root)
    new = unknown(plan, known_by_path(project, own), changed=False)
    renamed = find_renamed(project, own.id, plan, root, new)
    return _New(own.id, [at for at in new if at not in renamed] if renamed else new, len(renamed))


def try_new(
    project: Project | None, source: Opened, plans: Sequence[Plan], check: int | None, progress: Progress
) -> Tried:
    """Return which of the new images cannot be read, with the reasons, and how many are copies.

    Parameters
    ----------
    check
        How many are tried, evenly spread; None for all of them.
    """
    return _check(project, plans, [_new(project, source, plan) for plan in plans], check, progress)


def _check(
    project: Project | None, plans: Sequence[Plan], new: Sequence[_New], check: int | None, progress: Progress
) -> Tried:
    total = sum(len(one.positions) for one in new)
    share = 1.0 if check is None or total <= check else check / total
    chosen = [_spread(one.positions, round(len(one.positions) * share)) for one in new]
    found, checked, copies = [], sum(map(len, chosen)), Copies(complete=check != 0 or not total)
    first_pages = 0
    progress.begin(mark("Trying the images"), checked)
    for plan, one, positions in zip(plans, new, chosen, strict=True):
        read = {}
        for at in positions:
            sample = plan.scan(plan.offer.entries[at])
            progress.advance(1, sample.path)
            read[at] = sample.digest
            first_pages += sample.pages_left > 0
            if sample.problem is not None:
                found.append((sample.path, tr(sample.problem)))
        if project is not None and check != 0:
            copies += find_copies(project, one.source_id, plan, one.positions, read, progress)
    return Tried(found, checked, copies, first_pages)


def _spread(positions: Sequence[int], count: int) -> list[int]:
    """Return at most `count` of the positions, evenly spread."""
    count = min(count, len(positions))
    return [positions[i * len(positions) // count] for i in range(count)]
