"""The ledger: filters, what changed between two moments, taking one edit back, and the proof of the chain."""

import contextlib
import csv
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.edits import Edit, EditKind, EditState, describe, stable_words
from core.domain.moments import utc_moment
from core.domain.samples import SampleState, Split
from core.domain.task import Task
from core.errors import UserError
from core.progress import Progress
from core.store.edits import redo, set_excluded, set_label, set_pin, set_state, set_tag, undo
from core.store.history import Difference, HistoryFilter, differences, entries
from core.store.history_check import check_history
from core.store.history_words import HistoryWords, write_history
from core.store.labels import labels, rename_label, set_parent
from core.store.merge_labels import merge_labels
from core.store.project import Project, now
from core.store.revert import plan_revert, revert
from core.store.samples import add_samples, finish_import, samples_by_id
from core.store.sources import add_source, sources
from core.store.task import set_task
from core.translation import use_language
from tests.support.projects import new_sample, project_with_rows


@pytest.fixture
def project(tmp_path):
    with project_with_rows(tmp_path, [(f"{i}.png", "A", None) for i in range(6)]) as project:
        yield project


def label_of(project, sample):
    names = {label.id: label.name for label in labels(project)}
    return names.get(samples_by_id(project, [sample])[0].label_id)


def moment(project):
    """Return when the last entry was made, and make sure that the next is made in a later millisecond."""
    last = entries(project, limit=1)[0].at
    while now() <= last:
        pass
    return last


def holds(project):
    return check_history(project, Progress()).breaks == ()


def test_undoing_and_redoing_are_entries_of_their_own(project):
    set_label(project, [1], "B")
    undo(project)
    redo(project)
    found = entries(project)
    assert [entry.action for entry in found] == ["redo", "undo", "edit"]
    assert len({entry.edit.id for entry in found}) == 1
    assert len({entry.hash for entry in found}) == 3


def test_entries_are_filtered_by_person_tool_kind_label_and_sample(project):
    set_label(project, [1, 2], "B", tool="suggestion")
    set_excluded(project, [2, 3], True)
    set_label(project, [4], 'Ünïcode "quoted"')

    def texts(**wanted):
        return [describe(entry.edit) for entry in entries(project, HistoryFilter(**wanted))]

    assert texts(tools=("suggestion",)) == ["Label 2 images as B"]
    assert texts(kinds=(EditKind.EXCLUDE,)) == ["Exclude 2 images"]
    assert texts(label='Ünïcode "') == ['Label 1 image as Ünïcode "quoted"']
    assert texts(sample_id=2) == ["Exclude 2 images", "Label 2 images as B"]
    assert texts(users=("nobody",)) == []
    assert len(texts(since=utc_moment("2020-01-01"))) == 3
    assert texts(until=utc_moment("2020-01-01", end=True)) == []


def test_pages_of_entries_follow_each_other(project):
    for number in range(7):
        set_label(project, [1], f"L{number}")
    first = entries(project, limit=4)
    rest = entries(project, limit=4, before=first[-1].id)
    assert [entry.id for entry in first + rest] == [7, 6, 5, 4, 3, 2, 1]


def test_the_difference_between_two_moments_leaves_out_what_was_changed_back(project):
    set_label(project, [1], "B")
    start = moment(project)
    set_label(project, [1, 2], "C")
    set_label(project, [1], "B")
    set_excluded(project, [3], True)
    undo(project)
    set_tag(project, [4], "blurred", True)
    end = moment(project)
    set_excluded(project, [5], True)
    number = {label.name: label.id for label in labels(project)}
    assert differences(project, start, end) == [
        Difference(2, "label_id", number["A"], number["C"]),
        Difference(4, "tag:1", 0, 1),
    ]
    assert differences(project, end, end) == []


def test_one_edit_is_taken_back_and_what_came_later_stays(project):
    first = set_label(project, [1, 2, 3], "B").edit
    set_excluded(project, [1], True)
    later = set_label(project, [2], "C").edit
    assert [c.sample_id for c in plan_revert(project, first.id).conflicts] == [2]
    assert label_of(project, 1) == "B"
    changes, done = revert(project, first.id)
    assert [label_of(project, i) for i in (1, 2, 3)] == ["A", "C", "A"]
    assert samples_by_id(project, [1])[0].excluded
    (conflict,) = done.conflicts
    assert (conflict.by.id, describe(conflict.by)) == (later.id, "Label 1 image as C")
    assert describe(changes.edit) == f"Take back edit {first.id}"
    undo(project)
    assert [label_of(project, i) for i in (1, 2, 3)] == ["B", "C", "B"]
    assert holds(project)


