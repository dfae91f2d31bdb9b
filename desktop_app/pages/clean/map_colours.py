"""What the points of the map of images are coloured by, read from the project; for worker threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import IMAGE_QUALITY, WHOLE_DATA_SET, FindingKind
from core.domain.labels import LABEL_COLOURS, UNLABELLED_COLOUR, Label
from core.domain.query import SampleQuery
from core.domain.samples import SPLIT_CODES, Split
from core.store.findings import findings
from core.store.labels import labels
from core.store.multilabel import label_matrix
from core.store.predictions import latest_predicted_run, surest_labels
from core.store.project import Project
from core.store.samples import group_names, sample_table
from core.translation import mark, tr
from core.words import said
from desktop_app.widgets.map.colouring import Category, Colouring, by_category, by_number

Ids = NDArray[np.int64]
SEVERAL: Final = ("#5B6878", "✚")


class ColourBy(StrEnum):
    """What the images are coloured by."""

    LABEL = "label"
    PREDICTION = "prediction"
    SPLIT = "split"
    GROUP = "group"
    FINDING = "finding"
    SUSPICION = "suspicion"


# Kinds of findings that belong together, as the queues have them: the worst first, which is the colour an image gets.
FINDING_GROUPS: Final = (
    (mark("conflicting duplicate"), (FindingKind.CONFLICTING_DUPLICATE,)),
    (mark("label suspect"), (FindingKind.LABEL_SUSPECT,)),
    (mark("leakage across splits"), (FindingKind.LEAKAGE,)),
    (mark("outlier"), (FindingKind.OUTLIER,)),
    (mark("duplicate"), (FindingKind.EXACT_DUPLICATE, FindingKind.NEAR_DUPLICATE)),
    (mark("image quality"), IMAGE_QUALITY),
)


@dataclass(frozen=True, slots=True)
class Coloured:
    """A colouring, and what else there is to say of it."""

    colouring: Colouring
    note: str = ""


def read_colours(project: Project, ids: Ids, by: ColourBy, *, dark: bool) -> Coloured:
    """Return the colours of samples (N,), ids in ascending order."""
    readers: dict[ColourBy, Callable[[], Coloured]] = {
        ColourBy.LABEL: lambda: _by_label(project, ids),
        ColourBy.PREDICTION: lambda: _by_prediction(project, ids),
        ColourBy.SPLIT: lambda: _by_split(project, ids),
        ColourBy.GROUP: lambda: _by_group(project, ids),
        ColourBy.FINDING: lambda: _by_finding(project, ids),
        ColourBy.SUSPICION: lambda: _by_suspicion(project, ids, dark=dark),
    }
    return readers[by]()


def _as_categories(found: Sequence[Label]) -> list[Category]:
    return [Category(label.name, label.colour, label.glyph) for label in found]


def _by_label(project: Project, ids: Ids) -> Coloured:
    every = labels(project)
    held = label_matrix(project, ids, [label.id for label in every])
    count = held.sum(axis=1)
    codes = np.where(count == 0, len(every), held.argmax(axis=1) if len(every) else 0)
    codes[count > 1] = len(every) + 1
    several = Category(tr("several labels"), *SEVERAL)
    return Coloured(by_category(codes, [*_as_categories(every), Category(tr("no label"), *UNLABELLED_COLOUR), several]))


def _by_prediction(project: Project, ids: Ids) -> Coloured:
    every = labels(project)
    codes = np.full(len(ids), len(every))
    run = latest_predicted_run(project)
    categories = [*_as_categories(every), Category(tr("not predicted"), *UNLABELLED_COLOUR)]
    if run is None:
        return Coloured(by_category(codes, categories), tr("No run has predicted yet."))
    predicted = surest_labels(project, run, ids)
    for place, label in enumerate(every):
        codes[predicted == label.id] = place
    return Coloured(by_category(codes, categories, behind=len(every)), tr("run {run}", run=run))


def _by_split(project: Project, ids: Ids) -> Coloured:
    order = (Split.TRAIN, Split.VAL, Split.TEST, Split.NONE)
    place = np.zeros(len(SPLIT_CODES), dtype=np.int64)
    for number, split in enumerate(order):
        place[SPLIT_CODES[split]] = number
    looks = [*LABEL_COLOURS[:3], UNLABELLED_COLOUR]
    splits = _column(project, ids, lambda table: table.splits.astype(np.int64), 0)
    return Coloured(
        by_category(place[splits], [Category(said(s), *look) for s, look in zip(order, looks, strict=True)])
    )


def _by_group(project: Project, ids: Ids) -> Coloured:
    groups = _column(project, ids, lambda table: table.group_ids, -1)
    there = np.unique(groups[groups >= 0])
    names = group_names(project)
    none = Category(tr("no group"), *UNLABELLED_COLOUR)
    codes = np.searchsorted(there, groups)
    if len(there) <= len(LABEL_COLOURS):
        codes[groups < 0] = len(there)
        named = [Category(names.get(i, ""), *LABEL_COLOURS[n]) for n, i in enumerate(there.tolist())]
        return Coloured(by_category(codes, [*named, none]))
    # More groups than colours that can be told apart: neighbours of one colour are likely to be of one group, no more.
    codes = codes % len(LABEL_COLOURS)
    codes[groups < 0] = len(LABEL_COLOURS)
    colouring = by_category(codes, [*(Category("", *look) for look in LABEL_COLOURS), none])
    return Coloured(colouring, tr("{n} groups share these colours", n=f"{len(there):,}"))


def _by_finding(project: Project, ids: Ids) -> Coloured:
    codes = np.full(len(ids), len(FINDING_GROUPS))
    # The worst is written last.
    for number, (_, kinds) in reversed(list(enumerate(FINDING_GROUPS))):
        members = [member for one in findings(project, kinds) for member in one.members]
        codes[_rows_of(ids, np.array(members, dtype=np.int64))] = number
    named = [Category(tr(words), *LABEL_COLOURS[n]) for n, (words, _) in enumerate(FINDING_GROUPS)]
    nothing = Category(tr("nothing suspected"), *UNLABELLED_COLOUR)
    return Coloured(by_category(codes, [*named, nothing], behind=len(named)))


def _by_suspicion(project: Project, ids: Ids, *, dark: bool) -> Coloured:
    values = np.full(len(ids), np.nan)
    kinds = [kind for kind in FindingKind if kind not in WHOLE_DATA_SET]
    for one in findings(project, kinds):
        rows = _rows_of(ids, np.array([one.sample_id], dtype=np.int64))
        values[rows] = np.fmax(values[rows], one.p_wrong if one.p_wrong is not None else one.score)
    return Coloured(by_number(values, dark=dark, low=0.0, high=1.0), tr("the worst open finding of each"))


def _column(project: Project, ids: Ids, read: Callable[..., NDArray[np.int64]], missing: int) -> NDArray[np.int64]:
    """Return a column of the project's samples for these ids."""
    table = sample_table(project, SampleQuery(excluded=None))
    order = np.argsort(table.ids, kind="stable")
    found = np.full(len(ids), missing, dtype=np.int64)
    rows = _rows_of(table.ids[order], ids, keep=True)
    found[rows >= 0] = read(table)[order][rows[rows >= 0]]
    return found


def _rows_of(ascending: Ids, wanted: Ids, *, keep: bool = False) -> NDArray[np.int64]:
    """Return where ids are among ascending ones; those that are not are left out, or -1 with `keep`."""
    if not len(ascending):
        return np.full(len(wanted) if keep else 0, -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    known = ascending[at] == wanted
    return np.where(known, at, -1).astype(np.int64) if keep else at[known].astype(np.int64)
