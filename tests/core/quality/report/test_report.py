from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.domain.edits import Edit, EditKind, EditState
from core.domain.findings import (
    CheckRecord,
    Finding,
    FindingCounts,
    FindingKind,
    FindingState,
    Settlement,
    Suspicion,
)
from core.domain.metrics import Metric
from core.errors import UserError
from core.ingest.importer import import_source
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from core.quality.kind_words import KIND_NAMES
from core.quality.report.contents import ReportContents, WorstCase
from core.quality.report.page import report_page
from core.quality.report.write import gather_report, write_report
from core.store.edits import set_excluded
from core.store.finding_edits import settle
from core.store.findings import findings, record_check, replace_findings
from core.store.history import entries
from core.store.project import Project
from core.translation import use_language

AT = "2026-05-04T09:30:00.000+00:00"
SUSPECT = FindingKind.LABEL_SUSPECT


def a_finding(kind: FindingKind = SUSPECT, **changes: object) -> Finding:
    made = Finding(1, kind, "a", 1, (1,), 0.9, 0.87, "WBC", {}, FindingState.OPEN, False, AT)
    return replace(made, **changes)


def contents(**changes: object) -> ReportContents:
    record = CheckRecord(1, AT, 4.0, 120, (SUSPECT, FindingKind.BLURRY), "efficientnet_lite0")
    made = ReportContents(
        "cells",
        120,
        {"RBC": 80, "WBC": 40},
        record,
        {SUSPECT: FindingCounts(open=7, accepted=11, dismissed=5)},
        judged=80,
        written_by="mina",
        written_at=AT,
        entries=24,
        seal="0f" * 32,
        version="9.9.9",
    )
    return replace(made, **changes)