def test_a_merge_of_long_ago_is_taken_back(project):
    set_label(project, [1, 2], "B")
    merge = merge_labels(project, ["B"], "A").edit
    set_label(project, [1], "C")
    revert(project, merge.id)
    assert [label.name for label in labels(project)] == ["A", "B", "C"]
    assert [label_of(project, i) for i in (1, 2, 3)] == ["C", "B", "A"]
    assert holds(project)


def test_a_name_taken_since_is_a_conflict(project):
    renamed = rename_label(project, "A", "Alpha").edit
    set_label(project, [1], "A")
    with pytest.raises(UserError) as caught:
        revert(project, renamed.id)
    assert caught.value.code == "revert_nothing"
    assert len(plan_revert(project, renamed.id).conflicts) == 1


@pytest.mark.parametrize(("prepare", "code"), [(undo, "edit_not_done"), (lambda p: revert(p, 1), "revert_nothing")])
def test_what_does_not_hold_any_more_is_not_taken_back(project, prepare, code):
    edit = set_label(project, [1], "B").edit
    prepare(project)
    with pytest.raises(UserError) as caught:
        revert(project, edit.id)
    assert caught.value.code == code


def test_an_unknown_edit_and_a_change_of_task_are_refused(project):
    task = set_task(project, Task.MULTI).edit
    for number, code in ((99, "edit_missing"), (task.id, "edit_not_revertible")):
        with pytest.raises(UserError) as caught:
            revert(project, number)
        assert caught.value.code == code


steps = st.lists(
    st.sampled_from(
        ["label", "exclude", "tag", "state", "pin", "undo", "redo", "merge", "task", "revert", "rename", "parent"]
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None)
@given(steps, st.randoms(use_true_random=False))
def test_the_chain_holds_whatever_was_done(tmp_path_factory, wanted, random):
    folder = tmp_path_factory.mktemp("chain")
    with project_with_rows(folder, [(f"{i}.png", "A", f"g{i // 2}") for i in range(4)]) as project:
        actions = {
            "label": lambda: set_label(project, [random.randint(1, 4)], random.choice("ABC")),
            "rename": lambda: rename_label(project, random.choice("ABC"), random.choice("ABCDE")),
            "parent": lambda: set_parent(project, random.choice("ABC"), random.choice("ABC")),
            "exclude": lambda: set_excluded(project, [random.randint(1, 4)], random.random() < 0.5),
            "tag": lambda: set_tag(project, [random.randint(1, 4)], "t", random.random() < 0.5),
            "state": lambda: set_state(project, [random.randint(1, 4)], random.choice(list(SampleState)), "r"),
            "pin": lambda: set_pin(project, [random.randint(1, 4)], random.choice([None, Split.VAL])),
            "undo": lambda: undo(project),
            "redo": lambda: redo(project),
            "merge": lambda: merge_labels(project, [random.choice("ABC")], random.choice("ABC")),
            "task": lambda: set_task(project, random.choice(list(Task))),
            "revert": lambda: revert(project, random.randint(1, 8)),
        }
        for step in wanted:
            with contextlib.suppress(UserError):
                actions[step]()
        assert holds(project)


FORGERIES = {
    "who did it": "UPDATE entry SET user = 'somebody' WHERE id = 2",
    "when it was done": "UPDATE entry SET at = '2020' WHERE id = 1",
    "what was done": "UPDATE edit SET params = '{}' WHERE id = 1",
    "a value of one image": "UPDATE edit_item SET before = NULL WHERE edit_id = 1 AND sample_id = 1",
    "an image taken out": "DELETE FROM edit_item WHERE edit_id = 1 AND sample_id = 1",
    "an entry taken out": "DELETE FROM entry WHERE id = 2",
    "the last entry taken out": "DELETE FROM entry WHERE id = 3",
    "an undo that never was": "UPDATE edit SET state = 'undone' WHERE id = 3",
    "a label changed behind its back": "UPDATE sample SET label_id = 1 WHERE id = 1",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_breaks_the_chain(project, forgery):
    set_label(project, [1, 2], "B")
    set_excluded(project, [3], True)
    set_excluded(project, [4], True)
    assert holds(project)
    root = project.root
    project.close()
    connection = sqlite3.connect(root / "project.db")
    connection.execute(forgery)
    connection.commit()
    connection.close()
    with Project.open(root) as again:
        assert not holds(again)


def test_the_table_has_a_row_for_every_image_and_no_formula(project, tmp_path):
    set_label(project, [1, 2], "=cmd()")
    undo(project)
    out = tmp_path / "history.csv"
    assert write_history(project, out, HistoryFilter(), Progress()) == 4
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["action"], row["path"], row["before"], row["after"]) for row in rows] == [
        ("undo", "0.png", "'=cmd()", "A"),
        ("undo", "1.png", "'=cmd()", "A"),
        ("edit", "0.png", "A", "'=cmd()"),
        ("edit", "1.png", "A", "'=cmd()"),
    ]


