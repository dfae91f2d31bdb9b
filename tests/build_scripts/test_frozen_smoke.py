"""The smoke test of the frozen build, on a folder that only looks frozen: a script that runs this checkout."""

import os
import sys

import pytest

from build_scripts.environment import CHECKOUT
from build_scripts.frozen_smoke import (
    CHECKS,
    SmokeError,
    check_help,
    check_korean,
    check_project,
    check_weights,
    check_window,
    program_in,
    variables,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")


def stand_in(folder, line):
    program = folder / "coverslip"
    program.write_text(f"#!/bin/sh\n{line}\n")
    program.chmod(0o755)
    return program_in(folder)


@pytest.fixture
def working(tmp_path):
    return stand_in(tmp_path, f'cd "$PWD" && PYTHONPATH="{CHECKOUT}" exec "{sys.executable}" -P -m desktop_app "$@"')


def test_a_build_that_works_passes(working, tmp_path):
    for check in (check_help, check_project, check_korean, check_weights):
        check(working, tmp_path)


def test_a_build_that_ends_with_an_error_fails_with_what_it_said(tmp_path):
    broken = stand_in(tmp_path, "echo no module named core >&2; exit 1")
    with pytest.raises(SmokeError, match="no module named core"):
        check_help(broken, tmp_path)


def test_a_window_that_closes_by_itself_fails(tmp_path, monkeypatch):
    monkeypatch.setattr("build_scripts.frozen_smoke.WINDOW_LIVES_S", 0.3)
    with pytest.raises(SmokeError, match="ended by itself with 0"):
        check_window(stand_in(tmp_path, "exit 0"), tmp_path)


def test_a_window_that_stays_is_told_to_go(tmp_path, monkeypatch):
    monkeypatch.setattr("build_scripts.frozen_smoke.WINDOW_LIVES_S", 0.3)
    check_window(stand_in(tmp_path, "exec sleep 60"), tmp_path)


def test_a_folder_without_a_program_is_said(tmp_path):
    with pytest.raises(SmokeError, match="no frozen build"):
        program_in(tmp_path)


def test_the_build_sees_nothing_of_the_developer_s(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "somewhere")
    given = variables(tmp_path)
    assert "PYTHONPATH" not in given
    assert given["COVERSLIP_CONFIG_DIR"] == str(tmp_path / "config")
    assert given["QT_QPA_PLATFORM"] == "offscreen"


def test_every_check_says_what_it_checks():
    assert all(check.__doc__ for check in CHECKS)
