"""The command line's entry: finds the command, runs it, and turns what it returns or raises into output and exit code.

Exit codes: 0 ok, 1 user error, 2 usage, 3 bug, 130 cancelled.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import TextIO

from core.cli.commands import COMMANDS, CommandSpec
from core.cli.console import Console
from core.cli.report_target import ReportWriter
from core.errors import Cancelled, UserError
from core.progress import CancelToken
from core.settings import load_settings
from core.translation import LANGUAGES, system_language, tr, use_language
from core.version import VERSION

OK, USER_ERROR, USAGE, BUG, CANCELLED = 0, 1, 2, 3, 130
log = logging.getLogger(__name__)


def main(argv: Sequence[str], report_writers: Mapping[str, ReportWriter] | None = None) -> int:
    """Run one command line (without the program's name) and return its exit code.

    Parameters
    ----------
    report_writers
        What writes a report as another kind of file than a web page, by its ending such as ``.pdf``.
    """
    try:
        return _main(argv, report_writers or {})
    except KeyboardInterrupt:  # before or after the command itself, when there is nothing to tell people
        if "--json" in argv:
            Console(json_wanted=True).cancelled()
        return CANCELLED


def _main(argv: Sequence[str], report_writers: Mapping[str, ReportWriter]) -> int:
    # A console of another encoding, or a file name that is not Unicode, must not stop the output.
    _reconfigure((sys.stdout, sys.stderr), errors="backslashreplace")
    language = load_settings().language
    use_language(system_language() if language == "system" else language)
    try:
        args, module = _parse(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    if args.json or getattr(args, "events", False):
        _reconfigure((sys.stdout,), encoding="utf-8", errors="backslashreplace")
    args.report_writers = report_writers
    console = Console(json_wanted=args.json)
    with _ctrl_c_cancels(console.token):
        return _run(module, args, console)


def _reconfigure(streams: Sequence[TextIO | None], **options: str) -> None:
    for stream in streams:
        # There is none in a program without a console, and one put in its place need not be a file.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(**options)


def _run(module: ModuleType, args: argparse.Namespace, console: Console) -> int:
    from core.store.database import damage_errors

    given = vars(args)
    try:
        with damage_errors(Path(given.get("project") or given.get("model") or ".")):
            result = module.run(args, console)
        console.finish(result)
    except UserError as error:
        console.fail(error.code, error.message, error.params)
        return USER_ERROR
    except (Cancelled, KeyboardInterrupt):
        console.cancelled()
        return CANCELLED
    except BrokenPipeError:
        return OK
    except Exception:  # the command line's outermost boundary: a bug is logged whole and reported in one line
        log.exception("unexpected error")
        console.fail("bug", tr("Coverslip made a mistake. Please report it with the lines above."), {})
        return BUG
    return OK if result.ok else USER_ERROR


def _parse(argv: Sequence[str]) -> tuple[argparse.Namespace, ModuleType]:
    parser = argparse.ArgumentParser(
        prog="coverslip",
        description=tr("Turn folders of images into classifiers you can trust, offline, on one workstation."),
        epilog=tr("Without a command, the window opens. “coverslip COMMAND --help” explains a command."),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"coverslip {VERSION}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in argv if not word.startswith("-")), "")
    modules: dict[str, ModuleType] = {}
    for spec in COMMANDS:
        subparser = subparsers.add_parser(spec.name, help=tr(spec.summary), description=tr(spec.summary))
        # Only the command that is asked for is imported: “--help” must stay quick.
        if spec.name == chosen:
            modules[spec.name] = _configure(subparser, spec)
    args = parser.parse_args(_with_queries(argv))
    return args, modules[args.command]


def _with_queries(argv: Sequence[str]) -> list[str]:
    """Write ``--query -label:A`` as ``--query=-label:A``: argparse takes the value for an option."""
    words: list[str] = []
    for word in argv:
        if words and words[-1] == "--query" and word.startswith("-") and not word.startswith("--"):
            words[-1] = f"--query={word}"
        else:
            words.append(word)
    return words


def _configure(parser: argparse.ArgumentParser, spec: CommandSpec) -> ModuleType:
    module = importlib.import_module(spec.module)
    module.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help=tr("print one JSON object at the end"))
    parser.add_argument("--language", choices=sorted(LANGUAGES), help=tr("language of the texts"), action=_UseLanguage)
    return module


class _UseLanguage(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> None:
        use_language(str(values))


@contextmanager
def _ctrl_c_cancels(token: CancelToken) -> Iterator[None]:
    """Let the first Ctrl-C ask for a stop at the next safe point, and the second one interrupt at once.

    SIGTERM asks likewise, and kills when it comes after either.
    """

    def ask(number: int, frame: FrameType | None) -> None:
        if token.cancelled:
            raise KeyboardInterrupt
        token.cancel()
        # Python's own handlers wait for the end of a long call into C; the system's does not.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    try:
        previous = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not in the main thread: whoever runs us there handles signals
        yield
        return
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
