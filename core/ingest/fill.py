"""Giving known samples what an earlier import was not told: a forgotten rule must not mean starting again.

One thing must stay true: what a sample has, or what someone took from it by hand, is left as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from core.domain.task import Task
from core.ingest.assign import natural_key
from core.ingest.formats.spec import Entry
from core.store.edits import set_label, set_labels
from core.store.project import Project
from core.store.samples import fill_groups, never_labelled, ungrouped
from core.store.task import project_task

_PART: Final = 4096


def fill_missing(project: Project, source_id: int, entries: Sequence[Entry]) -> tuple[int, int]:
    """Give the known samples among these entries the label and the group that the source says, where they have none.

    Each label is an edit that can be undone, and so are all the groups together. Returns how many samples got a
    label, and how many a group.
    """
    by_labels: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    groups: dict[str, str] = {}
    multi = project_task(project) is Task.MULTI
    for start in range(0, len(entries), _PART):
        part = entries[start : start + _PART]
        said = {entry.path: entry.labels for entry in part if entry.labels or (multi and entry.labels is not None)}
        for path, sample_id in (never_labelled(project, source_id, said) if said else {}).items():
            by_labels[said[path] or ()].append(sample_id)
        grouped = {entry.path: entry.group for entry in part if entry.group is not None}
        if grouped:
            groups |= {path: grouped[path] for path in ungrouped(project, source_id, grouped)}
    for names in sorted(by_labels, key=lambda names: [natural_key(name) for name in names]):
        if multi:
            set_labels(project, by_labels[names], names, tool="import")
        else:
            set_label(project, by_labels[names], names[0], tool="import")
    filled = fill_groups(project, source_id, groups).edit if groups else None
    return sum(map(len, by_labels.values())), filled.count if filled is not None else 0
