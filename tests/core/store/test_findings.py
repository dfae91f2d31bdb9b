from dataclasses import replace

import pytest

from core.domain.edits import EditKind, describe, stable_words
from core.domain.findings import CheckRecord, FindingCounts, FindingKind, FindingState, Settlement, Suspicion
from core.domain.query_line import parse_query
from core.domain.samples import Split
from core.domain.task import Task
from core.errors import UserError
from core.progress import Progress
from core.store.edits import add_label_to, redo, set_excluded, set_label, set_splits, set_tag, undo
from core.store.finding_edits import settle
from core.store.finding_stamps import member_states, stamp
from core.store.findings import (
    finding,
    finding_counts,
    finding_states,
    findings,
    findings_of,
    last_check,
    looked_for,
    open_among,
    record_check,
    replace_findings,
    stale_counts,
)
from core.store.history_check import check_history
from core.store.history_words import HistoryWords
from core.store.labels import labels, rename_label
from core.store.ledger import history, sample_history
from core.store.project import Project
from core.store.revert import revert
from core.store.samples import sample_ids, samples_by_id
from core.store.task import set_task
from core.store.vocabulary import read_vocabulary
from core.translation import use_language
from tests.support.projects import project_with_rows

SUSPECT, BLURRY, DUPLICATE = FindingKind.LABEL_SUSPECT, FindingKind.BLURRY, FindingKind.NEAR_DUPLICATE
KINDS = (SUSPECT, BLURRY, DUPLICATE)


@pytest.fixture
def project(tmp_path):
    rows = [(f"{i}.png", "A" if i % 2 else "B", "left" if i < 3 else None) for i in range(6)]
    with project_with_rows(tmp_path, rows) as project:
        yield project


def suspicion(project, kind, *members, score=0.5, **more):
    states = member_states(project.db.read(), members)
    return Suspicion(kind, str(members[0]), members, score, stamp=stamp(kind, [states[i] for i in members]), **more)


def check(project, *found, kinds=KINDS):
    record = CheckRecord(0, "2026-11-01T10:00:00+00:00", 1.5, 6, tuple(kinds), "lite0", notes={"outliers": "none"})
    replace_findings(project, kinds, found)
    return record_check(project, record)


def of_kind(project, kind, states=tuple(FindingState)):
    return findings(project, [kind], states=states)


def test_findings_come_kind_by_kind_and_the_worst_first(project):
    check(
        project,
        suspicion(project, BLURRY, 2, score=0.4),
        suspicion(project, SUSPECT, 1, score=0.3, p_wrong=0.2, suggested=labels(project)[1].id),
        suspicion(project, SUSPECT, 3, score=0.9, evidence={"why": ["a", 1]}),
    )
    found = findings(project)
    assert [(one.kind, one.sample_id) for one in found] == [(SUSPECT, 3), (SUSPECT, 1), (BLURRY, 2)]
    assert (found[0].evidence, found[1].p_wrong, found[1].suggested) == (
        {"why": ["a", 1]},
        0.2,
        labels(project)[1].name,
    )
    assert len(findings(project, limit=1)) == 2
    assert [one.kind for one in findings_of(project, 2)] == [BLURRY]
    assert finding_counts(project) == {SUSPECT: FindingCounts(open=2), BLURRY: FindingCounts(open=1)}


def test_the_last_check_is_remembered(project):
    assert last_check(project) is None
    check(project, suspicion(project, BLURRY, 2))
    record = last_check(project)
    assert (record.kinds, record.backbone, record.notes) == (KINDS, "lite0", {"outliers": "none"})


