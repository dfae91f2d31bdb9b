"""What was put right elsewhere is no open case any more."""

import pytest

from core.domain.findings import FindingCounts, FindingState
from core.domain.task import Task
from core.store.edits import add_label_to, set_label, undo
from core.store.findings import finding_counts, finding_states, findings
from core.store.labels import labels, rename_label
from core.store.task import set_task
from tests.core.store.test_findings import SUSPECT, check, of_kind, open_everywhere, suspicion
from tests.support.projects import project_with_rows


@pytest.fixture
def project(tmp_path):
    with project_with_rows(tmp_path, [(f"{i}.png", "A" if i % 2 else "B", None) for i in range(6)]) as project:
        yield project


def test_a_suspect_that_was_put_right_elsewhere_is_accepted_until_that_is_undone(project):
    a = next(label.id for label in labels(project) if label.name == "A")
    found = [suspicion(project, SUSPECT, i, suggested=a, evidence={"given": "B"}) for i in (1, 3, 5)]
    check(project, *found)
    assert open_everywhere(project, SUSPECT) == 3
    set_label(project, [1], "A")
    set_label(project, [3], "C")
    assert open_everywhere(project, SUSPECT) == 1
    assert finding_counts(project)[SUSPECT] == FindingCounts(open=1, accepted=2)
    assert [state for _, _, state in finding_states(project, SUSPECT)].count(FindingState.ACCEPTED) == 2
    assert {one.sample_id for one in of_kind(project, SUSPECT, [FindingState.ACCEPTED])} == {1, 3}
    undo(project)
    undo(project)
    assert open_everywhere(project, SUSPECT) == 3


def test_renaming_a_suspected_label_puts_nothing_right(project):
    check(project, suspicion(project, SUSPECT, 1, evidence={"given": "B"}))
    rename_label(project, "B", "Bee")
    assert open_everywhere(project, SUSPECT) == 1


def test_a_label_among_several_is_put_right_when_it_holds_no_more_or_at_last(project):
    set_task(project, Task.MULTI)
    add_label_to(project, [1], "C")
    held = suspicion(project, SUSPECT, 1, evidence={"label": "C", "holds": True, "given": "B, C"})
    lacking = suspicion(project, SUSPECT, 2, evidence={"label": "C", "holds": False, "given": "A"})
    check(project, held, lacking)
    assert open_everywhere(project, SUSPECT) == 2
    add_label_to(project, [2], "C")
    assert [one.sample_id for one in findings(project, [SUSPECT])] == [1]
    set_label(project, [1], "B")
    assert open_everywhere(project, SUSPECT) == 0
