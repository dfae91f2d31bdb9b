"""The verbs: what each runs, and how wrong calls are answered."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from build_scripts.dev import too_old
from build_scripts.environment import CHECKOUT, Environment
from build_scripts.problem import SetUpError
from build_scripts.verbs import CHECKS, VERBS, Call, help_text, run

BY_NAME = {verb.name: verb for verb in VERBS}


@dataclass(frozen=True)
class Recorded(Call):
    """A call that notes the programs instead of running them."""

    programs: list = field(default_factory=list)
    status: int = 0

    def python(self, *arguments, cwd=CHECKOUT, **variables):
        self.programs.append((arguments, cwd, variables))
        return self.status


def call(*arguments, display=True, status=0):
    variables = {"DISPLAY": ":0"} if display else {}
    environment = Environment(Path("venv"), shared=False)
    return Recorded(environment, arguments, variables, Path("/elsewhere"), status=status)


needs_x = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a display is always taken to be there")


def test_the_demo_runs_where_the_user_stands_so_that_its_folder_is_found():
    made = call("--dir", "here")
    assert BY_NAME["demo"].does(made) == 0
    assert made.programs == [(("-m", "desktop_app", "demo", "--dir", "here"), Path("/elsewhere"), {})]


@needs_x
@pytest.mark.parametrize("arguments", [(), ("--headless",)])
def test_without_a_display_the_demo_is_headless_once(arguments):
    made = call(*arguments, display=False)
    BY_NAME["demo"].does(made)
    assert made.programs[0][0] == ("-m", "desktop_app", "demo", "--headless")


@needs_x
def test_without_a_display_the_window_is_refused_in_words():
    made = call(display=False)
    with pytest.raises(SetUpError, match="no display"):
        BY_NAME["app"].does(made)
    assert made.programs == []


def test_tests_never_open_a_window():
    made = call("tests/core", "-x")
    BY_NAME["test"].does(made)
    assert made.programs == [(("-m", "pytest", "tests/core", "-x"), CHECKOUT, {"QT_QPA_PLATFORM": "offscreen"})]


def test_every_check_runs_even_when_the_first_fails(capsys):
    made = call(status=1)
    assert BY_NAME["check"].does(made) == 1
    assert len(made.programs) == len(CHECKS)
    assert "ruff, ruff format, mypy" in capsys.readouterr().err


def test_benchmarks_are_listed_and_run_by_name(capsys):
    assert BY_NAME["bench"].does(call()) == 0
    listed = capsys.readouterr().out.split()
    assert listed == sorted(file.stem[6:] for file in (CHECKOUT / "tests" / "benchmarks").glob("bench_*.py"))
    with pytest.raises(SetUpError, match="no benchmark"):
        BY_NAME["bench"].does(call("nowhere"))
    for name in listed:
        made = call(name, "--json")
        BY_NAME["bench"].does(made)
        assert made.programs[0][0] == ("-m", f"tests.benchmarks.bench_{name}", "--json")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_verb(arguments, capsys):
    assert run(arguments) == 0
    assert all(f"\n  {verb.name} " in capsys.readouterr().out + help_text() for verb in VERBS)


def test_an_unknown_verb_is_a_usage_error(capsys):
    assert run(["fly"]) == 2
    assert "There is no verb" in capsys.readouterr().err


def test_a_folder_that_is_no_environment_is_one_clear_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "thesis.txt").write_text("")
    monkeypatch.setenv("COVERSLIP_VENV", str(tmp_path))
    assert run(["setup"]) == 1
    assert "holds something else" in capsys.readouterr().err


def test_an_old_python_is_told_which_one_to_use():
    assert too_old((3, 11)) == ""
    assert "needs Python 3.11 or newer; this is Python 3.9" in too_old((3, 9), lambda _: None)
    assert "python3.12 build_scripts/dev.py" in too_old((3, 9), lambda name: name if name == "python3.12" else None)


def test_the_script_starts_from_any_folder(tmp_path):
    script = [sys.executable, str(CHECKOUT / "build_scripts" / "dev.py"), "--help"]
    ran = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ), check=True)
    assert "usage: python build_scripts/dev.py VERB" in ran.stdout
