"""``coverslip`` and ``python -m desktop_app``: the window without arguments or with ``app``, else the command line.

PySide6 is imported for the window only: the command line works where there is no display and no Qt.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run Coverslip with `argv` (without the program's name) and return the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    if not given or (given[0] == "app" and _only_a_project(given[1:])):
        from desktop_app.bootstrap import run

        return run(Path(given[1]) if len(given) > 1 else None)
    from core.cli.main import main as run_command

    return run_command(given)


def _only_a_project(arguments: Sequence[str]) -> bool:
    return len(arguments) <= 1 and not any(argument.startswith("-") for argument in arguments)


if __name__ == "__main__":
    sys.exit(main())