def test_the_table_says_the_same_in_every_language(project, tmp_path):
    set_label(project, [1, 2], "B")
    set_state(project, [1], SampleState.UNCERTAIN, "dark")
    set_pin(project, [2], Split.TEST)
    written = []
    for language in ("en", "ko"):
        use_language(language)
        try:
            write_history(project, tmp_path / language, HistoryFilter(), Progress())
        finally:
            use_language("en")
        written.append((tmp_path / language).read_text("utf-8-sig"))
    assert written[0] == written[1]
    assert "Label 2 images as B" in written[0] and "Pin 1 image to test" in written[0]


def test_every_kind_of_edit_has_stable_words():
    for kind in EditKind:
        edit = Edit(1, "2026-11-22T02:00:00+00:00", "ada", "hand", kind, {}, 2, EditState.DONE)
        assert stable_words(edit) == describe(edit)


def test_every_field_has_words(project):
    set_tag(project, [1], "blurred", True)
    words = HistoryWords(project)
    assert words.field("tag:1") == "tag: blurred"
    assert words.value("split", 2) == "val"
    assert words.value("tag:1", 1) == "yes"
    assert words.value("label_id", None) == "–"


def test_people_read_words_in_their_language_and_programs_the_same_ones_in_all(project):
    use_language("ko")
    try:
        people, programs = HistoryWords(project), HistoryWords(project, stable=True)
        said = [
            (words.field("split"), words.value("split", 3), words.value("state", 1)) for words in (people, programs)
        ]
    finally:
        use_language("en")
    assert said == [("분할", "테스트", "불확실"), ("split", "test", "uncertain")]


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "9999-12-31 23:59+00:00x", ""])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(UserError) as caught:
        utc_moment(text)
    assert caught.value.code == "moment_invalid"


def finished(project, rows=3):
    """Return the project after an import of its own that is in the ledger, with groups and a tag."""
    source = add_source(project, "folder", project.root / "more")
    add_samples(project, source.id, [new_sample(f"more{i}.png", "A", f"g{i}") for i in range(rows)])
    finish_import(project, source, rows)
    first = sources(project)[1]
    finish_import(project, first, 0)


UNTOUCHED = {
    "the label": "UPDATE sample SET label_id = NULL WHERE id = 6",
    "excluded": "UPDATE sample SET excluded = 1 WHERE id = 6",
    "the group": "UPDATE sample SET group_id = 1 WHERE id = 9",
    "the split": "UPDATE sample SET split = 2 WHERE id = 9",
    "an image that is gone": "DELETE FROM sample WHERE id = 6",
    "what only undone edits touched": "UPDATE sample SET excluded = 1 WHERE id = 5",
    "the name of a label": "UPDATE label SET name = 'Z' WHERE name = 'A'",
    "the name of a label that was renamed": "UPDATE label SET name = 'Z' WHERE name = 'C'",
    "the name of a group": "UPDATE sample_group SET name = name || 'Z'",
    "who made an edit": "UPDATE edit SET user = 'somebody' WHERE kind = 'exclude'",
    "when an edit was made": "UPDATE edit SET at = '2020' WHERE kind = 'exclude'",
    "the whole history": "DELETE FROM entry; DELETE FROM edit; DELETE FROM edit_item",
    "an image put in": "INSERT INTO sample SELECT 99, source_id, 'x', digest, size_bytes, mtime_ns, width, height,"
    " channels, bit_depth, label_id, group_id, split, excluded, problem, added_at, state, reason_id, pinned, missing,"
    " labelled FROM sample WHERE id = 9",
}


@pytest.mark.parametrize("forgery", UNTOUCHED.values(), ids=UNTOUCHED.keys())
@pytest.mark.parametrize("task", Task)
def test_what_only_an_import_set_is_proven_too(project, forgery, task):
    finished(project)
    set_excluded(project, [3], True)
    set_label(project, [1, 2], "B")
    rename_label(project, "B", "C")
    set_task(project, task)
    set_label(project, [1], "A")
    set_excluded(project, [5], True)
    undo(project)
    set_tag(project, [7], "t", True)
    found = check_history(project, Progress())
    assert (found.breaks, found.unproven) == ((), 0)
    root = project.root
    project.close()
    connection = sqlite3.connect(root / "project.db")
    if "label_id = NULL" in forgery and task is Task.MULTI:
        forgery = "DELETE FROM sample_label WHERE sample_id = 6"
    connection.executescript(forgery)
    connection.close()
    with Project.open(root) as again:
        assert not holds(again)


def test_what_was_imported_without_a_seal_is_counted_not_claimed(project):
    assert check_history(project, Progress()).unproven == 6
    set_label(project, [1], "B")
    assert holds(project)
