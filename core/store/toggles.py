"""Edits that go one way or the other by what the chosen samples have: on where some lack it, off where all have it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.domain.changes import Changes
from core.domain.samples import SampleState
from core.store.chosen import look_at
from core.store.edits import add_label_to, remove_label_from, set_state, set_tag
from core.store.labels import labels
from core.store.project import Project

Ids = NDArray[np.int64]


def toggle_label(project: Project, ids: Ids, name: str, *, tool: str = "hand") -> Changes:
    """Give the samples a label beside those they have; where all have it, take it from them.

    Raises
    ------
    UserError
        ``samples_missing``, ``label_name_invalid``, or ``task_single`` where the project has one label an image.
    """
    found = look_at(project, ids)
    number = next((label.id for label in labels(project) if label.name == name), None)
    if number is not None and found.labels.get(number, 0) == found.count:
        return remove_label_from(project, ids, name, tool=tool)
    return add_label_to(project, ids, name, tool=tool)


def toggle_tag(project: Project, ids: Ids, tag: str, *, tool: str = "hand") -> Changes:
    """Put a tag on the samples; where all have it, take it off. Raises as `core.store.edits.set_tag`."""
    found = look_at(project, ids)
    return set_tag(project, ids, tag, found.tags.get(tag, 0) < found.count, tool=tool)


def toggle_state(
    project: Project, ids: Ids, state: SampleState, reason: str | None = None, *, tool: str = "hand"
) -> Changes:
    """Say that the samples are uncertain or ungradable; where all are, and no other reason is given, take it back."""
    found = look_at(project, ids)
    if not reason and found.states.get(state, 0) == found.count:
        return set_state(project, ids, SampleState.NONE, tool=tool)
    return set_state(project, ids, state, reason, tool=tool)