def test_accepting_relabels_and_settles_in_one_edit_that_is_undone_as_one(project):
    check(project, suspicion(project, SUSPECT, 1))
    (one,) = findings(project)
    before = samples_by_id(project, [1])[0].label_id
    changes = settle(project, [Settlement(one.id, FindingState.ACCEPTED, relabel={1: ("C",)})])
    assert (changes.findings, describe(changes.edit)) == (True, "Label 1 image as C (label suspect)")
    assert finding(project, one.id).state is FindingState.ACCEPTED
    assert undo(project).findings
    assert (finding(project, one.id).state, finding(project, one.id).stale) == (FindingState.OPEN, False)
    assert samples_by_id(project, [1])[0].label_id == before
    redo(project)
    assert finding(project, one.id).state is FindingState.ACCEPTED
    assert not check_history(project, Progress()).breaks
    fields = [HistoryWords(project).field(field) for _, field, _, _ in sample_history(project, 1)]
    assert "finding: label suspect" in fields
    words, stable = HistoryWords(project), HistoryWords(project, stable=True)
    field = next(field for _, field, _, _ in sample_history(project, 1) if field.startswith("finding"))
    assert [words.value(field, state) for state in range(3)] == ["undecided", "accepted", "dismissed"]
    assert (stable.field(field), stable.value(field, 0)) == ("finding: label_suspect", "open")


def test_what_was_dismissed_stays_dismissed_until_the_sample_changes(project):
    check(project, suspicion(project, SUSPECT, 1))
    settle(project, [Settlement(findings(project)[0].id, FindingState.DISMISSED)])
    assert describe(history(project)[0]) == "Keep 1 image as it is (label suspect)"
    check(project, suspicion(project, SUSPECT, 1, score=0.99))
    assert [one.state for one in of_kind(project, SUSPECT)] == [FindingState.DISMISSED]
    set_label(project, [1], "C")
    check(project, suspicion(project, SUSPECT, 1))
    assert [one.state for one in of_kind(project, SUSPECT)] == [FindingState.OPEN]
    assert not check_history(project, Progress()).breaks


def test_a_finding_is_stale_once_a_member_is_no_longer_as_it_was(project):
    found = (suspicion(project, SUSPECT, 1), suspicion(project, BLURRY, 1), suspicion(project, DUPLICATE, 2, 3, 4))
    check(project, *found)
    set_label(project, [1, 3], "C")
    stale = {one.kind: one.stale for one in findings(project)}
    assert stale == {SUSPECT: True, BLURRY: False, DUPLICATE: True}
    assert finding_counts(project)[SUSPECT] == FindingCounts(open=1, stale=1)
    undo(project)
    assert not any(one.stale for one in findings(project))
    set_excluded(project, [4], True)
    assert {one.kind: one.stale for one in findings(project)} == {SUSPECT: False, BLURRY: False, DUPLICATE: True}


def test_only_leakage_depends_on_the_split(project):
    leak = FindingKind.LEAKAGE
    check(project, suspicion(project, SUSPECT, 1), suspicion(project, leak, 1, 2), kinds=(SUSPECT, leak))
    set_splits(project, [1], [2], params={})
    assert {one.kind: one.stale for one in findings(project)} == {SUSPECT: False, leak: True}


def test_what_is_not_found_any_more_goes_unless_somebody_decided(project):
    check(project, suspicion(project, SUSPECT, 1), suspicion(project, SUSPECT, 2))
    first, second = findings(project)
    settle(project, [Settlement(second.id, FindingState.DISMISSED)])
    check(project)
    assert not of_kind(project, SUSPECT)
    with pytest.raises(UserError) as caught:
        finding(project, first.id)
    assert caught.value.code == "finding_missing"
    assert finding(project, second.id).state is FindingState.DISMISSED
    check(project, suspicion(project, SUSPECT, 2))
    assert [(one.id, one.state) for one in of_kind(project, SUSPECT)] == [(second.id, FindingState.DISMISSED)]


def test_a_check_of_some_kinds_leaves_the_others_alone(project):
    check(project, suspicion(project, SUSPECT, 1), suspicion(project, BLURRY, 1))
    check(project, kinds=(BLURRY,))
    assert [one.kind for one in findings(project)] == [SUSPECT]


