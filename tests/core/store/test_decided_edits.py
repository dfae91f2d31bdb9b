import pytest

from core.domain.edits import EditKind, EditState
from core.domain.findings import FindingKind, FindingState, Settlement, Suspicion
from core.errors import UserError
from core.store.decided_edits import opened_again, undo_decision
from core.store.edits import set_label
from core.store.finding_edits import settle
from core.store.findings import findings, replace_findings
from core.store.ledger import history
from tests.support.projects import project_with_rows

SUSPECT = FindingKind.LABEL_SUSPECT


@pytest.fixture
def project(tmp_path):
    with project_with_rows(tmp_path, [(f"{i}.png", "A", None) for i in range(6)]) as project:
        found = [Suspicion(SUSPECT, str(i), (i,), 1 / i) for i in (1, 2, 3)]
        replace_findings(project, [SUSPECT], found)
        yield project


def keep(project, *numbers):
    return settle(project, [Settlement(number, FindingState.DISMISSED) for number in numbers]).edit.id


def still_open(project):
    return [one.id for one in findings(project)]


def test_the_latest_edit_is_undone_where_it_is_a_decision(project):
    first, second, third = still_open(project)
    keep(project, first)
    edit = keep(project, second, third)
    changes = undo_decision(project)
    assert (changes.edit.id, history(project)[0].state) == (edit, EditState.UNDONE)
    assert still_open(project) == [second, third]
    assert opened_again(project, edit) == [(second, SUSPECT), (third, SUSPECT)]


def test_one_before_other_edits_is_taken_back_by_an_edit_of_its_own(project):
    first, second, _ = still_open(project)
    earlier, edit = keep(project, first), keep(project, second)
    set_label(project, [5], "B")
    changes = undo_decision(project)
    assert (changes.edit.kind, changes.edit.params["edit"], changes.findings) == (EditKind.REVERT, str(edit), True)
    assert opened_again(project, changes.edit.id) == [(second, SUSPECT)]
    assert undo_decision(project).edit.params["edit"] == str(earlier), "the one taken back holds no more"
    with pytest.raises(UserError, match="no decision to undo"):
        undo_decision(project)


def test_other_edits_are_no_decisions(project):
    set_label(project, [5], "B")
    with pytest.raises(UserError) as caught:
        undo_decision(project)
    assert caught.value.code == "no_decision_to_undo"
    assert history(project)[0].state is EditState.DONE
    assert opened_again(project, history(project)[0].id) == []
