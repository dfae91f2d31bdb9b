"""Which images the latest check for each kind of finding has looked at, and which came in since.

It is kept with what a check said: as runs of ids, by which the kinds stand for which just these were looked at.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, Json
from core.domain.query import USABLE_SAMPLES, SampleQuery
from core.domain.sample_ids import SampleIds
from core.store.findings import last_check
from core.store.project import Project
from core.store.samples import sample_ids

SEEN: Final = "seen"
"""Under which summaries say it."""
_MOST_RUNS: Final = 20_000
"""Where more images than these were left out here and there, only the latest of all is remembered."""
_NO_END: Final = 2**62

_OF_GAPS: Final = (
    "SELECT sample.id FROM json_each(?) AS gap CROSS JOIN sample"
    " ON sample.id BETWEEN json_extract(gap.value, '$[0]') AND json_extract(gap.value, '$[1]')"
)
_RELEVANT: Final[Mapping[FindingKind, tuple[SampleQuery, ...]]] = {
    FindingKind.UNREADABLE: (USABLE_SAMPLES, SampleQuery(unreadable=True, missing=False)),
    FindingKind.LABEL_SUSPECT: (replace(USABLE_SAMPLES, labelled=True),),  # without a label, none can be wrong
}


@dataclass(frozen=True, slots=True)
class Unseen:
    """Images that are there now, and that the latest check for a kind has not looked at.

    Attributes
    ----------
    images
        How many there are, each once.
    kinds
        How many of them by kind; those that saw all images, and those nobody ever looked for, are left out.
    """

    images: int = 0
    kinds: Mapping[FindingKind, int] = field(default_factory=dict)


def seen_summary(before: Mapping[str, Json], looked_at: Mapping[FindingKind, NDArray[np.int64]]) -> dict[str, Json]:
    """Return what a check keeps of which images it looked at.

    Parameters
    ----------
    before
        What the check before kept; it holds for the kinds that were not looked for anew.
    looked_at
        By kind the ids (n,) of the images that were.
    """
    kinds: dict[str, list[Json]] = {}
    for runs, kind in _kept(before):
        if kind not in looked_at:
            kinds.setdefault(runs, []).append(str(kind))
    for kind, ids in looked_at.items():
        kinds.setdefault(_runs(ids), []).append(str(kind))
    return dict(kinds)


def unseen(project: Project) -> Unseen:
    """Return which images came in, got a label, or take part again since they were last looked for anything.

    What checks of earlier versions looked at is told by when the images were imported.
    """
    record = last_check(project)
    if record is None:
        return Unseen()
    since: dict[str, list[FindingKind]] = {}
    for runs, kind in _kept(record.summaries.get(SEEN, {})):
        since.setdefault(runs, []).append(kind)
    found = [pair for runs, kinds in since.items() for pair in _relevant(project, _outside(project, runs), kinds)]
    for at, kinds in _by_moment(project, {kind for known in since.values() for kind in known}).items():
        rows = project.db.read().execute("SELECT id FROM sample WHERE added_at > ?", (at,))
        found += _relevant(project, [number for (number,) in rows], kinds)
    images = np.unique(np.concatenate([ids for _, ids in found])) if found else ()
    return Unseen(len(images), {kind: len(ids) for kind, ids in found})


def _kept(said: Mapping[str, Json]) -> Iterator[tuple[str, FindingKind]]:
    for runs, kinds in said.items():
        for kind in kinds if isinstance(kinds, list) else ():
            if kind in list(FindingKind):
                yield runs, FindingKind(str(kind))


def _runs(ids: NDArray[np.int64]) -> str:
    """Return ids as ``1-60,63-84``."""
    ordered = np.unique(ids)
    if not len(ordered):
        return ""
    ends = np.flatnonzero(np.diff(ordered) > 1)
    if len(ends) >= _MOST_RUNS:
        return f"{ordered[0]}-{ordered[-1]}"
    first, last = ordered[np.r_[0, ends + 1]], ordered[np.r_[ends, len(ordered) - 1]]
    return ",".join(f"{low}-{high}" for low, high in zip(first.tolist(), last.tolist(), strict=True))


def _outside(project: Project, runs: str) -> list[int]:
    """Return the ids of all samples that are in none of the runs."""
    gaps, following = [], 0
    for run in runs.split(",") if runs else ():
        low, _, high = run.partition("-")
        gaps.append((following, int(low) - 1))
        following = int(high) + 1
    gaps.append((following, _NO_END))
    rows = project.db.read().execute(_OF_GAPS, (json.dumps([gap for gap in gaps if gap[0] <= gap[1]]),))
    return [number for (number,) in rows]


def _relevant(
    project: Project, ids: Sequence[int], kinds: Collection[FindingKind]
) -> list[tuple[FindingKind, NDArray[np.int64]]]:
    """Return, by kind, which of these samples a check for it would look at now; kinds with none are left out."""
    if not ids:
        return []
    asked, given = {kind: _RELEVANT.get(kind, (USABLE_SAMPLES,)) for kind in kinds}, SampleIds(np.array(ids, np.int64))
    queries = dict.fromkeys(query for of_kind in asked.values() for query in of_kind)
    known = {query: sample_ids(project, replace(query, ids=given)) for query in queries}
    found = [(kind, np.concatenate([known[query] for query in of_kind])) for kind, of_kind in asked.items()]
    return [(kind, relevant) for kind, relevant in found if len(relevant)]


def _by_moment(project: Project, known: Collection[FindingKind]) -> dict[str, list[FindingKind]]:
    """Return when the latest check for each of the other kinds began."""
    latest: dict[FindingKind, str] = {}
    rows = project.db.read().execute("SELECT kinds, max(at) FROM check_record GROUP BY kinds").fetchall()
    for kinds, at in rows:
        for kind in map(FindingKind, json.loads(kinds)):
            if kind not in known:
                latest[kind] = max(at, latest.get(kind, ""))
    moments: dict[str, list[FindingKind]] = {}
    for kind, at in latest.items():
        moments.setdefault(at, []).append(kind)
    return moments