def test_findings_about_the_whole_data_set_keep_their_identity_by_their_key(project):
    kind = FindingKind.CONFOUND
    dates = Suspicion(kind, "date", (1, 2), 0.9)
    check(project, dates, replace(dates, key="size", score=0.4), kinds=(kind,))
    found = findings(project)
    assert [(one.key, one.sample_id) for one in found] == [("date", 1), ("size", 2)]
    settle(project, [Settlement(found[0].id, FindingState.DISMISSED)])
    check(project, replace(dates, members=(5, 4)), kinds=(kind,))
    assert [(one.key, one.state) for one in of_kind(project, kind)] == [("date", FindingState.DISMISSED)]


def test_pinning_a_cluster_takes_the_whole_of_its_groups(project):
    check(project, suspicion(project, DUPLICATE, 1, 5))
    settle(project, [Settlement(findings(project)[0].id, FindingState.ACCEPTED, pin=Split.TRAIN)])
    pinned = {one.id for one in samples_by_id(project, range(1, 7)) if one.pinned and one.split is Split.TRAIN}
    assert pinned == {1, 2, 3, 5}
    assert history(project)[0].kind is EditKind.PIN


def test_several_decisions_are_one_edit(project):
    check(project, suspicion(project, DUPLICATE, 1, 2), suspicion(project, SUSPECT, 3))
    duplicate, suspect = findings(project)
    settle(
        project,
        [
            Settlement(suspect.id, FindingState.ACCEPTED, relabel={3: ("A",)}),
            Settlement(duplicate.id, FindingState.ACCEPTED, exclude=(2,)),
        ],
    )
    assert len(history(project)) == 1
    assert describe(history(project)[0]) == "Label 1 image as A, exclude 1"
    revert(project, history(project)[0].id)
    assert len(findings(project)) == 2
    assert not samples_by_id(project, [2])[0].excluded


def test_a_decision_about_what_is_not_there_changes_nothing(project):
    check(project, suspicion(project, SUSPECT, 1))
    one = findings(project)[0]
    for wrong, code in (
        ([Settlement(one.id, FindingState.DISMISSED), Settlement(99, FindingState.DISMISSED)], "finding_missing"),
        ([Settlement(one.id, FindingState.ACCEPTED, exclude=(77,))], "samples_missing"),
        ([Settlement(one.id, FindingState.ACCEPTED, relabel={1: ("A", "B")})], "task_single"),
    ):
        with pytest.raises(UserError) as caught:
            settle(project, wrong)
        assert caught.value.code == code
    assert finding(project, one.id).state is FindingState.OPEN


def test_images_of_many_labels_are_given_exactly_those_decided_on(project):
    set_task(project, Task.MULTI)
    check(project, suspicion(project, SUSPECT, 1))
    settle(project, [Settlement(findings(project)[0].id, FindingState.ACCEPTED, relabel={1: ("A", "C")})])
    names = {label.id: label.name for label in labels(project)}
    assert {names[i] for i in samples_by_id(project, [1])[0].label_ids} == {"A", "C"}
    undo(project)
    assert {names[i] for i in samples_by_id(project, [1])[0].label_ids} == {"B"}


def test_a_suggested_label_follows_its_renaming(project):
    check(project, suspicion(project, SUSPECT, 1, suggested=labels(project)[1].id))
    rename_label(project, labels(project)[1].name, "Platelet")
    assert findings(project)[0].suggested == "Platelet"


def test_queries_find_every_member_of_an_open_finding(project):
    check(project, suspicion(project, DUPLICATE, 4, 2, score=0.7), suspicion(project, SUSPECT, 1, score=0.2))
    assert sample_ids(project, parse_query("finding:near_duplicate")).tolist() == [2, 4]
    assert sample_ids(project, parse_query("sort:-suspicion")).tolist()[:3] == [2, 4, 1]
    settle(project, [Settlement(findings(project)[0].id, FindingState.DISMISSED)])
    assert not len(sample_ids(project, parse_query("finding:near_duplicate")))


