"""Second readers: a pass goes on after a crash, its order is blind, and what comes of it can be undone."""

import numpy as np
import pytest

from core.domain.query import SampleQuery
from core.domain.samples import SampleState
from core.domain.task import Task
from core.errors import UserError
from core.evaluation.reading_report import report_readings
from core.store.edits import redo, set_label, set_labels, undo
from core.store.labels import add_label, labels, rename_label
from core.store.ledger import history
from core.store.merge_labels import merge_labels
from core.store.project import Project
from core.store.reading_edits import ConsensusRule, adjudicate, consensus
from core.store.reading_passes import (
    create_pass,
    end_pass,
    find_pass,
    next_reading,
    passes,
    reading_at,
    readings_of,
    record,
)
from core.store.readings import disagreements, reading_table, soft_labels
from core.store.samples import samples_by_id
from core.store.task import set_task
from tests.support.projects import project_with_rows

N = 12
EVEN, ODD = "A", "B"


@pytest.fixture
def project(tmp_path):
    rows = [(f"{i:02}.png", EVEN if i % 2 == 0 else ODD, f"g{i // 2}") for i in range(N)]
    made = project_with_rows(tmp_path, rows)
    yield made
    made.close()


def ids_of(project):
    return {label.name: label.id for label in labels(project)}


def own(project):
    """Return the label ids by sample id."""
    return {s.id: s.label_id for s in samples_by_id(project, range(1, N + 1))}


def read(project, pass_id, say, until=10**6):
    """Go through a pass: `say` gets a sample id and returns a label's name, several, or a state."""
    names = ids_of(project)
    while (at := next_reading(project, pass_id)) is not None and at.position < until:
        said = say(at.sample_id)
        if isinstance(said, SampleState):
            record(project, pass_id, at.position, state=said, note="blurred")
        else:
            given = [said] if isinstance(said, str) else said
            record(project, pass_id, at.position, [names[name] for name in given])


def as_labelled(sample_id):
    """Say what the project says; sample ids count from 1."""
    return EVEN if sample_id % 2 else ODD


def but(**others):
    """Say what the project says, but for these samples: ``but(s3="A")``."""
    return lambda i: others.get(f"s{i}", as_labelled(i))


@pytest.fixture
def two(project):
    """Two passes: the second differs from the first, and from the project, on samples 1 and 2."""
    first = create_pass(project, SampleQuery(), "one", "Kim", seed=3)
    second = create_pass(project, SampleQuery(), "two", "Lee", seed=2)
    read(project, first.id, but(s5=SampleState.UNGRADABLE))
    read(project, second.id, but(s1=ODD, s2=EVEN))
    return [first.id, second.id]


def test_a_pass_has_every_readable_image_and_its_repeats(project):
    made = create_pass(project, SampleQuery(), "first look", "Kim", repeats=0.25, seed=3)
    assert (made.read, made.total, made.reader) == (0, N + 3, "Kim")
    found = readings_of(project, made.id)
    assert sorted(r.sample_id for r in found if not r.is_repeat) == list(range(1, N + 1))
    assert [r.sample_id for r in found] != sorted(r.sample_id for r in found)
    again = create_pass(project, SampleQuery(), "again", "Kim", repeats=0.25, seed=3)
    assert [r.sample_id for r in readings_of(project, again.id)] == [r.sample_id for r in found]


def test_a_pass_can_be_over_some_images_drawn_at_random(project):
    made = create_pass(project, SampleQuery(labels=(EVEN,)), "few", "Kim", repeats=0, limit=4, seed=1)
    chosen = {r.sample_id for r in readings_of(project, made.id)}
    assert len(chosen) == made.total == 4
    assert all(i % 2 for i in chosen)


def test_a_pass_goes_on_after_a_restart_where_it_stopped(project):
    made = create_pass(project, SampleQuery(), "one", "Kim", seed=1)
    read(project, made.id, as_labelled, until=5)
    awaited = next_reading(project, made.id)
    project.close()
    with Project.open(project.root) as opened:
        assert passes(opened)[0].read == 5
        assert next_reading(opened, made.id) == awaited


