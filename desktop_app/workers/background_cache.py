"""A cache that fills itself in the background: what is wanted is said anew each time, and nothing else is loaded.

The GUI thread says what it wants, most urgent first (`want`); threads load it; what is no longer wanted and has not
begun is forgotten, so a fast scroll leaves no queue behind. Arrivals are handed over in one batch per frame. One thing
must stay true: `load` never runs on the GUI thread, and everything else only there.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from typing import Final, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import Cancelled, UserError
from core.translation import tr

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

FRAME_MS: Final = 16
_NICENESS: Final = 10


class BackgroundCache(QObject, Generic[K, V]):
    """Values by key, loaded by threads, the least recently used dropped beyond a budget.

    Parameters
    ----------
    load
        Makes the value of a key; called on worker threads. A `UserError` it raises is kept as the key's failure.
    cost
        Bytes that a value takes.
    budget_bytes
        What the values together may take.
    threads
        How many load at once.
    """

    loaded = Signal(object)
    """tuple of keys that arrived, well or not; at most once a frame"""
    _arrived = Signal()

    def __init__(
        self,
        load: Callable[[K], V],
        cost: Callable[[V], int],
        *,
        budget_bytes: int,
        threads: int = 2,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._load, self._cost, self._budget, self._threads = load, cost, budget_bytes, threads
        self._values: OrderedDict[K, V] = OrderedDict()
        self._bytes = 0
        self._failures: dict[K, str] = {}
        self._pending: deque[K] = deque()
        self._in_flight: set[K] = set()
        self._outdated: set[K] = set()
        self._results: deque[tuple[K, V | None, str]] = deque()
        self._announced = False
        self._closed = False
        self._work = threading.Condition()
        self._workers: list[threading.Thread] = []
        self._frame = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._frame.timeout.connect(self._collect)
        self._arrived.connect(self._frame.start)

    def get(self, key: K) -> V | None:
        """Return the value of `key` if it is here; never loads."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def failure(self, key: K) -> str:
        """Return why `key` could not be loaded, or an empty text."""
        return self._failures.get(key, "")

    def want(self, keys: Iterable[K]) -> None:
        """Load these keys, in this order, and nothing else that has not begun."""
        with self._work:
            if self._closed:
                return
            # What has arrived and waits for the frame to end is here too: loaded twice it would count twice.
            arrived = {key for key, _, _ in self._results}
            self._pending = deque(
                key
                for key in dict.fromkeys(keys)
                if not (key in self._values or key in self._failures or key in self._in_flight or key in arrived)
            )
            if self._pending:
                self._staff()
                self._work.notify_all()

    def forget(self, keys: Iterable[K] | None = None) -> None:
        """Drop what is known of these keys, or of all, so that they are loaded again when wanted."""
        with self._work:
            gone = list(keys) if keys is not None else [*self._values, *self._failures, *self._in_flight]
            for key in gone:
                value = self._values.pop(key, None)
                self._bytes -= self._cost(value) if value is not None else 0
                self._failures.pop(key, None)
                if key in self._in_flight:
                    self._outdated.add(key)

    def reset(self) -> None:
        """Drop everything, end the threads and wait for them; what is wanted afterwards starts new ones."""
        self.close()
        self.forget()
        self._results.clear()
        self._outdated.clear()
        self._announced = False
        self._closed = False

    def close(self) -> None:
        """Stop the threads and wait for what they are at; what is here stays readable."""
        with self._work:
            self._closed = True
            self._pending.clear()
            self._work.notify_all()
        for worker in self._workers:
            worker.join()
        self._workers.clear()
        self._frame.stop()

    @property
    def bytes_used(self) -> int:
        """Bytes that the values held take."""
        return self._bytes

    def _staff(self) -> None:
        self._workers = [worker for worker in self._workers if worker.is_alive()]
        while len(self._workers) < min(self._threads, len(self._pending) + len(self._in_flight)):
            worker = threading.Thread(target=self._serve, name="coverslip-loader", daemon=True)
            self._workers.append(worker)
            worker.start()

    def _serve(self) -> None:
        _stand_back()
        while (key := self._next()) is not None:
            value, failure = None, tr("This image could not be read.")
            try:
                value = self._load(key)
            except UserError as error:
                failure = error.message
            except Cancelled:
                pass
            finally:  # also when the thread dies of a bug: the key counts as failed, the report goes to the hook
                self._hand_over(key, value, failure)

    def _next(self) -> K | None:
        with self._work:
            while not self._pending and not self._closed:
                self._work.wait()
            if self._closed:
                return None
            key = self._pending.popleft()
            self._in_flight.add(key)
            return key

    def _hand_over(self, key: K, value: V | None, failure: str) -> None:
        with self._work:
            self._in_flight.discard(key)
            if self._closed or key in self._outdated:
                self._outdated.discard(key)
                return
            self._results.append((key, value, failure))
            if self._announced:
                return
            self._announced = True
            self._arrived.emit()

    def _collect(self) -> None:
        with self._work:
            results = list(self._results)
            self._results.clear()
            self._announced = False
            for key, value, failure in results:
                if value is None:
                    self._failures[key] = failure
                else:
                    self._values[key] = value
                    self._bytes += self._cost(value)
            while self._bytes > self._budget and len(self._values) > 1:
                _, dropped = self._values.popitem(last=False)
                self._bytes -= self._cost(dropped)
        if results:
            self.loaded.emit(tuple(key for key, _, _ in results))


def _stand_back() -> None:
    """Let the window have the processor first where it and this thread want it; only Linux knows threads by number."""
    with suppress(OSError, AttributeError):
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
