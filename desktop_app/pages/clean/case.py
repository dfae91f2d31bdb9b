"""One case with everything its evidence shows: the finding, and the samples that it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from core.domain.findings import Finding, Json, needed_samples
from core.domain.labels import Label
from core.domain.samples import Sample
from core.domain.task import Task

if TYPE_CHECKING:
    from core.store.project import Project

MOST_MEMBERS: Final = 24
"""So many members of a case have their pictures shown."""
MOST_NEIGHBOURS: Final = 3
MOST_EXAMPLES: Final = 8


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A finding with its samples; read off the GUI thread.

    Attributes
    ----------
    samples
        The members and those the evidence names, by id; one that was removed since is not among them.
    labels
        The project's labels, by id.
    multi
        Whether an image can have many labels.
    """

    finding: Finding
    samples: Mapping[int, Sample]
    labels: Mapping[int, Label]
    multi: bool = False
    neighbours: tuple[int, ...] = field(default=())

    @property
    def members(self) -> tuple[int, ...]:
        """The members that are still there, the principal first: all of them, as decisions are about them all."""
        return tuple(i for i in self.finding.members if i in self.samples)

    @property
    def shown_members(self) -> tuple[int, ...]:
        """Those of `members` that are shown: of very many the first ones, the best, and one of each set of labels."""
        members = self.members
        if len(members) <= MOST_MEMBERS:
            return members
        kept = real(self.finding.evidence.get("keep"))
        best = (int(kept),) if kept in members else ()
        of_each = {self.samples[i].label_ids: i for i in reversed(members)}.values()
        order = dict.fromkeys((members[0], *best, *self.taking_part[:1], *of_each, *members))
        shown = set(list(order)[:MOST_MEMBERS])
        return tuple(i for i in members if i in shown)

    @property
    def taking_part(self) -> tuple[int, ...]:
        """Those of `members` that are not excluded."""
        return tuple(i for i in self.members if not self.samples[i].excluded)

    @property
    def is_over(self) -> bool:
        """Whether so many of its samples are excluded that nothing is left to decide."""
        return len(self.taking_part) < needed_samples(self.finding.kind)

    @property
    def principal(self) -> Sample | None:
        """The sample it is about."""
        return self.samples.get(self.finding.sample_id)

    def labels_of(self, sample_id: int) -> tuple[Label, ...]:
        """Return the labels a sample has."""
        sample = self.samples.get(sample_id)
        ids = sample.label_ids if sample is not None else ()
        return tuple(self.labels[i] for i in ids if i in self.labels)

    def label_named(self, name: str | None) -> Label | None:
        """Return the label of a name."""
        return next((label for label in self.labels.values() if label.name == name), None)

    @property
    def suggested(self) -> Label | None:
        """The label that the principal should have, if one is suggested."""
        return self.label_named(self.finding.suggested)

    @property
    def changes(self) -> tuple[tuple[Label, bool], ...]:
        """The labels that the principal should get (True) or lose (False), where it may have several; the worst first.

        Those that were put right since are none of them.
        """
        said = self.finding.evidence.get("doubted")
        held = {label.name for label in self.labels_of(self.finding.sample_id)}
        found: list[tuple[Label, bool]] = []
        for one in said if isinstance(said, list) and self.multi else []:
            label = self.label_named(str(one.get("label"))) if isinstance(one, dict) else None
            if isinstance(one, dict) and label is not None and (label.name in held) == one.get("holds"):
                found.append((label, not one.get("holds")))
        return tuple(found)

    @property
    def picture_ids(self) -> tuple[int, ...]:
        """The samples whose pictures are shown, the principal first."""
        return tuple(dict.fromkeys((*self.shown_members, *self.neighbours)))


def read_cases(project: Project, found: Sequence[Finding], labels: Iterable[Label]) -> list[CaseFacts]:
    """Return cases with their samples; on a worker thread."""
    from core.store.samples import samples_by_id
    from core.store.task import project_task

    named = {finding.id: named_in(finding) for finding in found}
    wanted = {i for finding in found for i in (*finding.members, *named[finding.id])}
    samples = {sample.id: sample for sample in samples_by_id(project, sorted(wanted))}
    by_id = {label.id: label for label in labels}
    multi = project_task(project) is Task.MULTI
    return [
        CaseFacts(
            finding,
            {i: samples[i] for i in (*finding.members, *named[finding.id]) if i in samples},
            by_id,
            multi,
            tuple(i for i in named[finding.id] if i in samples),
        )
        for finding in found
    ]


def named_in(finding: Finding) -> tuple[int, ...]:
    """Return the other samples that the evidence of a finding speaks of, and whose pictures it shows."""
    return tuple(
        dict.fromkeys(
            (
                *numbers(finding.evidence.get("neighbours"))[:MOST_NEIGHBOURS],
                *numbers(finding.evidence.get("examples"))[:MOST_EXAMPLES],
            )
        )
    )


def numbers(value: Json) -> tuple[int, ...]:
    """Return a list of ids of the evidence; nothing where it is none."""
    if not isinstance(value, list):
        return ()
    return tuple(int(one) for one in value if isinstance(one, int | float) and not isinstance(one, bool))


def reals(value: Json) -> tuple[float, ...]:
    """Return a list of numbers of the evidence; nothing where it is none."""
    if not isinstance(value, list):
        return ()
    return tuple(float(one) for one in value if isinstance(one, int | float) and not isinstance(one, bool))


def real(value: Json) -> float | None:
    """Return a number of the evidence; None where it is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def shares(value: Json) -> dict[str, float]:
    """Return numbers by name; nothing where the evidence has none."""
    if not isinstance(value, dict):
        return {}
    return {name: float(one) for name, one in value.items() if isinstance(one, int | float)}
