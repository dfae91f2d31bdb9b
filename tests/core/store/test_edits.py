"""The promise that nothing is ever lost, as a state machine: edits, undo, redo and restarts against a simple model."""

import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.domain.edits import EditKind, EditState, describe
from core.domain.query import SampleQuery
from core.domain.samples import SampleState, Split
from core.domain.task import Task
from core.errors import UserError
from core.store.edits import (
    add_label_to,
    redo,
    remove_label_from,
    set_excluded,
    set_label,
    set_labels,
    set_pin,
    set_splits,
    set_state,
    set_tag,
    undo,
)
from core.store.labels import (
    add_label,
    add_labels,
    labels,
    remove_label,
    rename_label,
    reorder_labels,
    set_label_colour,
    set_label_key,
    set_parent,
)
from core.store.ledger import history, next_redo, next_undo, sample_history
from core.store.merge_labels import merge_labels
from core.store.project import Project
from core.store.samples import counts, samples_by_id
from core.store.task import project_task, set_task
from tests.support.projects import project_with_rows

N = 6
names = st.sampled_from(["A", "B", "C"])
ids = st.lists(st.integers(1, N), min_size=1, max_size=N, unique=True)


class Edits(RuleBasedStateMachine):
    """Whatever the user does, the project is what a plain list of past states says, also after a restart."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        rows = [(f"{i}.png", "A" if i % 2 else None, None) for i in range(N)]
        self.project = project_with_rows(Path(self.folder.name), rows)
        self.past, self.future = [self.state()], []

    def teardown(self):
        self.project.close()
        self.folder.cleanup()

    def state(self):
        """Everything that an edit may change."""
        shown = labels(self.project)
        names = {label.id: label.name for label in shown}
        samples = samples_by_id(self.project, range(1, N + 1))
        return (
            project_task(self.project),
            [(label.name, label.key, names.get(label.parent_id)) for label in shown],
            [
                (
                    *sorted(names[i] for i in s.label_ids),
                    s.labelled,
                    s.split,
                    s.excluded,
                    s.state,
                    s.reason,
                    s.pinned,
                    s.tags,
                )
                for s in samples
            ],
        )

    def attempt(self, action, *args, **kwargs):
        """Do something that may be refused: then nothing has changed, and the redo line still stands."""
        try:
            changes = action(self.project, *args, **kwargs)
        except UserError:
            assert self.state() == self.past[-1]
        else:
            self.made(changes)

    def made(self, changes):
        if changes.edit is not None:
            self.past.append(self.state())
            self.future.clear()

    @rule(chosen=ids, name=st.none() | st.sampled_from(["A", "B", "C"]))
    def label(self, chosen, name):
        self.made(set_label(self.project, chosen, name))

    @rule(chosen=ids, excluded=st.booleans())
    def exclude(self, chosen, excluded):
        self.made(set_excluded(self.project, chosen, excluded))

    @rule(chosen=ids, data=st.data())
    def split(self, chosen, data):
        codes = data.draw(st.lists(st.integers(0, 3), min_size=len(chosen), max_size=len(chosen)))
        self.made(set_splits(self.project, chosen, np.array(codes, dtype=np.int8), params={}))

    @rule(chosen=ids, wanted=st.lists(names, max_size=3))
    def give_labels(self, chosen, wanted):
        self.attempt(set_labels, chosen, wanted)

    @rule(chosen=ids, name=names, on=st.booleans())
    def add_or_take_a_label(self, chosen, name, on):
        self.attempt(add_label_to if on else remove_label_from, chosen, name)

    @rule(chosen=ids, tag=st.sampled_from(["blurred", "두 번째"]), on=st.booleans())
    def tag(self, chosen, tag, on):
        self.attempt(set_tag, chosen, tag, on)

    @rule(chosen=ids, state=st.sampled_from(SampleState), reason=st.sampled_from([None, "out of focus"]))
    def call(self, chosen, state, reason):
        self.attempt(set_state, chosen, state, reason)

    @rule(chosen=ids, split=st.none() | st.sampled_from([Split.TRAIN, Split.TEST]))
    def pin(self, chosen, split):
        self.attempt(set_pin, chosen, split)

    @rule(wanted=st.lists(names, min_size=1, max_size=3), into=names)
    def merge(self, wanted, into):
        self.attempt(merge_labels, wanted, into)

    @rule(name=names, parent=st.none() | names)
    def move_below(self, name, parent):
        self.attempt(set_parent, name, parent)

    @rule(order=st.lists(names, max_size=3))
    def reorder(self, order):
        self.attempt(reorder_labels, order)

    @rule(name=names)
    def make_label(self, name):
        self.attempt(add_label, name)

    @rule(name=names)
    def remove_label(self, name):
        self.attempt(remove_label, name)

    @rule(task=st.sampled_from(Task))
    def change_task(self, task):
        self.attempt(set_task, task)

    @precondition(lambda self: len(self.past) > 1)
    @rule()
    def undo(self):
        undo(self.project)
        self.future.append(self.past.pop())

    @precondition(lambda self: self.future)
    @rule()
    def redo(self):
        redo(self.project)
        self.past.append(self.future.pop())

    @rule()
    def restart(self):
        root = self.project.root
        self.project.close()
        self.project = Project.open(root)

    @invariant()
    def the_project_is_as_the_model_says(self):
        assert self.state() == self.past[-1]
        assert (next_undo(self.project) is not None) == (len(self.past) > 1)
        assert (next_redo(self.project) is not None) == bool(self.future)

    @invariant()
    def the_ledger_holds_every_edit(self):
        states = [edit.state for edit in history(self.project, limit=1000)]
        assert states.count(EditState.DONE) == len(self.past) - 1
        assert states.count(EditState.UNDONE) == len(self.future)


Edits.TestCase.settings = settings(max_examples=30, stateful_step_count=25)
TestEdits = Edits.TestCase


@pytest.fixture
def project(tmp_path):
    with project_with_rows(tmp_path, [(f"{i}.png", "RBC", None) for i in range(10)]) as project:
        yield project


def test_an_edit_names_what_it_did(project):
    changes = set_label(project, [1, 2, 3], "WBC")
    assert describe(changes.edit) == "Label 3 images as WBC"
    assert changes.sample_ids.tolist() == [1, 2, 3]
    assert changes.labels


def test_samples_that_already_are_as_asked_are_no_part_of_the_edit(project):
    set_label(project, [1], "WBC")
    assert set_label(project, [1, 2], "WBC").sample_ids.tolist() == [2]
    assert set_label(project, [1, 2], "WBC").edit is None
    assert len(history(project)) == 2


def test_an_unknown_sample_changes_nothing(project):
    with pytest.raises(UserError) as caught:
        set_label(project, [1, 99], "New")
    assert caught.value.code == "samples_missing"
    assert [label.name for label in labels(project)] == ["RBC"]
    assert history(project) == []


def test_a_new_edit_drops_the_redo_line_but_not_the_ledger(project):
    set_label(project, [1], "WBC")
    undo(project)
    set_excluded(project, [2], True)
    with pytest.raises(UserError) as caught:
        redo(project)
    assert caught.value.code == "nothing_to_redo"
    assert [edit.state for edit in history(project)] == [EditState.DONE, EditState.DROPPED]


def test_a_sample_knows_what_happened_to_it(project):
    set_label(project, [1, 2], "WBC")
    set_excluded(project, [2], True)
    found = [(edit.kind, field) for edit, field, _, _ in sample_history(project, 2)]
    assert found == [(EditKind.EXCLUDE, "excluded"), (EditKind.LABEL, "label_id")]


def test_an_edit_says_who_and_when(project):
    edit = set_label(project, [1], "WBC", tool="cli").edit
    assert edit.user and edit.tool == "cli" and edit.at.endswith("+00:00")


def test_excluded_samples_are_left_out_of_the_counts_but_never_deleted(project):
    set_excluded(project, [1, 2], True)
    found = counts(project)
    assert (found.samples, found.excluded, found.labels["RBC"], found.splits[Split.NONE]) == (10, 2, 8, 8)


def test_a_write_that_fails_midway_is_rolled_back(project):
    with pytest.raises(sqlite3.IntegrityError), project.db.write() as connection:
        connection.execute("UPDATE sample SET excluded = 1")
        connection.execute("INSERT INTO label (name, colour, glyph, key, position) VALUES ('RBC', '', '', '', 0)")
    assert counts(project).excluded == 0


def test_edits_of_many_threads_all_arrive(project):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: set_label(project, [i], f"label {i}"), range(1, 11)))
    assert sorted(counts(project).labels.values()) == [0] + [1] * 10


def test_a_query_that_hides_the_excluded_is_the_default(project):
    from core.store.samples import sample_ids

    set_excluded(project, [3], True)
    assert 3 not in sample_ids(project, SampleQuery())
    assert sample_ids(project, SampleQuery(excluded=True)).tolist() == [3]


def test_what_is_done_to_a_label_is_in_the_ledger_and_undone(project):
    set_label(project, [1], "WBC")
    before = labels(project)
    rename_label(project, "RBC", "Red cell")
    set_label_colour(project, "Red cell", "#123456")
    set_label_key(project, "WBC", "1")
    after = labels(project)
    assert [describe(edit) for edit in history(project)[:3]] == [
        "Change the key of WBC",
        "Change the colour of Red cell",
        "Rename RBC to Red cell",
    ]
    for _ in range(3):
        undo(project)
    assert labels(project) == before
    for _ in range(3):
        redo(project)
    assert labels(project) == after


def test_a_name_taken_since_is_not_taken_back(project):
    rename_label(project, "RBC", "Red cell")
    add_labels(project, ["RBC"])
    with pytest.raises(UserError) as caught:
        undo(project)
    assert caught.value.code == "label_exists"
    assert [label.name for label in labels(project)] == ["Red cell", "RBC"]
