"""What a choice of samples has, edits that go by it, and counts that include what is below a label."""

import numpy as np
import pytest

from core.domain.edits import EditKind, describe, kinds_saying
from core.domain.labels import as_tree
from core.domain.samples import SampleState, Split
from core.domain.task import Task
from core.errors import UserError
from core.store.chosen import having_label, look_at, with_their_groups
from core.store.edits import add_label_to, set_excluded, set_label, set_labels, set_pin, set_state, set_tag, undo
from core.store.label_totals import label_totals
from core.store.labels import add_label, labels, move_label, set_label_glyph, set_parent
from core.store.samples import counts, samples_by_id
from core.store.tags import recent_reasons
from core.store.task import set_task
from core.store.toggles import toggle_label, toggle_state, toggle_tag
from tests.support.projects import project_with_rows


@pytest.fixture
def project(tmp_path):
    rows = [(f"{i}.png", name, f"s{i // 2}") for i, name in enumerate(["A", "A", "B", "B", "C", None])]
    with project_with_rows(tmp_path, rows) as project:
        yield project


def ids(*numbers):
    return np.array(numbers, dtype=np.int64)


def number(project, name):
    return next(label.id for label in labels(project) if label.name == name)


def tree(project):
    return [f"{'.' * depth}{label.name}" for label, depth in as_tree(labels(project))]


def test_it_is_counted_what_the_chosen_have(project):
    set_tag(project, ids(1, 2), "blurred", True)
    set_state(project, ids(2), SampleState.UNCERTAIN, "out of focus")
    set_excluded(project, ids(3), True)
    set_pin(project, ids(5), Split.TEST)
    found = look_at(project, ids(1, 2, 3, 6))
    assert found.count == 4
    assert found.labels == {number(project, "A"): 2, number(project, "B"): 1}
    assert found.tags == {"blurred": 2}
    assert found.states == {SampleState.NONE: 3, SampleState.UNCERTAIN: 1}
    assert (found.known, found.pinned, found.excluded) == (3, 1, 1)


def test_a_pin_reaches_as_far_as_the_groups(project):
    assert with_their_groups(project, ids(1)) == 2
    assert with_their_groups(project, ids(1, 2, 3)) == 4


def test_a_label_is_added_where_some_lack_it_and_removed_where_all_have_it(project):
    set_task(project, Task.MULTI)
    assert describe(toggle_label(project, ids(1, 3), "B").edit) == "Add B to 1 image"
    assert having_label(project, number(project, "B")) == 3
    assert describe(toggle_label(project, ids(1, 3), "B").edit) == "Take B from 2 images"
    assert describe(toggle_label(project, ids(1, 3), "new").edit) == "Add new to 2 images"


def test_labels_are_not_added_to_one_another_where_an_image_has_one(project):
    with pytest.raises(UserError) as caught:
        toggle_label(project, ids(1), "B")
    assert caught.value.code == "task_single"


def test_tags_and_states_toggle_likewise(project):
    toggle_tag(project, ids(1), "odd")
    assert describe(toggle_tag(project, ids(1, 2), "odd").edit) == "Tag 1 image odd"
    assert describe(toggle_tag(project, ids(1, 2), "odd").edit) == "Take the tag odd from 2 images"
    toggle_state(project, ids(1), SampleState.UNGRADABLE, "cut")
    assert describe(toggle_state(project, ids(1, 2), SampleState.UNGRADABLE).edit) == "Mark 2 images as ungradable"
    assert describe(toggle_state(project, ids(1, 2), SampleState.UNGRADABLE).edit) == "Mark 2 images as certain"


def test_the_reasons_given_last_come_first(project):
    for reason in ("blurred", "cut", "blurred", "dark"):
        set_state(project, ids(1), SampleState.UNCERTAIN, reason)
    assert recent_reasons(project) == ["dark", "blurred", "cut"]
    assert recent_reasons(project, most=1) == ["dark"]


def test_a_label_counts_with_those_below_it(project):
    add_label(project, "cell")
    for name in ("A", "B"):
        set_parent(project, name, "cell")
    totals = label_totals(project, labels(project), counts(project).labels_shown)
    assert totals[number(project, "cell")] == 4
    set_task(project, Task.MULTI)
    add_label_to(project, ids(1), "B")
    totals = label_totals(project, labels(project), counts(project).labels_shown)
    assert totals[number(project, "B")] == 3
    assert totals[number(project, "cell")] == 4  # the image that is both counts once


def test_a_label_moves_with_all_below_it_in_one_edit(project):
    move_label(project, "C", "B")
    assert tree(project) == ["A", "B", ".C"]
    assert describe(move_label(project, "B", None, before="A").edit) == "Reorder the labels"
    assert tree(project) == ["B", ".C", "A"]
    assert describe(move_label(project, "A", "B", before="C").edit) == "Move A below B"
    assert tree(project) == ["B", ".A", ".C"]
    undo(project)
    assert tree(project) == ["B", ".C", "A"]
    move_label(project, "C", None)
    assert tree(project) == ["B", "A", "C"]
    assert move_label(project, "C", None).edit is None


@pytest.mark.parametrize(("parent", "before"), [("C", None), ("B", None), (None, "B"), (None, "C")])
def test_a_label_cannot_be_put_below_itself(project, parent, before):
    set_parent(project, "C", "B")
    with pytest.raises(UserError) as caught:
        move_label(project, "B", parent, before)
    assert caught.value.code == "label_cycle"


def test_the_glyph_of_a_label_changes_and_comes_back(project):
    before = labels(project)[0].glyph
    set_label_glyph(project, "A", "★")
    assert labels(project)[0].glyph == "★"
    undo(project)
    assert labels(project)[0].glyph == before


def test_the_tenth_label_leaves_0_to_none_of_these(project):
    set_task(project, Task.MULTI)
    for i in range(4, 12):
        add_label(project, f"label {i}")
    assert [label.key for label in labels(project)] == [*"123456789", "", ""]


def test_an_exact_choice_of_labels_is_quick_to_say_with_very_many_labels(project):
    set_task(project, Task.MULTI)
    set_labels(project, ids(1), [f"label {i}" for i in range(700)])
    set_label(project, ids(1), "A")
    assert [len(sample.label_ids) for sample in samples_by_id(project, [1])] == [1]


def test_images_known_to_have_none_of_the_labels_are_said_to(project):
    set_task(project, Task.MULTI)
    assert describe(set_labels(project, ids(1), []).edit) == "Say that 1 image has none of the labels"
    assert describe(set_labels(project, ids(2, 3), []).edit) == "Say that 2 images have none of the labels"
    assert describe(set_labels(project, ids(1), ["A", "B"]).edit) == "Label 1 image as A, B"
    assert EditKind.LABELS in kinds_saying("none of the labels")
