"""Where images may have several labels, a decision settles what it was about, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain.findings import CheckRecord, FindingKind, FindingState, Settlement, Suspicion
from core.domain.query import SampleQuery
from core.domain.task import Task
from core.quality.kept import keep_arrays
from core.quality.suspects.kept_answers import answers_to_keep
from core.quality.suspects.standing import expected_left, read_standing
from core.store.edits import add_label_to, set_excluded
from core.store.finding_edits import settle
from core.store.finding_stamps import member_states, stamp
from core.store.findings import findings, record_check, replace_findings
from core.store.multilabel import label_matrix
from core.store.samples import sample_table
from core.store.task import set_task
from tests.support.projects import project_with_rows

SUSPECT = FindingKind.LABEL_SUSPECT


def found_again(project, doubts: dict[str, float]) -> None:
    """Let a check doubt of the first image that it lacks these labels."""
    ids = sample_table(project, SampleQuery()).ids
    with project.db.write() as connection:
        rows = dict(connection.execute("SELECT name, id FROM label"))
    held = label_matrix(project, ids, [rows[name] for name in "ABC"])
    each = np.full(held.shape, 0.001, np.float32)
    said = []
    for name, p in doubts.items():
        each[0, "ABC".index(name)] = p
        said.append({"label": name, "holds": bool(held[0, "ABC".index(name)]), "p_wrong": p})
    kept = {
        "p_wrong": each.max(axis=1).astype(float),
        "suggested": np.zeros(len(ids), np.int32),
        "given": np.ones(len(ids), np.int32),
        "unsure": np.zeros(len(ids), np.float16),
        **answers_to_keep(each, held, np.array([rows[name] for name in "ABC"])),
    }
    keep_arrays(project, "label_suspects", ids, kept)
    state = member_states(project.db.read(), [int(ids[0])])[int(ids[0])]
    evidence = {**said[0], "given": "", "doubted": said}
    one = Suspicion(SUSPECT, "1", (int(ids[0]),), 0.9, evidence, p_wrong=0.9, stamp=stamp(SUSPECT, [state]))
    replace_findings(project, [SUSPECT], [one])
    record_check(project, CheckRecord(0, "2026-01-01", 1.0, len(ids), (SUSPECT,), ""))


@pytest.fixture
def project(tmp_path):
    with project_with_rows(tmp_path, [(f"{i}.png", "A", None) for i in range(40)]) as project:
        set_task(project, Task.MULTI)
        for name in "BC":
            add_label_to(project, sample_table(project, SampleQuery()).ids[-1:], name)
        found_again(project, {"B": 0.9, "C": 0.8})
        yield project


def left(project) -> float:
    return expected_left(project).value


def case(project):
    [found] = findings(project, [SUSPECT])
    return found


def first(project) -> int:
    return int(sample_table(project, SampleQuery()).ids[0])


def test_a_label_put_right_elsewhere_leaves_the_other_counted_and_the_case_open(project) -> None:
    assert 1.5 < left(project) < 1.9
    add_label_to(project, [first(project)], "B")
    assert 0.7 < left(project) < 1.1
    assert case(project).state is FindingState.OPEN
    standing = read_standing(project)
    assert standing.label_of[standing.row_of[case(project).id]] == "C"
    add_label_to(project, [first(project)], "C")
    assert left(project) < 0.2
    assert not findings(project, [SUSPECT])


def test_what_was_kept_settles_all_that_was_in_doubt(project) -> None:
    settle(project, [Settlement(case(project).id, FindingState.DISMISSED)])
    assert left(project) < 0.4
    assert list(read_standing(project).decided.values()) == [False]


def test_a_decision_about_one_label_leaves_the_other_counted_and_a_check_brings_it_back(project) -> None:
    wanted = {first(project): ("A", "B")}
    settle(project, [Settlement(case(project).id, FindingState.ACCEPTED, relabel=wanted)])
    assert 0.7 < left(project) < 1.1
    found_again(project, {"C": 0.8})
    assert case(project).state is FindingState.OPEN


def test_a_check_that_doubts_what_was_kept_brings_nothing_back_and_another_label_does(project) -> None:
    settle(project, [Settlement(case(project).id, FindingState.DISMISSED)])
    found_again(project, {"C": 0.8})
    assert not findings(project, [SUSPECT])
    assert left(project) < 0.2
    found_again(project, {"A": 0.7})
    assert case(project).evidence["label"] == "A"
    assert left(project) > 0.5


def test_an_image_that_was_excluded_has_no_answers_in_question(project) -> None:
    total = read_standing(project).total
    set_excluded(project, [first(project)], True)
    assert left(project) < 0.2
    assert read_standing(project).total == total - 3
