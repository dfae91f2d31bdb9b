"""How much the window's thread computes at one go: a timer of 5 ms notes how long each turn of its event loop took."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer

from tests.benchmarks.heartbeat import BEAT_MS

_SAMPLE_S: Final = 0.002
_LINES: Final = 12
_ROOT: Final = str(Path(__file__).parents[2])


class Busy:
    """The most that the window's thread computed between two turns of its event loop, from `start` to `stop`.

    Parameters
    ----------
    looking
        Whether to note in `where` what the thread was at meanwhile: of its own lines of code those it was in the
        longest, with their ms. That costs some percent of what is measured, and Linux alone tells it.
    """

    def __init__(self, parent: QObject, *, looking: bool = False) -> None:
        self._timer = QTimer(parent, interval=BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last, self._worst = (0.0, 0.0), (0.0, 0.0)
        self._watch = _Watch() if looking else None
        self.where: list[str] = []

    def start(self) -> None:
        """Begin anew."""
        self._worst, self._last = (0.0, 0.0), (time.thread_time(), time.perf_counter())
        self.where = []
        if self._watch is not None:
            self._watch.take()
        self._timer.start()

    def stop(self) -> tuple[float, float]:
        """Return ms of computing, and on the clock."""
        self._beat()
        self._timer.stop()
        return self._worst

    def close(self) -> None:
        """Look no more."""
        if self._watch is not None:
            self._watch.close()

    def _beat(self) -> None:
        now = time.thread_time(), time.perf_counter()
        turn = 1e3 * (now[0] - self._last[0]), 1e3 * (now[1] - self._last[1])
        seen = self._watch.take() if self._watch is not None else []
        if turn[0] > self._worst[0]:
            self._worst, self.where = turn, seen
        self._last = time.thread_time(), time.perf_counter()


class _Watch:
    """Notes every few ms where this thread is, by a signal: another thread may not look at frames that Qt calls."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        self._spent_s = time.thread_time()
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, _SAMPLE_S, _SAMPLE_S)

    def take(self) -> list[str]:
        """Return the lines of code it was in the longest since the last call, each with its ms of computing."""
        seen, self._seen = self._seen, {}
        return [f"{ms:6.0f} ms  {line}" for line, ms in sorted(seen.items(), key=lambda one: -one[1])[:_LINES]]

    def close(self) -> None:
        """End."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _look(self, _: int, frame: FrameType | None) -> None:
        spent_s = time.thread_time()
        for line in dict.fromkeys(_lines(frame)):
            self._seen[line] = self._seen.get(line, 0.0) + 1e3 * (spent_s - self._spent_s)
        self._spent_s = spent_s


def _lines(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(_ROOT) and "benchmarks" not in path:
            yield f"{path[len(_ROOT) + 1 :]}:{frame.f_lineno} {frame.f_code.co_name}"
        frame = frame.f_back
