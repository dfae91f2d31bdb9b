"""Where the environment is, when it is complete, and whose code runs in it."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from build_scripts.environment import (
    CHECKOUT,
    Environment,
    child_variables,
    find_environment,
    fingerprint,
    is_ready,
    read_stamp,
    run_python,
    write_stamp,
)


@pytest.fixture
def environment(tmp_path):
    """A real virtual environment, without pip so that making it takes no time."""
    venv.create(tmp_path / "venv", with_pip=False, symlinks=os.name != "nt")
    return Environment(tmp_path / "venv", shared=True)


def test_the_environment_is_beside_the_checkout():
    assert find_environment({}) == Environment(CHECKOUT / ".venv", shared=False)


def test_several_clones_may_share_an_environment(tmp_path):
    found = find_environment({"COVERSLIP_VENV": str(tmp_path / "shared")})
    assert found == Environment(tmp_path / "shared", shared=True)


def test_an_empty_variable_is_no_folder():
    assert find_environment({"COVERSLIP_VENV": " "}).folder == CHECKOUT / ".venv"


@pytest.mark.parametrize(("windows", "python"), [(True, "Scripts/python.exe"), (False, "bin/python")])
def test_the_interpreter_is_where_the_platform_puts_it(windows, python):
    assert Environment(Path("venv"), shared=False, windows=windows).python == Path("venv") / python


def test_a_stamp_is_read_as_it_was_written(environment):
    write_stamp(environment, {"packages": "a"})
    assert read_stamp(environment) == {"packages": "a"}


@pytest.mark.parametrize("text", ["", "{", "[1]", "\x00"])
def test_a_damaged_stamp_means_nothing_was_completed(environment, text):
    environment.stamp.write_text(text)
    assert read_stamp(environment) == {}


def test_an_environment_is_ready_once_every_step_is_stamped(environment):
    assert not is_ready(environment)
    write_stamp(environment, {"packages": fingerprint(environment)["packages"]})
    assert not is_ready(environment)
    write_stamp(environment, fingerprint(environment))
    assert is_ready(environment)


def test_a_changed_lock_is_to_be_installed_again(environment, tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("numpy==2.4.6\n")
    before = fingerprint(environment, lock)
    lock.write_text("numpy==2.4.7\n")
    after = fingerprint(environment, lock)
    assert before["packages"] != after["packages"]
    assert before["coverslip"] == after["coverslip"]


def test_line_ends_make_no_other_lock(environment, tmp_path):
    (tmp_path / "unix").write_bytes(b"a==1\nb==2\n")
    (tmp_path / "windows").write_bytes(b"a==1\r\nb==2\r\n")
    assert fingerprint(environment, tmp_path / "unix") == fingerprint(environment, tmp_path / "windows")


def test_a_moved_checkout_is_installed_again_unless_it_shares(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    here, moved = CHECKOUT, tmp_path
    (tmp_path / "pyproject.toml").write_bytes((here / "pyproject.toml").read_bytes())
    own, shared = Environment(tmp_path, shared=False), Environment(tmp_path, shared=True)
    assert fingerprint(own, checkout=here) != fingerprint(own, checkout=moved)
    assert fingerprint(shared, checkout=here) == fingerprint(shared, checkout=moved)


def test_this_checkout_comes_first_on_the_path():
    assert child_variables({})["PYTHONPATH"] == str(CHECKOUT)
    path = child_variables({"PYTHONPATH": "elsewhere", "HOME": "h"})
    assert path == {"PYTHONPATH": f"{CHECKOUT}{os.pathsep}elsewhere", "HOME": "h"}


def test_started_inside_another_clone_it_still_runs_this_one(environment, tmp_path):
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text("")
    (tmp_path / "core" / "version.py").write_text("raise SystemExit(9)\n")
    statement = "import core.version, pathlib, sys; sys.exit(not core.version.VERSION)"
    assert run_python(environment, ["-c", statement], os.environ, cwd=tmp_path) == 0


def test_the_exit_status_is_the_program_s(environment, tmp_path):
    assert run_python(environment, ["-c", "import sys; sys.exit(7)"], os.environ, cwd=tmp_path) == 7


def test_the_scripts_import_nothing_that_has_to_be_installed():
    code = "import build_scripts.verbs, sys; print(*{n.split('.')[0] for n in sys.modules} - sys.stdlib_module_names)"
    ran = subprocess.run([sys.executable, "-S", "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) <= {"build_scripts", "__main__"}