def test_findings_survive_a_restart(project):
    check(project, suspicion(project, SUSPECT, 1))
    settle(project, [Settlement(findings(project)[0].id, FindingState.DISMISSED)])
    set_tag(project, [1], "seen", True)
    root = project.root
    project.close()
    with Project.open(root) as again:
        assert [one.state for one in of_kind(again, SUSPECT)] == [FindingState.DISMISSED]


def test_what_any_check_has_looked_for_is_known_also_where_it_found_nothing(project):
    assert looked_for(project) == frozenset()
    check(project, suspicion(project, BLURRY, 2), kinds=[BLURRY])
    check(project, kinds=[SUSPECT, DUPLICATE])
    assert looked_for(project) == {BLURRY, SUSPECT, DUPLICATE}


@pytest.mark.parametrize("kind", list(FindingKind))
def test_what_was_just_looked_at_is_not_stale_whatever_labels_its_members_have(project, kind):
    set_label(project, [1], "A")
    set_task(project, Task.MULTI)
    add_label_to(project, [2, 3], "A")
    add_label_to(project, [2, 3], "B")
    add_label_to(project, [3], "C")
    set_excluded(project, [4], excluded=True)
    check(project, suspicion(project, kind, 3, 1, 2, 4, 5, 6), kinds=[kind])
    (found,) = findings(project)
    assert (found.members, found.stale) == ((3, 1, 2, 4, 5, 6), False)
    assert finding_counts(project)[kind].stale == 0


def test_what_has_changed_is_counted_apart(project):
    check(project, suspicion(project, SUSPECT, 1), suspicion(project, SUSPECT, 2), suspicion(project, BLURRY, 1))
    set_label(project, [1], "C")
    assert stale_counts(project) == {SUSPECT: 1}
    assert finding_counts(project, stale=False)[SUSPECT] == FindingCounts(open=2)


def test_states_are_read_without_the_evidence(project):
    check(project, suspicion(project, SUSPECT, 1, score=0.2), suspicion(project, SUSPECT, 2, score=0.9))
    first, second = of_kind(project, SUSPECT)
    settle(project, [Settlement(second.id, FindingState.DISMISSED)])
    assert finding_states(project, SUSPECT) == [
        (first.id, 2, FindingState.OPEN),
        (second.id, 1, FindingState.DISMISSED),
    ]
    assert open_among(project, [99, second.id, first.id]) == [first.id]


def open_everywhere(project, kind):
    """Return how many findings of a kind each of those who count them knows of."""
    found = findings(project, [kind])
    assert finding_counts(project).get(kind, FindingCounts()).open == len(found)
    listed = sample_ids(project, replace(parse_query(f"finding:{kind}"), excluded=None)).tolist()
    assert listed == sorted({member for one in found for member in one.members})
    shown = sample_ids(project, parse_query(f"finding:{kind}"))
    told = [value.count for value in read_vocabulary(project).values("finding") if value.text == kind]
    assert told == ([len(shown)] if len(shown) else [])
    assert all(one in found for member in listed for one in findings_of(project, member) if one.kind is kind)
    return len(found)


@pytest.mark.parametrize(
    ("kind", "members", "enough", "too_many"),
    [
        (BLURRY, (2,), (), (2,)),
        (SUSPECT, (2,), (), (2,)),
        (DUPLICATE, (1, 2), (), (1,)),
        (DUPLICATE, (1, 2, 3), (1,), (1, 3)),
        (FindingKind.LEAKAGE, (1, 4), (), (4,)),
        (FindingKind.CONFOUND, (1, 2), (1, 2), None),
    ],
)
def test_what_is_excluded_is_no_case_until_it_is_included_again(project, kind, members, enough, too_many):
    check(project, suspicion(project, kind, *members), kinds=(*KINDS, kind))
    set_excluded(project, enough, excluded=True)
    assert open_everywhere(project, kind) == 1
    if too_many is None:
        return
    set_excluded(project, too_many, excluded=True)
    assert open_everywhere(project, kind) == 0
    assert stale_counts(project) == {}
    undo(project)
    assert open_everywhere(project, kind) == 1
    redo(project)
    assert open_everywhere(project, kind) == 0
    set_excluded(project, too_many, excluded=False)
    assert open_everywhere(project, kind) == 1


