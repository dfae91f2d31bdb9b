from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.domain.findings import CheckRecord, FindingCounts, FindingKind
from core.progress import Progress
from core.quality.report.contents import ReportContents
from core.quality.report.page import report_page
from core.store.findings import record_check
from core.store.project import Project
from core.translation import use_language
from desktop_app.pages.clean.report_file import save_report, write_pdf

AT = "2026-05-04T09:30:00.000+00:00"


def contents(kinds: int = 3, notes: int = 0) -> ReportContents:
    every = tuple(FindingKind)[:kinds]
    said = {str(number): f"Why {number} could not be looked at. " * 4 for number in range(notes)}
    record = CheckRecord(1, AT, 4.0, 120, every, "tiny", notes=said)
    counts = dict.fromkeys(every, FindingCounts(open=2, accepted=1))
    return ReportContents("세포", 120, {"적혈구": 80}, record, counts, seal="ab" * 32, written_at=AT)


def pages(path: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("notes", [0, 14])
def test_the_pdf_is_one_page_however_much_there_is_to_say(qapp, tmp_path, language, notes):
    use_language(language)
    path = tmp_path / "check.pdf"
    write_pdf(report_page(contents(20, notes)), path, title="세포")
    assert path.read_bytes().startswith(b"%PDF")
    assert pages(path) == 1


def test_the_ending_says_whether_it_is_a_pdf_or_a_web_page(qapp, tmp_path):
    with Project.create(tmp_path / "cells.coverslip") as project:
        save_report(project, tmp_path / "check.PDF", Progress())
        save_report(project, tmp_path / "check.html", Progress())
    assert pages(tmp_path / "check.PDF") == 1
    assert (tmp_path / "check.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_the_command_line_writes_a_pdf_without_a_display(tmp_path):
    with Project.create(tmp_path / "cells.coverslip") as project:
        record_check(project, CheckRecord(0, AT, 1.0, 6, (FindingKind.BLURRY,), "tiny"))
    path = tmp_path / "check.pdf"
    command = ["check", str(tmp_path / "cells.coverslip"), "--list-only", "--report", str(path)]
    without = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "QT_QPA_PLATFORM")}
    subprocess.run([sys.executable, "-m", "desktop_app", *command], check=True, env=without)
    assert path.read_bytes().startswith(b"%PDF")
    assert pages(path) == 1
