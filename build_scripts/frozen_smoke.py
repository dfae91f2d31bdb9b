"""Starts a frozen build and looks whether it lives: `python build_scripts/frozen_smoke.py dist/coverslip [--demo]`.

The command line, a project, the weights that come along, and the window without a display; with ``--demo`` the whole
main job too, which exports and therefore needs nearly everything that was packed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WINDOW_LIVES_S = 10.0
BUNDLED = {"efficientnet_lite0", "mobilenet_v2"}


class SmokeError(Exception):
    """The frozen build does not do what it must."""


def program_in(folder: Path) -> Path:
    """Return the executable in a frozen build's folder."""
    found = [path for name in ("coverslip", "coverslip.exe") if (path := folder / name).is_file()]
    if not found:
        raise SmokeError(f"{folder} holds no frozen build.")
    return found[0].absolute()


def run(program: Path, home: Path, *arguments: str, timeout_s: float = 120.0) -> str:
    """Run one command with a home of its own; return what it printed on stdout."""
    ran = subprocess.run(
        [str(program), *arguments], env=variables(home), cwd=home, capture_output=True, text=True, timeout=timeout_s
    )
    if ran.returncode:
        said = f"{ran.stderr[-4000:]}\n{ran.stdout[-1000:]}"
        raise SmokeError(f"“coverslip {' '.join(arguments)}” ended with {ran.returncode}:\n{said}")
    return ran.stdout


def variables(home: Path) -> dict[str, str]:
    """Return the variables under which nothing of the developer's own is read or opened."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    own = {f"COVERSLIP_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "CACHE", "DATA", "LOG")}
    return {**kept, **own, "QT_QPA_PLATFORM": "offscreen"}


def answer_of(program: Path, home: Path, *arguments: str, timeout_s: float = 120.0) -> Any:
    """Run one command with ``--json``; return its object."""
    return json.loads(run(program, home, *arguments, "--json", timeout_s=timeout_s).splitlines()[-1])


def check_help(program: Path, home: Path) -> None:
    """`--help` names the commands."""
    if "import" not in run(program, home, "--help"):
        raise SmokeError("--help does not name the commands.")


def check_project(program: Path, home: Path) -> None:
    """A project can be made and read, so the schema was packed."""
    run(program, home, "new", "smoke")
    if answer_of(program, home, "info", "smoke.coverslip")["samples"] != 0:
        raise SmokeError("A new project is not empty.")


def check_korean(program: Path, home: Path) -> None:
    """Korean can be chosen, so the catalogue was packed."""
    run(program, home, "info", "smoke.coverslip", "--language", "ko")


def check_weights(program: Path, home: Path) -> None:
    """The bundled backbones have their weights."""
    rows = answer_of(program, home, "backbones")["backbones"]
    bundled = {row["name"] for row in rows if row["weights"] == "bundled"}
    if not bundled >= BUNDLED:
        raise SmokeError(f"Weights are missing: {', '.join(sorted(BUNDLED - bundled))}.")


def check_window(program: Path, home: Path) -> None:
    """The window opens without a display and stays until it is told to go."""
    window = subprocess.Popen([str(program)], env=variables(home), cwd=home, stderr=subprocess.PIPE, text=True)
    time.sleep(WINDOW_LIVES_S)
    status = window.poll()
    window.terminate()
    _, errors = window.communicate(timeout=30)
    if status is not None:
        raise SmokeError(f"The window ended by itself with {status}:\n{errors[-4000:]}")


def check_demo(program: Path, home: Path) -> None:
    """The whole main job runs, to a proven kit."""
    done = answer_of(program, home, "demo", "--headless", "--dir", str(home / "demo"), timeout_s=3600.0)
    if not done["verify"]["ok"]:
        raise SmokeError("The demo's kit does not verify.")


CHECKS: tuple[Callable[[Path, Path], None], ...] = (
    check_help,
    check_project,
    check_korean,
    check_weights,
    check_window,
)


def main() -> int:
    """Run the checks and say how long each took; return the exit status."""
    parser = argparse.ArgumentParser(description="Start a frozen build and look whether it lives.")
    parser.add_argument("folder", type=Path, help="the build, such as dist/coverslip")
    parser.add_argument("--demo", action="store_true", help="do the whole main job too; takes minutes")
    arguments = parser.parse_args()
    try:
        program = program_in(arguments.folder)
        with tempfile.TemporaryDirectory() as home:
            for check in (*CHECKS, *([check_demo] if arguments.demo else [])):
                started = time.monotonic()
                check(program, Path(home))
                print(f"{check.__name__.removeprefix('check_'):8} ok, {time.monotonic() - started:.1f} s", flush=True)
    except (SmokeError, subprocess.TimeoutExpired) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