def test_what_was_decided_stays_listed_also_where_its_image_is_excluded(project):
    check(project, suspicion(project, BLURRY, 1))
    (one,) = findings(project)
    settle(project, [Settlement(one.id, FindingState.ACCEPTED, exclude=(1,))])
    assert [one.state for one in of_kind(project, BLURRY)] == [FindingState.ACCEPTED]
    assert finding_counts(project)[BLURRY] == FindingCounts(0, 1, 0, 0)


def decided(project, kind, *members, state=FindingState.ACCEPTED, **more):
    check(project, suspicion(project, kind, *members), kinds=[kind])
    (one,) = findings(project, [kind])
    return settle(project, [Settlement(one.id, state, **more)]).edit


def test_the_ledger_says_what_a_decision_did(project):
    assert describe(decided(project, DUPLICATE, 1, 2, exclude=(2,))) == "Exclude 1 image (near-duplicate)"
    conflict = FindingKind.CONFLICTING_DUPLICATE
    made = decided(project, conflict, 4, 3, 5, relabel={4: ("A",)}, exclude=(3, 5))
    assert describe(made) == "Exclude 2 images (conflicting duplicate)", "it was an A before"
    assert history(project)[0].kind is EditKind.EXCLUDE
    undo(project)
    made = decided(project, conflict, 4, 3, 5, relabel={4: ("C",)}, exclude=(3, 5))
    assert describe(made) == stable_words(made) == "Label 1 image as C, exclude 2 (conflicting duplicate)"
    leak = FindingKind.LEAKAGE
    assert describe(decided(project, leak, 1, 6, pin=Split.VAL)) == "Pin 4 images to val (leakage)"
    dismissed = FindingState.DISMISSED
    assert describe(decided(project, BLURRY, 6, state=dismissed)) == "Keep 1 image as it is (blurred)"
    assert describe(decided(project, DUPLICATE, 1, 3, 6, state=dismissed)) == "Keep 1 case as it is (near-duplicate)"
    assert describe(decided(project, FindingKind.CONFOUND, 1, 2)) == "Note 1 case (confound)"
    assert not check_history(project, Progress()).breaks


def test_what_a_decision_did_is_said_in_the_language_in_use(project):
    made = decided(project, DUPLICATE, 1, 2, exclude=(2,))
    use_language("ko")
    try:
        assert "near" not in describe(made)
        assert stable_words(made) == "Exclude 1 image (near-duplicate)"
    finally:
        use_language("en")


def stale_kinds(project):
    found = {one.kind for one in findings(project) if one.stale}
    assert stale_counts(project) == dict.fromkeys(found, 1)
    return found


def test_what_is_told_of_amounts_is_stale_once_a_label_has_more_or_fewer_images(project):
    few, uneven = FindingKind.TOO_FEW, FindingKind.IMBALANCE
    of_a = suspicion(project, few, 2, evidence={"label": "A", "images": 3})
    of_all = suspicion(project, uneven, 1, evidence={"counts": {"A": 3, "B": 3}})
    check(project, replace(of_a, stamp=""), replace(of_all, stamp=""), kinds=(few, uneven))
    assert not stale_kinds(project)
    set_label(project, [1], "C")
    assert stale_kinds(project) == {uneven}
    set_label(project, [2], "C")
    assert stale_kinds(project) == {few, uneven}
    undo(project)
    undo(project)
    assert not stale_kinds(project)
    set_excluded(project, [2], excluded=True)
    assert stale_kinds(project) == {few, uneven}
    redone = [Settlement(one.id, FindingState.DISMISSED) for one in findings(project)]
    settle(project, redone)
    check(project, replace(of_a, stamp=""), replace(of_all, stamp=""), kinds=(few, uneven))
    assert not findings(project), "what was decided about stays decided"
