"""What a long list of the history needs: rows, some entries at a time, and what the filters leave to choose."""

import pytest

from core.domain.edits import EditKind, kinds_saying
from core.store.edits import set_excluded, set_label, set_tag, undo
from core.store.history import HistoryFilter, entries
from core.store.history_rows import (
    choices,
    edited_samples,
    entries_by_id,
    entry_moments,
    present_values,
    taken_back,
)
from core.store.missing import mark_missing, source_counts
from core.store.revert import revert
from tests.support.projects import project_with_rows


@pytest.fixture
def project(tmp_path):
    with project_with_rows(tmp_path, [(f"{i}.png", "A", None) for i in range(6)]) as project:
        set_label(project, [1, 2], "B")
        set_tag(project, [3], "50%_blurred", True, tool="cli")
        set_excluded(project, [4], True)
        undo(project)
        yield project


def found(project, **wanted):
    return [str(entry.edit.kind) for entry in entries(project, HistoryFilter(**wanted))]


def test_the_rows_are_the_entries_newest_first(project):
    rows = entry_moments(project, HistoryFilter())
    assert rows == [(entry.id, entry.at) for entry in entries(project)]
    assert list(entries_by_id(project, [rows[1][0]]).values()) == [entries(project)[1]]


def test_each_filter_is_counted_as_the_others_leave_it(project):
    left = choices(project, HistoryFilter(tools=("cli",)))
    assert left.tools == {"hand": 3, "cli": 1}
    assert left.kinds == {"tag": 1}
    assert sum(left.users.values()) == 1


@pytest.mark.parametrize(
    ("text", "kinds"),
    [("blurred", ["tag"]), ("50%_", ["tag"]), ("5_%", []), ("b", ["tag", "label"]), ("changes", []), ("~", [])],
)
def test_text_is_looked_for_in_names_literally(project, text, kinds):
    assert found(project, text=text) == kinds


def test_text_finds_edits_by_what_their_kind_is_called(project):
    assert EditKind.EXCLUDE in kinds_saying("Exclude")
    assert kinds_saying("label") and not kinds_saying("")
    assert found(project, text="exclude", text_kinds=kinds_saying("exclude")) == ["exclude", "exclude"]


def test_what_an_edit_changed_and_what_that_is_now(project):
    edit = entries(project)[-1].edit
    assert edited_samples(project, edit.id) == [1, 2]
    set_label(project, [2], "C")
    now = present_values(project, [(1, "label_id"), (2, "label_id"), (3, "tag:1")])
    assert now[1, "label_id"] != now[2, "label_id"]
    assert now[3, "tag:1"] == 1


def test_an_edit_is_taken_back_as_long_as_the_one_that_did_it_holds(project):
    edit = entries(project)[-1].edit
    changes, _ = revert(project, edit.id)
    assert taken_back(project) == {edit.id: changes.edit.id}
    undo(project)
    assert taken_back(project) == {}


def test_a_source_counts_its_images_and_those_missing(project):
    mark_missing(project, [1, 5], missing=True)
    assert source_counts(project) == {1: (6, 2)}
