"""``coverslip reading``, from laying out a pass to taking over what readers agree on."""

import csv
import json

import pytest

from core.cli.main import main
from core.domain.samples import SampleState
from core.store.labels import labels
from core.store.project import Project
from core.store.reading_passes import next_reading, record
from tests.support.projects import project_with_rows

N = 8


@pytest.fixture
def project(tmp_path):
    with project_with_rows(tmp_path, [(f"{i}.png", "AB"[i % 2], f"g{i // 2}") for i in range(N)]) as made:
        return made.root


@pytest.fixture
def run(capsys):
    def call(*argv):
        code = main([*map(str, argv), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def read(project, pass_id, **others):
    """Read a pass as the project is labelled, but for these samples: ``s3="A"``."""
    with Project.open(project) as opened:
        ids = {label.name: label.id for label in labels(opened)}
        while (at := next_reading(opened, pass_id)) is not None:
            said = others.get(f"s{at.sample_id}", "AB"[(at.sample_id - 1) % 2])
            if said == "?":
                record(opened, pass_id, at.position, state=SampleState.UNGRADABLE, note="=1+1")
            else:
                record(opened, pass_id, at.position, [ids[said]])


@pytest.fixture
def two(project, run):
    made = []
    for reader in ("Kim", "Lee"):
        code, found = run("reading", project, "new", "--name", f"of {reader}", "--reader", reader, "--repeats", 0.25)
        assert code == 0
        made.append(found["pass"]["id"])
    read(project, made[0], s3="?")
    read(project, made[1], s1="B")
    return made


def test_a_pass_is_laid_out_listed_and_ended(project, run):
    _, made = run("reading", project, "new", "--name", "first", "--reader", "Kim", "--query", "label:A", "--limit", 3)
    assert (made["pass"]["total"], made["pass"]["repeats"], made["pass"]["read"]) == (4, 1, 0)
    assert run("reading", project, "list")[1]["passes"] == [made["pass"]]
    _, ended = run("reading", project, "end", "--passes", made["pass"]["id"])
    assert ended["passes"][0]["ended_at"]


def test_agreement_comes_with_intervals_and_in_words(project, run, two, capsys):
    code, found = run("reading", project, "agreement", "--own")
    assert code == 0
    assert [one["reader"] for one in found["readers"]] == ["project", "Kim", "Lee"]
    pair = next(p for p in found["pairs"] if p["readers"] == ["project", "Lee"])
    assert pair["agreement"]["value"] == 7 / 8
    assert pair["cohen_kappa"]["low"] < pair["cohen_kappa"]["value"] == 0.75
    assert found["krippendorff_alpha"]["images"] == N
    assert found["ordinal_alpha"] is None
    assert [one["name"] for one in found["labels"]] == ["A", "B"]
    assert main(["reading", str(project), "agreement", "--ordered"]) == 0
    assert "agreement" in capsys.readouterr().out


def test_a_disagreement_is_listed_decided_and_its_consensus_taken_over(project, run, two):
    _, found = run("reading", project, "disagreements")
    assert [(row["id"], row["decided"]) for row in found["disagreements"]] == [(1, False), (3, False)]
    assert found["disagreements"][0]["readings"] == [{"reader": "Kim", "said": "A"}, {"reader": "Lee", "said": "B"}]
    code, done = run("reading", project, "adjudicate", "--ids", 1, "--set", "B", "--reason", "lobed")
    assert (code, done["changed"]) == (0, 1)
    assert run("history", project)[1]["edits"][0]["tool"] == "adjudication"
    _, taken = run("reading", project, "consensus", "--rule", "unanimous")
    assert (taken["changed"], taken["agreed"], taken["open"]) == (0, N - 2, 1)
    _, taken = run("reading", project, "consensus", "--rule", "first")
    assert (taken["changed"], taken["open"]) == (1, 0)
    assert "readers agree" in run("history", project)[1]["edits"][0]["text"]


def test_readings_are_exported_as_a_table_without_formulas(project, run, two, tmp_path):
    code, done = run("reading", project, "export", "--out", tmp_path / "readings.csv")
    assert (code, done["readings"]) == (0, 20)
    with (tmp_path / "readings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["labels"] for row in rows} == {"A", "B", ""}
    assert {row["note"] for row in rows if row["state"] == "ungradable"} == {"'=1+1"}
    assert sum(row["repeat"] == "1" for row in rows) == 4


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["agreement"], "readings_too_few"),
        (["agreement", "--passes", "7"], "reading_pass_missing"),
        (["adjudicate", "--set", "A"], "reading_no_images"),
        (["new", "--name", "x"], "reading_name_needed"),
    ],
)
def test_what_cannot_be_done_is_said(project, run, argv, code):
    status, found = run("reading", project, *argv)
    assert (status, found["error"]["code"]) == (1, code)


def test_export_needs_a_place(project, run, two, tmp_path):
    assert run("reading", project, "export")[1]["error"]["code"] == "reading_out_needed"
    assert run("reading", project, "export", "--out", tmp_path / "x.txt")[1]["error"]["code"] == "table_format"