def test_a_reading_can_be_corrected_just_after_it_and_no_later(project):
    made = create_pass(project, SampleQuery(), "one", "Kim", repeats=0.5, seed=1)
    read(project, made.id, as_labelled, until=8)
    reach = find_pass(project, made.id).reach
    record(project, made.id, 8 - reach, state=SampleState.UNCERTAIN, note=" out of focus ")
    corrected = reading_at(project, made.id, 8 - reach)
    assert (corrected.state, corrected.note, corrected.label_ids) == (SampleState.UNCERTAIN, "out of focus", ())
    assert find_pass(project, made.id).read == 8
    for position in (7 - reach, 9):
        with pytest.raises(UserError, match="back"):
            record(project, made.id, position, [1])
        with pytest.raises(UserError, match="back"):
            reading_at(project, made.id, position)


def test_a_repeat_and_its_first_reading_are_never_in_reach_together(project):
    for seed in range(20):
        made = create_pass(project, SampleQuery(), f"pass {seed}", "Kim", repeats=0.5, seed=seed)
        order = [r.sample_id for r in readings_of(project, made.id)]
        for end in range(len(order)):
            seen = order[max(0, end - made.reach) : end + 1]
            assert len(set(seen)) == len(seen)


def test_an_ended_pass_is_closed(project):
    made = create_pass(project, SampleQuery(), "one", "Kim")
    read(project, made.id, as_labelled, until=3)
    end_pass(project, made.id)
    ended = find_pass(project, made.id).ended_at
    end_pass(project, made.id)
    assert find_pass(project, made.id).ended_at == ended is not None
    with pytest.raises(UserError, match="one"):
        record(project, made.id, 3, [1])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": " "}, "reading_name_needed"),
        ({"reader": "x" * 300}, "reading_name_needed"),
        ({"repeats": 0.9}, "reading_repeats_invalid"),
        ({"which": SampleQuery(labels=("C",))}, "reading_no_images"),
        ({"which": [1, 99]}, "samples_missing"),
        ({"name": "taken"}, "reading_pass_exists"),
    ],
)
def test_a_pass_that_cannot_be_is_refused(project, given, code):
    create_pass(project, SampleQuery(), "taken", "Kim")
    with pytest.raises(UserError) as caught:
        create_pass(project, **({"which": SampleQuery(), "name": "one", "reader": "Kim"} | given))
    assert caught.value.code == code
    assert caught.value.message
    assert len(passes(project)) == 1


def test_readings_that_say_nothing_or_the_impossible_are_refused(project):
    made = create_pass(project, SampleQuery(), "one", "Kim")
    for given, code in (([], "reading_one_label"), ([1, 2], "reading_one_label"), ([77], "reading_label_missing")):
        with pytest.raises(UserError) as caught:
            record(project, made.id, 0, given)
        assert caught.value.code == code
    with pytest.raises(UserError, match="99"):
        find_pass(project, 99)


def test_reading_changes_no_label_and_no_history(project, two):
    assert own(project) == {i: ids_of(project)[as_labelled(i)] for i in range(1, N + 1)}
    assert history(project) == []


def test_the_report_says_who_agrees_with_whom(project, two):
    table = reading_table(project, two, own=True)
    assert table.readers == ("project", "Kim", "Lee")
    report = report_readings(table, resamples=50)
    kim, lee = report.readers[1:]
    assert (kim.read, kim.ungradable, kim.repeats) == (N, 1, 1)
    assert kim.self_agreement.metric.value == lee.self_agreement.metric.value == 1.0
    by_pair = {(p.first, p.second): p.agreement for p in report.pairs}
    assert by_pair[0, 1].metric.value == 1.0
    assert by_pair[0, 1].images == N - 1
    assert by_pair[0, 2].metric.value == pytest.approx(10 / 12)
    assert by_pair[1, 2].metric.value == pytest.approx(9 / 11)
    assert by_pair[1, 2].groups == N // 2
    assert 0 < report.alpha.metric.value < 1
    assert len(report.labels) == 2
    assert report.ordinal_alpha is None
    graded = report_readings(table, ordered=True, resamples=20)
    assert graded.ordinal_alpha is not None
    assert graded.pairs[0].quadratic is not None


