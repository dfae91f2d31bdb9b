"""Writes `requirements.lock`: the exact version of every package, for every platform and Python we run on.

uv resolves what `pyproject.toml` asks for, universally; the packages that carry weights are added as they are,
because what they claim to depend on is ancient and not needed.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Final

from build_scripts.environment import CHECKOUT, LOCK
from build_scripts.problem import SetUpError, say

HEADER: Final = """\
# Everything Coverslip is built from, to the version; complete, so it is installed without resolving:
#     pip install --no-deps -r build_scripts/requirements.lock
# Written by `python build_scripts/dev.py lock` (with uv on the path) from pyproject.toml; `--upgrade` takes the
# newest versions that are allowed. Do not edit it.
"""
WEIGHTS_HEADER: Final = """
# Weights of the bundled backbones, whose own dependencies are left out: see [tool.coverslip] in pyproject.toml.
"""


def write_lock(*, upgrade: bool) -> int:
    """Write the lock anew, keeping the versions that are in it unless `upgrade`; return 0.

    Raises
    ------
    SetUpError
        uv is not installed, or found no versions that go together.
    """
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    LOCK.write_text(compose(_resolve(requirements(project), upgrade=upgrade), weights(project)), encoding="utf-8")
    say(f"Wrote {LOCK.relative_to(CHECKOUT)}.")
    return 0


def requirements(project: dict[str, Any]) -> list[str]:
    """Return what the application, its extras and its development ask for, in the words of `pyproject.toml`."""
    extras = project["project"]["optional-dependencies"].values()
    return [*project["project"]["dependencies"], *(package for extra in extras for package in extra)]


def weights(project: dict[str, Any]) -> list[str]:
    """Return the packages that carry weights, each pinned."""
    return list(project["tool"]["coverslip"]["weights"])


def compose(resolved: str, weight_packages: list[str]) -> str:
    """Return the lock's text from uv's answer; comments in the answer are dropped."""
    pinned = [line for line in resolved.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return HEADER + "\n".join(pinned) + "\n" + WEIGHTS_HEADER + "\n".join(weight_packages) + "\n"


def _resolve(wanted: list[str], *, upgrade: bool) -> str:
    uv = shutil.which("uv")
    if uv is None:
        raise SetUpError("Writing the lock needs uv. Install it (for example: pipx install uv) and try again.")
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.txt"
        if LOCK.exists():
            shutil.copyfile(LOCK, answer)  # uv prefers the versions it finds in the file it is to write
        command = [uv, "pip", "compile", "-", "--universal", "--python-version", "3.11", "--no-annotate"]
        command += ["--no-header", "--quiet", "--output-file", str(answer), *(["--upgrade"] if upgrade else [])]
        if subprocess.run(command, input="\n".join(wanted), text=True, cwd=folder, check=False).returncode:
            raise SetUpError("uv found no versions that go together; its own message is above.")
        return answer.read_text(encoding="utf-8")