class Reader(HTMLParser):
    """Takes a page apart as a browser does."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(page: str) -> tuple[list[tuple[str, dict[str, str | None]]], str]:
    reader = Reader()
    reader.feed(page)
    return reader.tags, " ".join(reader.words)


def test_it_says_what_was_found_decided_and_is_left():
    edit = Edit(1, AT, "mina", "clean", EditKind.LABEL, {"label": "WBC"}, 11, EditState.DONE)
    _, words = read(report_page(contents(decisions=(edit,), expected_left=Metric(12, 7, 19))))
    assert "7 of 23 findings left to decide about" in words
    assert "12 (7–19) of 80" in words, "of the labels that were judged, not of all images"
    assert "11 images given another label" in words
    assert "Looked for and not found: Blurred." in words
    assert "efficientnet_lite0" in words
    assert "mina" in words
    assert "0f" * 32 in words
    assert "9.9.9" in words


def test_it_says_how_many_images_were_looked_at_and_what_came_in_since():
    _, words = read(report_page(contents(samples=124, unseen=4, missing=2)))
    assert "120 images checked on 2026-05-04" in words
    assert "4 images came in or were labelled since" in words
    assert "2 images are missing" in words
    assert "since:" not in read(report_page(contents()))[1]


def test_what_was_decided_since_the_check_is_said_to_be_so():
    at_check = read(report_page(contents(expected_left=Metric(12, 7, 19))))[1]
    since = read(report_page(contents(expected_left=Metric(5, 2, 9), expected_is_of_check=False)))[1]
    assert "at the time of the check" in at_check
    assert "expected to be wrong still: 5 (2–9)" in since


HOSTILE = '<script>alert("x")</script><img src=http://evil/x.png onerror="y">&amp;\'"'


def test_names_from_outside_are_text_and_nothing_else():
    case = WorstCase(a_finding(suggested=HOSTILE), f"a/{HOSTILE.replace('/', '')}", given=HOSTILE)
    record = CheckRecord(1, HOSTILE, 4.0, 120, (SUSPECT,), HOSTILE, notes={"x": HOSTILE})
    edit = Edit(1, AT, HOSTILE, "clean", EditKind.EXCLUDE, {}, 2, EditState.DONE)
    page = report_page(
        contents(
            project=HOSTILE,
            labels={HOSTILE: 3},
            record=record,
            worst=(case,),
            decisions=(edit,),
            written_by=HOSTILE,
            seal=HOSTILE,
            version=HOSTILE,
        )
    )
    plain = {tag for tag, _ in read(report_page(contents(worst=(WorstCase(a_finding(), "a"),), decisions=(edit,))))[0]}
    tags, words = read(page)
    assert {tag for tag, _ in tags} <= plain | {"p", "h2"}
    assert HOSTILE in words


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_name_comes_out_as_it_went_in(name, label):
    page = report_page(contents(project=name, labels={label: 3}))
    tags, words = read(page)
    assert not {tag for tag, _ in tags} & {"script", "img", "a", "link", "iframe"}
    if name.isprintable():
        assert name in words


def test_it_opens_without_a_network_and_with_no_file_beside_it():
    case = WorstCase(a_finding(), "a/b.png", picture=b"\xff\xd8\xff a picture")
    page = report_page(contents(worst=(case,)))
    assert not re.search(r"(https?:|//[a-z]|url\(|@import|<script|<link|<a )", page, re.IGNORECASE)
    sources = [attributes["src"] for tag, attributes in read(page)[0] if tag == "img"]
    assert len(sources) == 1
    assert sources[0].startswith("data:image/jpeg;base64,")


def test_what_there_is_to_say_of_the_whole_is_said_in_sentences():
    evidence = {"why": "group", "splits": {"train": 3, "test": 2}}
    leak = a_finding(FindingKind.LEAKAGE, evidence=evidence, suggested=None, p_wrong=None)
    summary = {"inflation": {"of_split": {"difference": {"value": 0.021, "low": 0.004, "high": 0.04}}}}
    record = replace(contents().record, summaries={"leakage": summary})
    _, words = read(report_page(contents(record=record, whole=(leak,))))
    assert "Leakage across the split raises the macro-F1 by about 0.021 (0.004 to 0.040)." in words
    assert "Images of one group are on both sides" in words


@pytest.mark.parametrize(
    "summary", [{}, {"inflation": None}, {"inflation": {"of_split": {"difference": {"value": "x"}}}}]
)
def test_a_leakage_that_was_not_measured_is_not_spoken_of(summary):
    record = replace(contents().record, summaries={"leakage": summary})
    assert "macro-F1" not in report_page(contents(record=record))


def test_a_data_set_that_was_never_checked_says_so():
    _, words = read(report_page(contents(record=None, counts={})))
    assert "not checked yet" in words


def test_it_is_written_in_the_language_in_use():
    use_language("ko")
    assert '<html lang="ko">' in report_page(contents())


def test_every_kind_has_a_name():
    assert set(KIND_NAMES) == set(FindingKind)


@pytest.fixture
def project(tmp_path):
    """Six images of two labels; one of them cannot be read any more."""
    noise = np.random.default_rng(3)
    for index in range(6):
        folder = tmp_path / "images" / ("RBC", "WBC")[index % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise.integers(0, 255, (24, 30, 3), np.uint8)).save(folder / f"{index}.png")
    with Project.create(tmp_path / "cells.coverslip") as made:
        import_source(made, tmp_path / "images", labels=parse_label_rule("folder"), progress=Progress())
        wbc = 2
        found = [
            Suspicion(SUSPECT, str(i), (i,), 1 - i / 10, p_wrong=0.9, suggested=wbc if i < 4 else None)
            for i in range(1, 5)
        ]
        found.append(Suspicion(FindingKind.BLURRY, "b", (5,), 0.4))
        replace_findings(made, [SUSPECT, FindingKind.BLURRY], found)
        summaries = {"label_suspects": {"looked_at": 5, "expected_errors": {"value": 3.0, "low": 1.0, "high": 6.0}}}
        record_check(made, CheckRecord(0, AT, 1.0, 6, (SUSPECT, FindingKind.BLURRY), "tiny", summaries=summaries))
        yield made


def test_a_project_is_told_of_with_its_worst_cases_in_turn_of_their_kinds(project, tmp_path):
    (tmp_path / "images" / "RBC" / "0.png").unlink()
    told = gather_report(project)
    assert [case.finding.kind for case in told.worst][:2] == [SUSPECT, FindingKind.BLURRY]
    pictures = {case.path: case.picture for case in told.worst}
    assert pictures.pop("RBC/0.png") == b""
    assert all(picture.startswith(b"\xff\xd8") for picture in pictures.values())
    assert told.labels == {"RBC": 3, "WBC": 3}
    assert (told.expected_left, told.judged) == (Metric(3, 1, 6), 5)
    assert (told.samples, told.unseen, told.missing) == (6, 6, 0), "all of them came in after that check"
    assert told.seal == entries(project, limit=1)[0].hash


def test_decisions_that_hold_are_told_and_those_taken_back_are_not(project):
    from core.store.edits import undo

    first, second, *_ = findings(project, [SUSPECT])
    settle(project, [Settlement(first.id, FindingState.DISMISSED)])
    settle(project, [Settlement(second.id, FindingState.ACCEPTED, exclude=(second.sample_id,))])
    undo(project)
    told = gather_report(project)
    assert [edit.kind for edit in told.decisions] == [EditKind.KEEP]
    assert (told.counts[SUSPECT].open, told.counts[SUSPECT].dismissed) == (3, 1)


def test_a_decision_that_gives_a_label_and_excludes_counts_as_both():
    both = Edit(
        1, AT, "mina", "clean", EditKind.SETTLE, {"did": "label", "label": "WBC", "excluded": "6"}, 6, EditState.DONE
    )
    label = Edit(2, AT, "mina", "clean", EditKind.LABEL, {"label": "WBC"}, 10, EditState.DONE)
    exclude = Edit(3, AT, "mina", "clean", EditKind.EXCLUDE, {}, 1, EditState.DONE)
    _, words = read(report_page(contents(decisions=(both, label, exclude))))
    assert "16 images given another label" in words
    assert "7 images excluded" in words
    assert "settled otherwise" not in words


def test_what_was_found_stays_found_when_its_images_are_excluded(project):
    blurred, *_ = findings(project, [FindingKind.BLURRY])
    set_excluded(project, np.array([blurred.sample_id]), True)
    told = gather_report(project)
    assert told.found == {SUSPECT: 4, FindingKind.BLURRY: 1}
    assert (told.samples, told.excluded) == (5, 1)
    _, words = read(report_page(told))
    assert "4 of 5 findings left" in words
    assert "Looked for and not found" not in words
    assert "5 images" in words


def test_what_could_not_be_looked_for_is_not_said_not_to_be_found():
    record = CheckRecord(1, AT, 4.0, 120, (FindingKind.OUTLIER,), "", notes={"outliers": "There are too few."})
    assert "Looked for and not found" not in report_page(contents(record=record))


def test_the_file_is_written_whole_or_not_at_all(project, tmp_path):
    path = tmp_path / "lab book" / "check.html"
    write_report(project, path)
    page = path.read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("data:image/jpeg") == 5
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises((UserError, OSError)):
        write_report(project, tmp_path / "file" / "check.html")
    assert sorted(p.name for p in path.parent.iterdir()) == ["check.html"]


def test_a_project_that_was_never_checked_has_a_report_too(tmp_path):
    with Project.create(tmp_path / "new.coverslip") as made:
        write_report(made, tmp_path / "check.html")
    assert "not checked yet" in Path(tmp_path / "check.html").read_text("utf-8")
