from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.hostile import corpus
from tests.integration.hostile.case import Bounded, Case, Late, Recorded, Refused, Sound
from tests.integration.hostile.overseer import run_all

MOST_CPU_S = 2.0
MOST_MB = 1024

CASES = {case.id: case for case in corpus.CASES}


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, built_kit, tmp_path_factory) -> dict[str, dict[str, Any]]:
    """Return what became of the cases that were asked for, all run in two processes."""
    items = (getattr(item, "callspec", None) for item in request.session.items if item.path == request.path)
    ids = [spec.params["name"] for spec in items if spec is not None and "name" in spec.params]
    return run_all(ids, built_kit, tmp_path_factory.mktemp("hostile"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_or_told_and_does_no_harm(name, outcomes):
    found = outcomes[name]
    assert "ended" not in found, found["ended"]
    steps = found["steps"]
    for what, step in steps.items():
        assert "bug" not in step, f"{what}: {step['bug']}"
        assert step["cpu_s"] <= MOST_CPU_S, f"{what} took {step['cpu_s']:.1f} s"
    assert not found["trap"]
    assert not found["network"]
    assert found["rose_mb"] <= MOST_MB
    check_fate(CASES[name], steps)


def check_fate(case: Case, steps: dict[str, Any]) -> None:
    """Make sure that what was declared happened, to the import and to what only looks alike."""
    told = steps.get("command") or steps["import"]
    code = told.get("refused")
    if isinstance(case.fate, Bounded):
        bad = [*told.get("unreadable", []), *told.get("skipped", []), *filter(None, [code])]
        assert set(bad) <= set(case.fate.codes), told
        assert told.get("added", 0) <= case.fate.most, told
    if "preview" in steps:
        assert steps["preview"].get("refused") == code
    if isinstance(case.fate, Refused):
        assert code in case.fate.codes, told
        assert told["message"]
        assert not told.get("added")
        return
    if isinstance(case.fate, Bounded):
        return
    assert code is None, told
    bad = [*told["unreadable"], *told["skipped"]]
    if isinstance(case.fate, Sound):
        assert bad == []
        assert told["added"] == case.fate.images
        assert all(seen == ["sound", "ok", "ok", "ok"] for seen in steps["look"]["seen"]), steps["look"]
        return
    if isinstance(case.fate, Late):
        assert (bad, told["added"]) == ([], case.fate.images)
        codes = {code for seen in steps["look"]["seen"] for code in seen[1:]} - {"ok"}
        assert codes
        assert codes <= set(case.fate.codes)
        assert any(steps["predict"]["errors"])
        return
    assert isinstance(case.fate, Recorded)
    assert bad, told
    assert set(bad) <= set(case.fate.codes), told
    assert told["added"] - len(told["unreadable"]) == case.fate.good, told
    assert sorted(steps["preview"]["unreadable"]) == sorted(told["unreadable"])


def test_there_are_enough_cases_of_each_class_and_no_two_alike():
    assert len(CASES) == len(corpus.CASES) >= 300
    assert all(count >= 6 for count in corpus.counts().values()), corpus.counts()


def test_the_table_of_the_corpus_is_up_to_date():
    table = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    assert all(f"| {kind} | {count} |" in table for kind, count in corpus.counts().items())
    assert f"| **{len(CASES)}** |" in table
