import json

import pytest

from core.domain.findings import FindingKind, Suspicion
from core.quality.planted import recovered
from core.store.findings import replace_findings
from tests.support.projects import project_with_rows

PATHS = ["wrong.png", "copy.png", "original.png", "blurred.png", "fine.png", "bubble.png"]


@pytest.fixture
def truth(tmp_path):
    def said(*faults, partner=None):
        return {"faults": list(faults), "partner": partner}

    files = {
        "wrong.png": said("wrong_label"),
        "copy.png": said("exact_duplicate", partner="original.png"),
        "original.png": said(partner="copy.png"),
        "blurred.png": said("blurred"),
        "fine.png": said(),
        "bubble.png": said("foreign"),
    }
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"files": files}))
    return path


@pytest.fixture
def project(tmp_path):
    with project_with_rows(tmp_path, [(path, "A", None) for path in PATHS]) as project:
        yield project


def suspect(project, kind, *cases):
    found = [Suspicion(kind, str(c[0]), c, 1 - 0.1 * place) for place, c in enumerate(cases)]
    replace_findings(project, [kind], found)


def of(project, truth, fault):
    return next(one for one in recovered(project, truth) if one.fault == fault)


def test_a_fault_counts_as_early_within_as_many_cases_as_there_are_faults(project, truth):
    suspect(project, FindingKind.LABEL_SUSPECT, (5,), (1,))
    one = of(project, truth, "wrong_label")
    assert (one.planted, one.cases, one.found, one.early) == (1, 2, 1, 0)
    suspect(project, FindingKind.LABEL_SUSPECT, (1,), (5,))
    assert of(project, truth, "wrong_label").early == 1


def test_a_copy_counts_only_beside_what_it_is_a_copy_of(project, truth):
    suspect(project, FindingKind.EXACT_DUPLICATE, (2, 5))
    assert of(project, truth, "exact_duplicate").found == 0
    suspect(project, FindingKind.EXACT_DUPLICATE, (3, 2))
    assert of(project, truth, "exact_duplicate").early == 1


def test_what_no_queue_shows_is_not_found(project, truth):
    assert {one.found for one in recovered(project, truth)} == {0}
    nothing = {"fault": "foreign", "planted": 1, "cases": 0, "found": 0, "early": 0}
    assert of(project, truth, "foreign").to_json() == nothing