def test_a_reader_who_comes_again_is_told_apart(project):
    first, second = (create_pass(project, SampleQuery(), name, "Kim").id for name in ("one", "two"))
    assert reading_table(project, [first, second]).readers == ("Kim", "Kim (2)")
    assert np.isnan(report_readings(reading_table(project, [first, second]), resamples=5).alpha.metric.value)


def test_disagreements_come_furthest_apart_first_and_the_decided_last(project, two):
    found = disagreements(project, two)
    assert [(case.sample_id, case.distance) for case in found] == [(1, 1.0), (2, 1.0), (5, 0.5)]
    assert [reader for reader, _ in found[0].readings] == ["Kim", "Lee"]
    adjudicate(project, 1, ODD, "nucleus is lobed")
    assert [(case.sample_id, case.decided) for case in disagreements(project, two)] == [
        (2, False),
        (5, False),
        (1, True),
    ]


def test_adjudicating_is_an_edit_that_can_be_undone_also_where_it_confirms(project, two):
    before = own(project)
    changes = adjudicate(project, 2, ODD, "as it was")
    assert changes.edit.tool == "adjudication"
    assert changes.edit.params["reason"] == "as it was"
    assert own(project) == before
    assert sum(case.decided for case in disagreements(project, two)) == 1
    undo(project)
    assert not any(case.decided for case in disagreements(project, two))
    redo(project)
    adjudicate(project, 1, ODD)
    assert own(project)[1] == ids_of(project)[ODD]
    undo(project)
    assert own(project) == before


def test_adjudicating_to_ungradable_keeps_the_label(project, two):
    adjudicate(project, 5, None, "no cell in sight", state=SampleState.UNGRADABLE)
    [sample] = samples_by_id(project, [5])
    assert (sample.state, sample.reason) == (SampleState.UNGRADABLE, "no cell in sight")
    assert sample.label_id == ids_of(project)[EVEN]
    adjudicate(project, 5, EVEN)
    assert samples_by_id(project, [5])[0].state is SampleState.NONE
    with pytest.raises(UserError):
        adjudicate(project, 5, None)
    with pytest.raises(UserError):
        adjudicate(project, 5, "nothing of that name")


def test_the_majority_is_taken_over_in_one_edit(project, two):
    third = create_pass(project, SampleQuery(), "three", "Park")
    read(project, third.id, but(s1=ODD, s5=SampleState.UNGRADABLE))
    before = own(project)
    done = consensus(project, [*two, third.id])
    assert (done.agreed, done.open) == (N, 0)
    assert done.changes.sample_ids.tolist() == [1, 5]
    assert own(project)[1] == ids_of(project)[ODD]
    assert samples_by_id(project, [5])[0].state is SampleState.UNGRADABLE
    assert len(history(project)) == 1
    undo(project)
    assert own(project) == before
    assert samples_by_id(project, [5])[0].state is SampleState.NONE


def test_unanimous_leaves_open_what_anyone_doubts_and_first_takes_the_first(project, two):
    assert consensus(project, two, ConsensusRule.UNANIMOUS).open == 3
    adjudicate(project, 2, EVEN)
    done = consensus(project, list(reversed(two)), ConsensusRule.FIRST)
    assert done.open == 0
    assert {i: own(project)[i] for i in (1, 2)} == {1: ids_of(project)[ODD], 2: ids_of(project)[EVEN]}


def test_labels_decided_from_readings_do_not_then_agree_with_them(project, two):
    before = reading_table(project, two, own=True).ratings
    adjudicate(project, 1, ODD)
    consensus(project, list(reversed(two)), ConsensusRule.FIRST)
    assert reading_table(project, two, own=True).ratings.tolist() == before.tolist()
    set_label(project, [3], ODD)
    assert reading_table(project, two, own=True).ratings[2, 0] == 1


