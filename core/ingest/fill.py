"""Giving known samples what an earlier import was not told: a forgotten rule must not mean starting again.

One thing must stay true: what a sample has, or what someone took from it by hand, is left as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from core.ingest.assign import natural_key
from core.ingest.formats.spec import Entry
from core.store.edits import set_label
from core.store.project import Project
from core.store.samples import fill_groups, never_labelled


def fill_missing(project: Project, source_id: int, entries: Iterable[Entry]) -> tuple[int, int]:
    """Give the known samples of these entries the label and the group that the source says, where they have none.

    Each label is an edit that can be undone. Returns how many samples got a label, and how many a group.
    """
    unlabelled = never_labelled(project, source_id)
    by_label: defaultdict[str, list[int]] = defaultdict(list)
    groups: dict[str, str] = {}
    for entry in entries:
        if entry.labels and entry.path in unlabelled:
            by_label[entry.labels[0]].append(unlabelled[entry.path])
        if entry.group is not None:
            groups[entry.path] = entry.group
    for name in sorted(by_label, key=natural_key):
        set_label(project, by_label[name], name, tool="import")
    return sum(map(len, by_label.values())), fill_groups(project, source_id, groups) if groups else 0
