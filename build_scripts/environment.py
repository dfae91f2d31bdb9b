"""Where the virtual environment is, whether it is complete, and how a program runs in it.

Complete means that the stamp in it names this checkout's lock and project file; `installation.py` writes the stamp
last. Knowing that costs the reading of three small files, so a second run starts at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = Path(__file__).resolve().parent / "requirements.lock"


@dataclass(frozen=True)
class Environment:
    """A virtual environment's folder and the paths inside it, for the platform at hand."""

    folder: Path
    shared: bool
    windows: bool = os.name == "nt"

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.folder / ("Scripts/python.exe" if self.windows else "bin/python")

    @property
    def stamp(self) -> Path:
        """The file that says what was installed completely."""
        return self.folder / "coverslip-setup.json"


def find_environment(variables: Mapping[str, str], checkout: Path = CHECKOUT) -> Environment:
    """Return the environment to use: the folder in `COVERSLIP_VENV`, or `.venv` in the checkout."""
    named = variables.get("COVERSLIP_VENV", "").strip()
    if named:
        return Environment(Path(named).expanduser().absolute(), shared=True)
    return Environment(checkout / ".venv", shared=False)


def fingerprint(environment: Environment, lock: Path = LOCK, checkout: Path = CHECKOUT) -> dict[str, str]:
    """Return what the stamp holds once all is installed: one entry per step, changed when it must be redone.

    A shared environment holds whichever checkout was installed last, which is harmless: a program that runs in it
    through `run_python` has its own checkout first on the path.
    """
    where = "" if environment.shared else str(checkout)
    return {
        "packages": _digest(_text_of(lock)),
        "coverslip": _digest(_text_of(checkout / "pyproject.toml"), where.encode()),
    }


def _text_of(file: Path) -> bytes:
    return file.read_bytes().replace(b"\r\n", b"\n")  # git may have made Windows line ends of it


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def read_stamp(environment: Environment) -> dict[str, str]:
    """Return the steps that were completed; none where the stamp is absent or unreadable."""
    try:
        found = json.loads(environment.stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def write_stamp(environment: Environment, steps: Mapping[str, str]) -> None:
    """Record the completed steps, in one move, so that a stamp is never half there."""
    unfinished = environment.stamp.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_text(json.dumps(steps, indent=1), encoding="utf-8")
    unfinished.replace(environment.stamp)


def is_ready(environment: Environment) -> bool:
    """Say whether nothing is left to install."""
    return environment.python.exists() and read_stamp(environment) == fingerprint(environment)


def child_variables(variables: Mapping[str, str], checkout: Path = CHECKOUT) -> dict[str, str]:
    """Return the variables under which a program finds this checkout's code before any other."""
    inherited = variables.get("PYTHONPATH", "")
    return {**variables, "PYTHONPATH": os.pathsep.join(filter(None, [str(checkout), inherited]))}


def run_python(environment: Environment, arguments: Sequence[str], variables: Mapping[str, str], *, cwd: Path) -> int:
    """Run the environment's Python with this checkout first on its path; return its exit status.

    `-P` keeps the working folder off the path: started from inside another clone, it still runs this one.
    """
    command = [str(environment.python), "-P", *arguments]
    process = subprocess.Popen(command, env=child_variables(variables), cwd=cwd)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # Ctrl-C reached the program too; it decides how to end, and we report how it did
