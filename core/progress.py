"""Progress and cancellation of long work, as one object handed down to whatever does the work.

    def work(progress: Progress) -> None:
        for item in progress.track(items, mark("Reading images")):
            ...

Every step is also a safe point to stop: it raises `Cancelled` once the token was cancelled. Reports are throttled, so
that advancing costs nothing in a tight loop.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import TypeVar

from core.errors import Cancelled

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """How far some work has come.

    Attributes
    ----------
    stage
        What is being done: a text marked for translation.
    done, total
        Steps done, and steps in all (None where it cannot be known).
    seconds_left
        Estimate from the stage's own pace; None until there is one.
    detail
        What it is at, such as a file name.
    """

    stage: str
    done: int
    total: int | None
    seconds_left: float | None = None
    detail: str = ""


ProgressSink = Callable[[ProgressReport], None]


class CancelToken:
    """Asks work to stop; may be set from any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask for the stop; it happens at the work's next safe point."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether a stop was asked for."""
        return self._event.is_set()


class Progress:
    """Throttled progress reports to `sink`, and the safe points at which `token` stops the work."""

    def __init__(
        self, sink: ProgressSink | None = None, token: CancelToken | None = None, *, interval_s: float = 0.1
    ) -> None:
        self.token = token or CancelToken()
        self._sink = sink
        self._interval_s = interval_s
        self._stage = ""
        self._done = 0
        self._total: int | None = None
        self._started_s = 0.0
        self._reported_s = float("-inf")

    def begin(self, stage: str, total: int | None = None) -> None:
        """Start a stage of `total` steps."""
        self._stage, self._total, self._done = stage, total, 0
        self._started_s = time.monotonic()
        self._report()
        self.checkpoint()

    def advance(self, steps: int = 1, detail: str = "") -> None:
        """Count `steps` as done; raises `Cancelled` if a stop was asked for."""
        self._done += steps
        finished = self._total is not None and self._done >= self._total
        if finished or time.monotonic() - self._reported_s >= self._interval_s:
            self._report(detail)
        self.checkpoint()

    def checkpoint(self) -> None:
        """Raise `Cancelled` if a stop was asked for."""
        if self.token.cancelled:
            raise Cancelled

    def track(self, items: Iterable[T], stage: str, total: int | None = None) -> Iterator[T]:
        """Yield `items`, each one a step of the stage."""
        if total is None and isinstance(items, Sized):
            total = len(items)
        self.begin(stage, total)
        for item in items:
            yield item
            self.advance()

    def _report(self, detail: str = "") -> None:
        if self._sink is None:
            return
        now = time.monotonic()
        self._reported_s = now
        left = None
        if self._total and self._done:
            left = (now - self._started_s) * (self._total - self._done) / self._done
        self._sink(ProgressReport(self._stage, self._done, self._total, left, detail))
