"""What `dev.py` can do: a table of verbs, and how each is carried out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from build_scripts.environment import CHECKOUT, Environment, find_environment, run_python
from build_scripts.installation import make_ready
from build_scripts.lock import write_lock
from build_scripts.problem import SetUpError, say
from build_scripts.system_packages import has_display, provide_qt, provide_venv


@dataclass(frozen=True)
class Call:
    """One call of a verb: where it runs and what it was given."""

    environment: Environment
    arguments: tuple[str, ...]
    variables: Mapping[str, str]
    cwd: Path

    def python(self, *arguments: str, cwd: Path = CHECKOUT, **variables: str) -> int:
        """Run the environment's Python with more environment `variables`; return its exit status."""
        return run_python(self.environment, arguments, {**self.variables, **variables}, cwd=cwd)


@dataclass(frozen=True)
class Verb:
    """A row of the table: the verb, what `--help` says of it, what it does, and what must be there first."""

    name: str
    help: str
    does: Callable[[Call], int]
    needs_environment: bool = True
    needs_qt: bool = False


def _setup(_: Call) -> int:
    return 0


def _demo(call: Call) -> int:
    shown = has_display(call.variables) or "--headless" in call.arguments
    headless = () if shown else ("--headless",)
    return call.python("-m", "desktop_app", "demo", *headless, *call.arguments, cwd=call.cwd)


def _app(call: Call) -> int:
    if not has_display(call.variables):
        raise SetUpError(
            "There is no display to open the window on (DISPLAY and WAYLAND_DISPLAY are empty). "
            "Run it in a desktop session, or use the command line: see docs/command-line.md."
        )
    return call.python("-m", "desktop_app", "app", *call.arguments, cwd=call.cwd)


def _test(call: Call) -> int:
    return call.python("-m", "pytest", *call.arguments, QT_QPA_PLATFORM="offscreen")


def _check(call: Call) -> int:
    """Run every check, also after one failed, and name those that did."""
    failed = []
    for title, *command in CHECKS:
        say(f"== {title}")
        if call.python(*command):
            failed.append(title)
    say(f"Failed: {', '.join(failed)}." if failed else "Every check passed.")
    return 1 if failed else 0


def _bench(call: Call) -> int:
    folder = CHECKOUT / "tests" / "benchmarks"
    names = sorted(file.stem.removeprefix("bench_") for file in folder.glob("bench_*.py"))
    if not call.arguments:
        print("\n".join(names))
        return 0
    name, *arguments = call.arguments
    if name not in names:
        raise SetUpError(f"There is no benchmark “{name}”. There are: {', '.join(names) or 'none'}.")
    return call.python("-m", f"tests.benchmarks.bench_{name}", *arguments)


def _translations(call: Call) -> int:
    return call.python("-m", "build_scripts.translations", *call.arguments)


def _lock(call: Call) -> int:
    return write_lock(upgrade="--upgrade" in call.arguments)


# import-linter has no `python -m` of its own.
_LINT_IMPORTS: Final = "import sys, importlinter.cli as cli; sys.exit(cli.lint_imports(no_logo=True))"

CHECKS: Final = (
    ("ruff", "-m", "ruff", "check", "."),
    ("ruff format", "-m", "ruff", "format", "--check", "."),
    ("mypy", "-m", "mypy"),
    ("import contracts", "-c", _LINT_IMPORTS),
    ("translations", "-m", "build_scripts.translations", "--check"),
)

VERBS: Final = (
    Verb("setup", "make the environment and install what is missing", _setup, needs_qt=True),
    Verb("demo", "run the main job on the sample set: demo [--dir DIR] [--headless]", _demo, needs_qt=True),
    Verb("test", "run the tests: test [PYTEST ARGUMENTS]", _test, needs_qt=True),
    Verb("app", "open the window: app [PROJECT]", _app, needs_qt=True),
    Verb("check", "style, types, import contracts and translations", _check),
    Verb("bench", "run a benchmark, or list them: bench [NAME [--json]]", _bench, needs_qt=True),
    Verb("translations", "bring the translations up to date: translations [--check]", _translations),
    Verb("lock", "write requirements.lock anew, with uv: lock [--upgrade]", _lock, needs_environment=False),
)


def help_text() -> str:
    """Return what `--help` prints."""
    rows = "\n".join(f"  {verb.name:<13} {verb.help}" for verb in VERBS)
    return f"""usage: python build_scripts/dev.py VERB [ARGUMENTS]

{rows}

Every verb first makes sure that the environment is complete: .venv in this folder, or the folder named in
the variable COVERSLIP_VENV, which several clones may share (it takes about 7 GB). The first time this takes
some minutes, after that no time."""


def run(arguments: Sequence[str]) -> int:
    """Carry out the verb in `arguments`; return the exit status: 2 for a verb that does not exist."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # an old console lacks some characters
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(help_text())
        return 0
    verb = next((each for each in VERBS if each.name == arguments[0]), None)
    if verb is None:
        say(f"There is no verb “{arguments[0]}”. There are: {', '.join(each.name for each in VERBS)}.")
        return 2
    environment = find_environment(os.environ)
    try:
        if verb.needs_environment:
            provide_venv()
            make_ready(environment)
        if verb.needs_qt:
            provide_qt(os.environ)
        return verb.does(Call(environment, tuple(arguments[1:]), dict(os.environ), Path.cwd()))
    except SetUpError as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("Stopped. The same command goes on where it was.")
        return 130
