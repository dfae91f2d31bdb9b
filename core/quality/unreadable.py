"""Images that cannot be read: what the import, or whoever looked at them since, wrote down about them."""

from __future__ import annotations

from core.domain.findings import FindingKind, Suspicion
from core.domain.query import SampleQuery
from core.progress import Progress
from core.store.finding_stamps import member_states, stamp
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.translation import mark

_UNREADABLE = SampleQuery(unreadable=True, missing=False)


def find_unreadable(project: Project, progress: Progress) -> list[Suspicion]:
    """Return the samples that cannot be read, with the reason; those that are excluded or missing are left out."""
    ids = sample_ids(project, _UNREADABLE)
    states = member_states(project.db.read(), ids.tolist())
    kind = FindingKind.UNREADABLE
    found: list[Suspicion] = []
    for sample in progress.track(samples_by_id(project, ids), mark("Looking for unreadable images"), len(ids)):
        said = stamp(kind, [states[sample.id]])
        found.append(Suspicion(kind, str(sample.id), (sample.id,), 1.0, {"reason": sample.problem}, stamp=said))
    return found
