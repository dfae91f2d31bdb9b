"""``coverslip`` and ``python -m desktop_app``: the window without arguments or with ``app``, else the command line.

PySide6 is imported for the window only: the command line works where there is no display and no Qt.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.domain.metrics import Metric
    from core.store.project import Project


def main(argv: Sequence[str] | None = None) -> int:
    """Run Coverslip with `argv` (without the program's name) and return the exit code."""
    # Before torch is imported. Its threads otherwise wait for one another by spinning for long: as soon as anything
    # else computes on the machine, training falls to a tenth of its speed. Not spinning at all costs a tenth when
    # nothing else does; a short spin costs nothing in either case.
    os.environ.setdefault("GOMP_SPINCOUNT", "30000")
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        return _main(given)
    except KeyboardInterrupt:  # Ctrl-C while modules are still being imported
        if "--json" in given:
            from core.cli.console import Console

            Console(json_wanted=True).cancelled()
        return 130


def _main(given: list[str]) -> int:
    if not given or (given[0] == "app" and _only_a_project(given[1:])):
        return _open_window(Path(given[1]) if len(given) > 1 else None)
    from core.cli.main import main as run_command

    code = run_command(given, {".pdf": _save_pdf} if find_spec("PySide6") is not None else {})
    if code == 0 and given[0] == "demo" and shows_the_demo(given[1:], os.environ):
        from core.cli.demo import demo_project

        return _open_window(demo_project(given[1:]))
    return code


def shows_the_demo(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Return whether the demo ends with the window: on a display, unless a script or the user said otherwise."""
    if {"--headless", "--json", "-h", "--help"} & set(arguments):
        return False
    return sys.platform in ("win32", "darwin") or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _save_pdf(project: Project, path: Path, *, expected_left: Metric | None = None) -> None:
    """Write the report of a check as a PDF for the command line, which knows no Qt."""
    try:
        from desktop_app.pages.clean.report_file import save_without_window
    except ImportError as error:  # libraries of the system that Qt needs
        from core.errors import UserError

        raise UserError("report_pdf", path=str(path)) from error
    save_without_window(project, path, expected_left=expected_left)


def _open_window(project: Path | None) -> int:
    from desktop_app.bootstrap import run

    return run(project)


def _only_a_project(arguments: Sequence[str]) -> bool:
    return len(arguments) <= 1 and not any(argument.startswith("-") for argument in arguments)


if __name__ == "__main__":
    sys.exit(main())