def test_soft_labels_are_shares_of_readings(project, two):
    a, b = ids_of(project)[EVEN], ids_of(project)[ODD]
    found = soft_labels(project, [2, 1, 5, 3], [a, b], pass_ids=two)
    assert found.tolist() == [[0.5, 0.5], [0.5, 0.5], [1, 0], [1, 0]]
    with_own = soft_labels(project, [1], [a, b], own=True)
    assert with_own.tolist() == [[pytest.approx(2 / 3), pytest.approx(1 / 3)]]
    adjudicate(project, 1, ODD)
    assert soft_labels(project, [1], [a, b], own=True).tolist() == [[0, 1]]


def test_images_nobody_read_have_no_soft_label(project):
    made = create_pass(project, [1, 2, 3], "few", "Kim", repeats=0)
    read(project, made.id, but(s3=SampleState.UNCERTAIN))
    found = soft_labels(project, [1, 3, 4], list(ids_of(project).values()))
    assert np.isnan(found).all(axis=1).tolist() == [False, True, True]


def test_many_labels_an_image_are_read_decided_and_shared_label_by_label(project):
    set_task(project, Task.MULTI)
    a, b = ids_of(project)[EVEN], ids_of(project)[ODD]
    first, second, third = (create_pass(project, SampleQuery(), name, name, repeats=0.2).id for name in "xyz")
    read(project, first, but(s1=[EVEN, ODD], s2=[]))
    read(project, second, but(s1=[EVEN, ODD]))
    read(project, third, but(s1=[ODD]))
    table = reading_table(project, [first, second, third], own=True)
    assert table.ratings.shape == (N, 4, 2)
    assert table.ratings[0].tolist() == [[1, 0], [1, 1], [1, 1], [0, 1]]
    report = report_readings(table, resamples=20)
    assert report.readers[1].self_agreement.metric.value == 1.0
    assert 0.5 < report.alpha.metric.value < 1
    assert [case.sample_id for case in disagreements(project, [first, second, third])] == [2, 1]
    assert soft_labels(project, [1, 2], [a, b]).tolist() == [[pytest.approx(2 / 3), 1], [0, pytest.approx(2 / 3)]]
    done = consensus(project, [first, second, third])
    assert done.changes.sample_ids.tolist() == [1]
    assert samples_by_id(project, [1])[0].label_ids == (a, b)
    assert reading_table(project, [first], own=True).ratings[0, 0].tolist() == [1, 0]
    undo(project)
    assert samples_by_id(project, [1])[0].label_ids == (a,)
    adjudicate(project, 1, [], "neither")
    found = samples_by_id(project, [1])[0]
    assert (found.label_ids, found.labelled) == ((), True)
    set_labels(project, [3], [ODD])
    assert reading_table(project, [first], own=True).ratings[2, 0].tolist() == [0, 1]


def test_a_label_that_was_merged_counts_as_the_one_it_became(project):
    add_label(project, "C")
    made = create_pass(project, SampleQuery(), "one", "Kim", repeats=0.2)
    read(project, made.id, but(s1="C"))
    assert [case.sample_id for case in disagreements(project, [made.id], own=True)] == [1]
    merge_labels(project, ["C"], EVEN)
    assert disagreements(project, [made.id], own=True) == []
    a, b = ids_of(project)[EVEN], ids_of(project)[ODD]
    assert soft_labels(project, [1], [a, b]).tolist() == [[1, 0]]
    rename_label(project, EVEN, "Even")
    assert soft_labels(project, [1], [a, b]).tolist() == [[1, 0]]
    undo(project)
    undo(project)
    assert [case.sample_id for case in disagreements(project, [made.id], own=True)] == [1]


def test_a_project_with_one_label_cannot_be_read_again(tmp_path):
    with project_with_rows(tmp_path, [("a.png", "A", None)]) as project, pytest.raises(UserError) as caught:
        create_pass(project, SampleQuery(), "one", "Kim")
    assert caught.value.code == "reading_needs_labels"
