"""Files that are kept open because opening them anew for each image would cost more than the image."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")
_MOST: Final = 4


class OpenFiles:
    """The last few things that were opened; any thread may ask.

    Each reader has its own, so nothing outlives the reader. What falls out is left to the garbage collector, since
    another thread may still be reading it.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, open_it: Callable[[], T], keep: Callable[[T], bool] = lambda _: True) -> T:
        """Return what was opened under `key`, or open it: once, however many threads ask at the same time.

        Parameters
        ----------
        keep
            Says of what was opened whether it is small enough to be kept.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast(T, self._kept[key])
            opening = self._locks.setdefault(key, threading.Lock())
        with opening:
            with self._lock:
                if key in self._kept:
                    return cast(T, self._kept[key])
            try:
                made = open_it()
            except BaseException:
                with self._lock:
                    self._locks.pop(key, None)
                raise
            with self._lock:
                if keep(made):
                    self._kept[key] = made
                self._locks.pop(key, None)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            return made

    def drop(self, key: Hashable) -> None:
        """Open anew what was opened under `key`, when it is asked for the next time."""
        with self._lock:
            self._kept.pop(key, None)
