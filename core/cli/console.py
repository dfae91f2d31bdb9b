"""What a command says: its result on stdout (as text, or as one JSON object), everything else on stderr."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.progress import CancelToken, Progress, ProgressReport
from core.translation import tr

_PLAIN_INTERVAL_S = 5.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a command returns: the object for ``--json``, the lines for people, and whether all is well."""

    data: Mapping[str, object]
    lines: Sequence[str] = field(default_factory=tuple)
    ok: bool = True


class Console:
    """One command's mouth, and the token that Ctrl-C cancels."""

    def __init__(self, *, json_wanted: bool) -> None:
        self.json_wanted = json_wanted
        self.token = CancelToken()
        self._line_open = False
        self._said_s = float("-inf")
        self._stage = ""

    def progress(self) -> Progress:
        """Return a progress that reports on stderr and stops at Ctrl-C."""
        return Progress(self.report, self.token)

    def say(self, text: str) -> None:
        """Print a line for people, on stderr."""
        self._close_line()
        print(text, file=sys.stderr, flush=True)

    def emit(self, data: Mapping[str, object]) -> None:
        """Print one JSON object as a line on stdout, at once."""
        print(to_json(data), flush=True)

    def finish(self, result: Result) -> None:
        """Print the result."""
        self._close_line()
        if self.json_wanted:
            print(to_json(result.data), flush=True)
        else:
            for line in result.lines:
                print(line)
            sys.stdout.flush()

    def fail(self, code: str, message: str, params: Mapping[str, object]) -> None:
        """Print an error: one line on stderr, or the JSON object on stdout."""
        self._close_line()
        if self.json_wanted:
            print(to_json({"error": {"code": code, "message": message, **params}}), flush=True)
        else:
            print(f"coverslip: {message}", file=sys.stderr, flush=True)

    def cancelled(self) -> None:
        """Say that the user stopped the command: a line on stderr, or the JSON object of an error on stdout."""
        message = tr("Cancelled. What was finished before is kept.")
        if self.json_wanted:
            self.fail("cancelled", message, {})
        else:
            self.say(message)

    def report(self, report: ProgressReport) -> None:
        """Show how far the work has come, on stderr."""
        text = _progress_text(report)
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
            self._line_open = True
            return
        # Without a terminal (a log file) every stage is said once, then now and then.
        now = time.monotonic()
        if report.stage != self._stage or now - self._said_s >= _PLAIN_INTERVAL_S:
            self._stage, self._said_s = report.stage, now
            print(text, file=sys.stderr, flush=True)

    def _close_line(self) -> None:
        if self._line_open:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._line_open = False


def to_json(data: Mapping[str, object]) -> str:
    """Return `data` as one line of JSON; what is not a number in JSON (NaN, infinity) becomes null."""
    return json.dumps(_plain(data), ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, str):
        # A file name that is not Unicode holds surrogates; JSON text must not.
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def _progress_text(report: ProgressReport) -> str:
    text = tr(report.stage)
    if report.total:
        text += f" · {report.done:,} / {report.total:,} ({100 * report.done // report.total} %)"
    elif report.done:
        text += f" · {report.done:,}"
    if report.seconds_left is not None and report.seconds_left >= 1:
        text += " · " + tr("{seconds} s left", seconds=f"{report.seconds_left:,.0f}")
    return text
