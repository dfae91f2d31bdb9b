"""What is printed where the console is not Unicode, and when the user stops the program at its very start."""

import json
import os
import subprocess
import sys

import pytest

import core.cli.main
import desktop_app.__main__
from core.cli.main import main
from core.store.labels import add_label
from core.store.project import Project


def coverslip(*argv, encoding):
    return subprocess.run(
        [sys.executable, "-m", "desktop_app", *argv],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_json_is_utf_8_on_every_console(tmp_path):
    with Project.create(tmp_path / "p") as project:
        add_label(project, "세포")
    done = coverslip("info", str(tmp_path / "p"), "--json", encoding="cp1252")
    assert done.returncode == 0, done.stderr
    assert list(json.loads(done.stdout.decode("utf-8"))["labels"]) == ["세포"]


def test_help_is_printed_on_an_ascii_console():
    done = coverslip("--help", encoding="ascii")
    assert done.returncode == 0, done.stderr
    assert b"\\u201ccoverslip COMMAND --help\\u201d" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps file names that are not Unicode")
def test_a_name_that_is_not_unicode_can_be_printed(tmp_path):
    done = coverslip("new", os.fsencode(tmp_path) + b"/x\xff", encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert b"x\\udcff.coverslip" in done.stdout


def test_ctrl_c_before_the_command_ends_quietly(monkeypatch, capsys):
    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setattr(core.cli.main, "load_settings", stopped)
    assert main(["info", "p"]) == 130
    assert desktop_app.__main__.main(["info", "p"]) == 130
    assert capsys.readouterr() == ("", "")
