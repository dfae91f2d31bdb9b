"""How long the GUI thread leaves its event loop alone: a timer of 5 ms notes by how much each of its turns is late."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, SignalInstance

BEAT_MS: Final = 5


@dataclass(frozen=True, slots=True)
class Stall:
    """The longest time between two beats, less a beat, and how much of it the thread computed; both in ms."""

    wall_ms: float
    cpu_ms: float


class Heartbeat:
    """Beats between `start` and `stop`, which returns the worst stall between them."""

    def __init__(self, parent: QObject) -> None:
        self._timer = QTimer(parent, interval=BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last = self._last_cpu = 0.0
        self._worst = Stall(0, 0)

    def start(self) -> None:
        """Begin anew."""
        self._worst = Stall(0, 0)
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> Stall:
        """Return the worst stall since `start`."""
        self._beat()
        self._timer.stop()
        return self._worst

    def _beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        late = 1e3 * (now - self._last) - BEAT_MS
        if late > self._worst.wall_ms:
            self._worst = Stall(late, 1e3 * (cpu - self._last_cpu))
        self._last, self._last_cpu = now, cpu


def wait_until(holds: Callable[[], bool], timeout_s: float = 90, every_ms: int = 1) -> None:
    """Let the event loop run until `holds`; raises `TimeoutError`."""
    if holds():
        return
    loop, check, until = QEventLoop(), QTimer(), time.monotonic() + timeout_s
    held: list[bool] = []

    def look() -> None:
        # What held a moment ago need not hold once the loop has ended: that it did is what was waited for.
        if holds():
            held.append(True)
        if held or time.monotonic() > until:
            loop.quit()

    check.setTimerType(Qt.TimerType.PreciseTimer)
    check.timeout.connect(look)
    check.start(every_ms)
    loop.exec()
    if not held:
        raise TimeoutError("the window did not get there")


def wait_for(signal: SignalInstance, act: Callable[[], object], timeout_s: float = 90) -> None:
    """Let the event loop run until `signal` comes after `act`; raises `TimeoutError`."""
    came: list[bool] = []
    loop = QEventLoop()

    def arrived(*_: object) -> None:
        came.append(True)
        loop.quit()

    signal.connect(arrived)
    late = QTimer(singleShot=True, interval=int(1000 * timeout_s))
    late.timeout.connect(loop.quit)
    late.start()
    act()
    if not came:
        loop.exec()
    signal.disconnect(arrived)
    if not came:
        raise TimeoutError("the window did not get there")


def rest(seconds: float) -> None:
    """Let the event loop run for so long."""
    loop, end = QEventLoop(), QTimer(singleShot=True, interval=int(1000 * seconds))
    end.setTimerType(Qt.TimerType.PreciseTimer)
    end.timeout.connect(loop.quit)
    end.start()
    loop.exec()
