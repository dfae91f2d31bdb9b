"""Accepting suggestions: one edit, undone as one, that never overwrites what a person said meanwhile."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.task import Task
from core.errors import UserError
from core.store.accepted import accept_suggestions
from core.store.edits import set_label, undo
from core.store.labels import labels
from core.store.ledger import history
from core.store.samples import samples_by_id
from core.store.task import set_task
from tests.support.projects import project_with_rows


@pytest.fixture
def project(tmp_path):
    rows = [("a.png", "RBC", None), ("b.png", "WBC", None), *((f"{i}.png", None, None) for i in range(6))]
    with project_with_rows(tmp_path, rows) as made:
        yield made


def label_ids(project):
    return {label.name: label.id for label in labels(project)}


def given(project, ids):
    names = {number: name for name, number in label_ids(project).items()}
    return [tuple(names[i] for i in sample.label_ids) for sample in samples_by_id(project, ids)]


def test_different_labels_are_one_edit_undone_as_one(project):
    known = label_ids(project)
    changes = accept_suggestions(project, np.array([3, 4, 5]), [[known["RBC"]], [known["WBC"]], [known["RBC"]]])
    assert sorted(changes.sample_ids.tolist()) == [3, 4, 5]
    assert given(project, [3, 4, 5, 6]) == [("RBC",), ("WBC",), ("RBC",), ()]
    [latest] = history(project, 1)
    assert (latest.tool, latest.count, latest.params["labels"]) == ("suggestion", 3, "RBC, WBC")
    undo(project)
    assert given(project, [3, 4, 5]) == [(), (), ()]


def test_what_was_labelled_meanwhile_stays(project):
    known = label_ids(project)
    set_label(project, [3], "WBC")
    changes = accept_suggestions(project, np.array([3, 4]), [[known["RBC"]], [known["RBC"]]])
    assert changes.sample_ids.tolist() == [4]
    assert given(project, [3, 4]) == [("WBC",), ("RBC",)]
    assert accept_suggestions(project, np.array([3, 4]), [[known["RBC"]], [known["WBC"]]]).edit is None


def test_a_label_that_is_gone_is_not_given(project):
    assert accept_suggestions(project, np.array([3]), [[999]]).edit is None


def test_an_unknown_sample_is_said_and_nothing_is_changed(project):
    with pytest.raises(UserError) as caught:
        accept_suggestions(project, np.array([3, 999]), [[1], [1]])
    assert caught.value.code == "samples_missing"
    assert given(project, [3]) == [()]


def test_several_labels_at_once_where_images_have_many(project):
    set_task(project, Task.MULTI)
    known = label_ids(project)
    accept_suggestions(project, np.array([3, 4]), [[known["RBC"], known["WBC"]], [known["WBC"]]])
    assert given(project, [3, 4]) == [("RBC", "WBC"), ("WBC",)]
    assert [sample.labelled for sample in samples_by_id(project, [3, 5])] == [True, False]
    undo(project)
    assert given(project, [3, 4]) == [(), ()]
    assert not any(sample.labelled for sample in samples_by_id(project, [3, 4]))
