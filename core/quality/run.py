"""Checking a data set: making what the checks need, letting each look, and keeping what they found.

What a check found is kept as soon as it has looked, so that a check of a million images that is stopped midway has not
looked for nothing. Findings say how their samples were when the check began: whatever is edited while it runs makes
them stale.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import CheckRecord, FindingKind, Json, Suspicion
from core.embeddings.bank import PoolFeatures
from core.embeddings.labelled import LabelledPool, read_pool
from core.embeddings.neighbours import nearest
from core.ingest.changed import refresh_changed
from core.progress import Progress
from core.quality.data import QualityData, quality_data
from core.quality.duplicates.likelier import PROBABILITIES, judge_conflicts
from core.quality.facts.gather import gather_facts
from core.quality.kept import keep_arrays
from core.quality.reachable import require_images
from core.quality.spec import Case, CheckSpec, Found, Need
from core.quality.table import checks_for
from core.quality.unreadable.find import find_unreadable
from core.store.finding_stamps import MemberState, member_states, stamp
from core.store.findings import last_check, record_check, replace_findings
from core.store.project import Project, now
from core.store.seen import SEEN, seen_summary
from core.translation import mark

NEIGHBOURS: Final = 20
"""How many of each sample are looked up: what any check needs at the most."""

FILES: Final = "files"
"""Under which a summary says how many images had ``changed`` on disk, and were read again."""
_MOST_PROBABILITIES: Final = 10**8
"""Of all labels of all samples together, two bytes each on disk; with more, copies are judged by their majority."""
_DUPLICATES: Final = (FindingKind.CONFLICTING_DUPLICATE, FindingKind.EXACT_DUPLICATE, FindingKind.NEAR_DUPLICATE)


_Said = TypeVar("_Said")


class Embedder(Protocol):
    """Gives the samples of a pool their features; `name` says with which backbone."""

    @property
    def name(self) -> str:
        """The backbone."""

    def embed(self, pool: LabelledPool, progress: Progress) -> PoolFeatures:
        """Return the features of all samples; what is known costs nothing."""


def check_project(
    project: Project,
    embedder: Embedder,
    progress: Progress,
    *,
    kinds: Collection[FindingKind] | None = None,
    looked: Callable[[CheckSpec], None] | None = None,
    refreshed: Callable[[int], None] | None = None,
) -> CheckRecord:
    """Look for problems of the data set and keep what is found.

    Parameters
    ----------
    kinds
        What to look for; None for everything.
    looked
        Told after each check, when its findings are in the project.
    refreshed
        Told how many images had another content on disk than was imported, once they were read again; where none had,
        nothing.

    Raises
    ------
    UserError
        ``source_offline``, ``disk_full``, ``weights_missing``; what was found before stays.
    Cancelled
        The user stopped; what was found before stays.
    """
    wanted = tuple(FindingKind) if kinds is None else tuple(kind for kind in FindingKind if kind in kinds)
    # Of a million samples one statement reads for longer than anybody who stops the check would wait.
    with project.db.reading_until(lambda: progress.token.cancelled):
        require_images(project, progress)
        changed = refresh_changed(project, progress)
        if changed and refreshed is not None:
            refreshed(changed)
        checking = _Checking(project, embedder, progress)
        for spec in checks_for(wanted):
            checking.look(spec, wanted)
            if looked is not None:
                looked(spec)
        if changed:
            checking.summaries[FILES] = {"changed": changed}
        return checking.record(wanted)


@dataclass
class _Checking:
    """One check of a data set, as far as it has come."""

    project: Project
    embedder: Embedder
    progress: Progress
    at: str = field(default_factory=now)
    started_s: float = field(default_factory=time.monotonic)
    found: dict[FindingKind, int] = field(default_factory=dict)
    summaries: dict[str, dict[str, Json]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    broken: list[int] = field(default_factory=list)
    backbone: str = ""

    def __post_init__(self) -> None:
        self.progress.begin(mark("Reading the project"))
        self.pool = read_pool(self.project, self.progress)
        self.data: QualityData = quality_data(self.project, self.pool)

    def look(self, spec: CheckSpec, wanted: Collection[FindingKind]) -> None:
        """Let one check look, and keep what it found of the kinds that are wanted."""
        self._provide(spec.needs)
        found = spec.find(self.data, self.progress)
        kinds = [kind for kind in spec.kinds if kind in wanted]
        unreadable = _unreadable(self.project) if FindingKind.UNREADABLE in kinds else []
        self.broken += [one.members[0] for one in unreadable]
        self._keep(kinds, [*unreadable, *_suspicions(self.data, found.cases)])
        self._remember(spec.id, found)
        if FindingKind.UNREADABLE in kinds:  # the check itself sees only what could be read
            self.summaries.setdefault(spec.id, {})[FindingKind.UNREADABLE] = self.found[FindingKind.UNREADABLE]
        # Where wrong labels are looked for too, that comes after the duplicates, and knows more.
        last = FindingKind.LABEL_SUSPECT if FindingKind.LABEL_SUSPECT in wanted else _DUPLICATES[0]
        if last in kinds:
            judge_conflicts(self.project)
        clusters = tuple(case.rows for case in found.cases if case.kind in _DUPLICATES)
        if clusters:
            self.data = replace(self.data, duplicates=clusters)

    def record(self, wanted: Sequence[FindingKind]) -> CheckRecord:
        """Write down that the check was made."""
        seconds = time.monotonic() - self.started_s
        before, looked = last_check(self.project), {FILES, *(spec.id for spec in checks_for(wanted))}
        if before is not None:  # what was not looked at anew is known as it was
            self.summaries |= {check: dict(said) for check, said in _others(before.summaries, looked).items()}
            self.notes |= _others(before.notes, looked)
        seen = before.summaries.get(SEEN, {}) if before is not None else {}
        self.summaries[SEEN] = seen_summary(seen, {kind: self._looked_at(kind) for kind in wanted})
        return record_check(
            self.project,
            CheckRecord(
                0,
                self.at,
                seconds,
                len(self.data),
                tuple(wanted),
                self.backbone,
                self.found,
                self.summaries,
                self.notes,
            ),
        )

    def _looked_at(self, kind: FindingKind) -> NDArray[np.int64]:
        """Return the ids (n,) of the images in which a kind was looked for."""
        ids = self.data.table.ids
        if kind is FindingKind.LABEL_SUSPECT:
            return ids[self.data.labelled]
        return np.concatenate([ids, np.array(self.broken, np.int64)]) if kind is FindingKind.UNREADABLE else ids

    def _provide(self, needs: frozenset[Need]) -> None:
        if needs & {Need.FEATURES, Need.NEIGHBOURS} and self.data.features is None:
            features = self.embedder.embed(self.pool, self.progress)
            self.data, self.backbone = replace(self.data, features=features), self.embedder.name
        if Need.NEIGHBOURS in needs and self.data.neighbours is None and self.data.features is not None:
            features = self.data.features
            neighbours = nearest(features.bank, features.rows, NEIGHBOURS, self.progress)
            self.data = replace(self.data, neighbours=neighbours)
        if Need.FACTS in needs and self.data.facts is None:
            facts = gather_facts(self.project, self.data.table, self.data.keys, self.progress)
            self.data = replace(self.data, facts=facts)

    def _keep(self, kinds: Sequence[FindingKind], found: Sequence[Suspicion]) -> None:
        self.progress.checkpoint()
        kept = [one for one in found if one.kind in kinds]
        replace_findings(self.project, kinds, kept)
        self.found.update({kind: sum(one.kind is kind for one in kept) for kind in kinds})

    def _remember(self, check: str, found: Found) -> None:
        if found.summary:
            self.summaries[check] = dict(found.summary)
        if found.note:
            self.notes[check] = found.note
        if found.arrays:
            keep_arrays(self.project, check, self.data.table.ids, found.arrays)
        if found.probabilities is not None and found.probabilities.size <= _MOST_PROBABILITIES:
            columns = {
                str(label): found.probabilities[:, column].astype(np.float16)
                for column, label in enumerate(self.data.label_ids.tolist())
            }
            keep_arrays(self.project, PROBABILITIES, self.data.table.ids, columns)


def _others(of_checks: Mapping[str, _Said], looked: Collection[str]) -> dict[str, _Said]:
    return {check: said for check, said in of_checks.items() if check not in looked}


def _unreadable(project: Project) -> list[Suspicion]:
    """Return the images that cannot be read; they are none of those that checks look at."""
    kind, found = FindingKind.UNREADABLE, find_unreadable(project)
    states = member_states(project.db.read(), [number for number, _ in found])
    return [
        Suspicion(kind, str(number), (number,), 1.0, {"reason": reason}, stamp=stamp(kind, [states[number]]))
        for number, reason in found
    ]


def _suspicions(data: QualityData, cases: Iterable[Case]) -> list[Suspicion]:
    """Return cases as what the project keeps, with how their samples were when the check began."""
    ids = data.table.ids
    found: list[Suspicion] = []
    for case in cases:
        members = tuple(int(ids[row]) for row in case.rows)
        found.append(
            Suspicion(
                kind=case.kind,
                key=case.key or str(members[0]),
                members=members,
                score=float(np.clip(case.score, 0, 1)),
                evidence=case.evidence,
                p_wrong=case.p_wrong,
                suggested=None if case.suggested is None else int(data.label_ids[case.suggested]),
                stamp=stamp(case.kind, (_state(data, row) for row in case.rows)),
            )
        )
    return found


def _state(data: QualityData, row: int) -> MemberState:
    held = data.label_ids[data.held[row]] if data.held.size else ()
    return MemberState(
        int(data.table.ids[row]),
        data.digest(row),
        tuple(sorted(int(label) for label in held)),
        int(data.splits[row]),
        int(data.groups[row]),
        excluded=False,
    )
