import numpy as np
import pytest

from core.domain.query import SampleQuery
from core.domain.samples import SPLIT_CODES, Split
from core.domain.split import parse_ratios
from core.errors import UserError
from core.store.edits import set_excluded, set_label, set_splits, undo
from core.store.labels import rename_label
from core.store.ledger import next_redo, next_undo
from core.store.runs import create_run, run_dir
from core.store.samples import sample_table
from core.store.splits import assign_project_splits
from core.training.dataset import choose_dataset, keep_dataset, kept_dataset

TRAIN, VAL = SPLIT_CODES[Split.TRAIN], SPLIT_CODES[Split.VAL]


def ids_of(project, *names):
    return sample_table(project, SampleQuery(labels=names)).ids


def put(project, ids, split):
    set_splits(project, ids, np.full(len(ids), SPLIT_CODES[split], dtype=np.int8), params={})


def test_labelled_images_are_chosen_with_their_labels(project):
    dataset, _ = choose_dataset(project)
    assert [label.name for label in dataset.labels] == ["ash", "beech", "cedar"]
    assert len(dataset.y) == len(dataset.table) == 48
    assert [dataset.labels[index].id for index in dataset.y] == dataset.table.label_ids.tolist()


def test_images_without_a_split_get_one_that_can_be_undone(project):
    dataset, notices = choose_dataset(project)
    assert notices[0].code == "splits_assigned"
    assert notices[0].params["train"] == str(len(dataset.rows(Split.TRAIN)))
    assert not (dataset.table.splits == 0).any()
    undo(project)
    assert (sample_table(project, SampleQuery()).splits == 0).all()


def test_splits_that_are_there_are_left_alone(project):
    assign_project_splits(project, ratios=parse_ratios("50/25/25"), seed=3)
    before = sample_table(project, SampleQuery()).splits
    dataset, notices = choose_dataset(project)
    assert np.array_equal(dataset.table.splits, before)
    assert "splits_assigned" not in [notice.code for notice in notices]


def test_new_images_join_the_splits_with_the_ratios_used_before(project):
    assign_project_splits(project, ratios=parse_ratios("50/25/25"), seed=3)
    before = sample_table(project, SampleQuery())
    put(project, before.ids[:2], Split.NONE)
    dataset, _ = choose_dataset(project)
    assert np.array_equal(dataset.table.splits[2:], before.splits[2:])
    assert not (dataset.table.splits == 0).any()


def test_excluded_and_unlabelled_images_are_no_part_of_it(project):
    set_excluded(project, ids_of(project, "ash")[:2], True)
    set_label(project, ids_of(project, "beech")[:3], None)
    dataset, _ = choose_dataset(project)
    assert np.bincount(dataset.y).tolist() == [14, 13, 16]


def test_a_label_without_images_is_not_told_apart(project):
    set_label(project, ids_of(project, "beech"), "ash")
    dataset, _ = choose_dataset(project)
    assert [label.name for label in dataset.labels] == ["ash", "cedar"]


def one_label_only(project):
    set_label(project, ids_of(project, "beech", "cedar"), "ash")


def no_labels(project):
    set_label(project, ids_of(project, "ash", "beech", "cedar"), None)


def one_image_of_a_label(project):
    set_label(project, ids_of(project, "cedar")[1:], "ash")


def a_label_outside_of_train(project):
    assign_project_splits(project)
    put(project, ids_of(project, "cedar"), Split.TEST)


def nothing_in_val(project):
    put(project, ids_of(project, "ash", "beech", "cedar"), Split.TRAIN)


def a_group_on_both_sides(project):
    assign_project_splits(project)
    slide = sample_table(project, SampleQuery(groups=("slide00a",))).ids
    put(project, slide[:1], Split.TRAIN)
    put(project, slide[1:], Split.VAL)


def folder_gone(project):
    with project.db.write() as connection:
        connection.execute("UPDATE source SET root = root || '_gone'")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (no_labels, "training_needs_labels"),
        (one_label_only, "training_needs_labels"),
        (one_image_of_a_label, "training_label_too_small"),
        (a_label_outside_of_train, "training_label_not_in_train"),
        (nothing_in_val, "training_needs_val"),
        (a_group_on_both_sides, "training_groups_straddle"),
        (folder_gone, "source_gone"),
    ],
)
def test_what_cannot_be_trained_on_is_said_and_nothing_is_changed(project, spoil, code):
    spoil(project)
    before = next_undo(project)
    with pytest.raises(UserError) as caught:
        choose_dataset(project)
    assert caught.value.code == code
    assert next_undo(project) == before


def test_splits_that_fail_their_check_are_never_written_and_cost_no_redo(project):
    # Two groups only, and all that is left of ash is in train: nothing is there for val.
    keep = sample_table(project, SampleQuery(groups=("slide00a", "slide00b")))
    set_excluded(project, np.setdiff1d(ids_of(project, "ash", "beech", "cedar"), keep.ids), True)
    put(project, ids_of(project, "ash"), Split.TRAIN)
    set_label(project, ids_of(project, "ash")[:1], "cedar")
    undo(project)
    before, redone = next_undo(project), next_redo(project)
    with pytest.raises(UserError):
        choose_dataset(project)
    assert next_undo(project) == before
    assert redone is not None and next_redo(project) == redone


def test_the_images_of_a_run_that_are_cut_off_are_reported_as_damage(project):
    run = create_run(project, "tiny", "{}")
    folder = run_dir(project, run.id)
    keep_dataset(folder, choose_dataset(project)[0])
    whole = (folder / "samples.npz").read_bytes()
    for length in (0, 3, len(whole) // 2, len(whole) - 1):
        (folder / "samples.npz").write_bytes(whole[:length])
        with pytest.raises(UserError) as caught:
            kept_dataset(project, run.id)
        assert caught.value.code == "run_damaged"


def test_a_label_that_val_lacks_is_told(project):
    assign_project_splits(project)
    ids = ids_of(project, "cedar")
    put(project, ids, Split.TRAIN)
    put(project, ids_of(project, "ash")[:4], Split.VAL)
    _, notices = choose_dataset(project)
    assert [(notice.code, notice.params) for notice in notices] == [("label_not_in_val", {"label": "cedar"})]


def test_a_run_keeps_the_images_and_labels_it_began_with(project):
    run = create_run(project, "tiny", "{}")
    dataset, _ = choose_dataset(project)
    folder = run_dir(project, run.id)
    assert kept_dataset(project, run.id) is None
    keep_dataset(folder, dataset)
    set_label(project, ids_of(project, "ash"), "beech")
    rename_label(project, "cedar", "larch")
    kept = kept_dataset(project, run.id)
    assert [label.name for label in kept.labels] == ["ash", "beech", "cedar"]
    assert np.array_equal(kept.y, dataset.y)
    assert np.array_equal(kept.table.ids, dataset.table.ids)
    assert np.array_equal(kept.table.splits, dataset.table.splits)
    assert np.array_equal(kept.table.groups_or_self(), dataset.table.groups_or_self())
    assert kept.table.paths == dataset.table.paths
