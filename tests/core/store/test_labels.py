"""The list of labels: merging, hierarchy, order, retiring, and going from one label an image to many and back."""

import pytest

from core.domain.edits import describe
from core.domain.samples import Split
from core.domain.task import Task
from core.errors import UserError
from core.store.edits import add_label_to, set_label, set_labels, set_pin, set_splits, undo
from core.store.labels import add_label, labels, remove_label, reorder_labels, set_label_key, set_parent
from core.store.merge_labels import merge_labels
from core.store.project import Project
from core.store.samples import counts, samples_by_id
from core.store.splits import assign_project_splits, parse_ratios
from core.store.task import project_task, set_task
from tests.support.projects import project_with_rows


@pytest.fixture
def project(tmp_path):
    rows = [(f"{i}.png", name, f"s{i // 2}") for i, name in enumerate(["A", "A", "B", "B", "C", None])]
    with project_with_rows(tmp_path, rows) as project:
        yield project


def names(project):
    return [label.name for label in labels(project)]


def refused(code, action, *args):
    with pytest.raises(UserError) as caught:
        action(*args)
    assert caught.value.code == code


def test_merged_labels_retire_and_come_back_with_undo(project):
    set_parent(project, "C", "B")
    changes = merge_labels(project, ["A", "B"], "A")
    assert describe(changes.edit) == "Merge B into A"
    assert names(project) == ["A", "C"]
    assert counts(project).labels == {"A": 4, "C": 1}
    assert {label.name: label.parent_id for label in labels(project)}["C"] == labels(project)[0].id
    undo(project)
    assert counts(project).labels == {"A": 2, "B": 2, "C": 1}


def test_a_label_merged_into_its_own_child_leaves_the_child_at_the_top(project):
    set_parent(project, "C", "B")
    merge_labels(project, ["B"], "C")
    assert [(label.name, label.parent_id) for label in labels(project)] == [("A", None), ("C", None)]


def test_merging_keeps_one_of_two_labels_of_an_image(project):
    set_task(project, Task.MULTI)
    add_label_to(project, [1], "B")
    merge_labels(project, ["B"], "A")
    assert [len(s.label_ids) for s in samples_by_id(project, [1, 3])] == [1, 1]
    assert counts(project).labels["A"] == 4
    undo(project)
    assert [len(s.label_ids) for s in samples_by_id(project, [1, 3])] == [2, 1]


def test_a_label_that_images_have_cannot_be_removed(project):
    refused("label_in_use", remove_label, project, "A")
    add_label(project, "Empty")
    remove_label(project, "Empty")
    assert names(project) == ["A", "B", "C"]
    undo(project)
    assert names(project) == ["A", "B", "C", "Empty"]


def test_a_retired_name_can_be_used_again(project):
    merge_labels(project, ["B"], "A")
    set_label(project, [6], "B")
    assert counts(project).labels == {"A": 4, "C": 1, "B": 1}


def test_labels_stand_in_the_order_they_were_put(project):
    reorder_labels(project, ["C", "A"])
    assert names(project) == ["C", "A", "B"]
    undo(project)
    assert names(project) == ["A", "B", "C"]


def test_a_label_cannot_be_below_itself(project):
    set_parent(project, "B", "A")
    set_parent(project, "C", "B")
    refused("label_cycle", set_parent, project, "A", "C")
    refused("label_cycle", set_parent, project, "A", "A")


def test_a_label_made_by_labelling_goes_when_that_is_undone(project):
    set_label(project, [1], "New")
    undo(project)
    assert names(project) == ["A", "B", "C"]


def test_every_label_survives_going_to_many_and_back(project):
    before = samples_by_id(project, range(1, 7))
    set_task(project, Task.MULTI)
    many = samples_by_id(project, range(1, 7))
    assert [s.label_ids for s in many] == [s.label_ids for s in before]
    assert [s.labelled for s in many] == [s.labelled for s in before]
    set_task(project, Task.SINGLE)
    assert samples_by_id(project, range(1, 7)) == before


def test_images_of_several_labels_forbid_one_label_each(project):
    set_task(project, Task.MULTI)
    set_labels(project, [1], ["A", "B"])
    set_labels(project, [6], [])
    refused("task_has_many", set_task, project, Task.SINGLE)
    assert project_task(project) is Task.MULTI


def test_one_label_an_image_takes_no_second(project):
    refused("task_single", add_label_to, project, [1], "B")
    refused("task_single", set_labels, project, [1], ["A", "B"])


def test_a_pinned_sample_takes_its_whole_group_along_and_stays_in_a_new_deal(project):
    set_pin(project, [1], Split.TEST)
    assert [s.split for s in samples_by_id(project, [1, 2])] == [Split.TEST] * 2
    for seed in range(4):
        assign_project_splits(project, ratios=parse_ratios("100/0/0"), seed=seed)
        assert [s.split for s in samples_by_id(project, [1, 2, 3])] == [Split.TEST, Split.TEST, Split.TRAIN]
    set_pin(project, [2], None)
    assign_project_splits(project, ratios=parse_ratios("100/0/0"), seed=9)
    assert samples_by_id(project, [1])[0].split is Split.TRAIN


def test_splits_survive_a_restart(project):
    import numpy as np

    set_splits(project, [1], np.array([3], dtype=np.int8), params={})
    root = project.root
    project.close()
    with Project.open(root) as again:
        assert samples_by_id(again, [1])[0].split is Split.TEST


@pytest.mark.parametrize("key", ["/", "?", "c", "C", "u", "x", "h"])
def test_a_label_cannot_take_a_key_of_the_window_and_is_told_what_it_does(project, key):
    refused("label_key_used", set_label_key, project, "A", key)
    assert key.lower() not in {label.key for label in labels(project)}


def test_the_refusal_names_what_the_key_does(project):
    with pytest.raises(UserError) as caught:
        set_label_key(project, "A", "c")
    assert caught.value.message.startswith(
        "C cannot be a label’s key: in the window it means “Compare the selected images”."
    )


def test_where_images_have_many_labels_zero_says_that_they_have_none(project):
    set_label_key(project, "A", "0")
    set_task(project, Task.MULTI)
    assert next(label.key for label in labels(project) if label.name == "A") == ""
    refused("label_key_used", set_label_key, project, "B", "0")
    undo(project)
    assert next(label.key for label in labels(project) if label.name == "A") == "0"


def test_a_key_given_before_the_window_took_it_is_kept_but_told_as_none(project):
    with project.db.write() as connection:
        connection.execute("UPDATE label SET key = 'c' WHERE name = 'A'")
    root = project.root
    project.close()
    with Project.open(root) as again:
        assert next(label.key for label in labels(again) if label.name == "A") == ""
        assert again.db.read().execute("SELECT key FROM label WHERE name = 'A'").fetchone()[0] == "c"
        assert set_label_key(again, "A", "q").edit is not None
        assert next(label.key for label in labels(again) if label.name == "A") == "q"


@pytest.mark.parametrize("key", ["q w", "qw", " ", "Space", "\t"])
def test_a_label_takes_no_key_that_cannot_be_typed_as_one(project, key):
    refused("label_key_reserved", set_label_key, project, "A", key)


def test_a_label_takes_any_one_character_or_none(project):
    for key, kept in (("Q", "q"), ("é", "é"), ("", "")):
        set_label_key(project, "A", key)
        assert next(label.key for label in labels(project) if label.name == "A") == kept
