"""Python's garbage collection, at moments of our choosing: short, on the GUI thread, and not in the midst of bulk work.

Left to itself it runs on whichever thread happens to allocate: a frame then waits for it, 20 to 70 ms where a job has
just fetched a million rows, and objects of Qt may be destroyed on a thread that is not theirs. What libraries bring
along stays for good: looking through them again takes longer than a frame.
"""

from __future__ import annotations

import gc
import sys
from typing import Final

from PySide6.QtCore import QObject, QTimer

TURN_MS: Final = 200
_FEW: Final = 1_000
_BULK: Final = 50_000
_MUCH: Final = 100_000
_MOST_TURNS: Final = 300
_LIBRARY: Final = 30
"""So many new modules are a library, with tens of thousands of objects."""


class GarbageCollector(QObject):
    """Takes the place of the automatic collection until `close`, or the end of `parent`.

    Several times a second it looks through what is new, which is little then; through everything once `_MUCH` has
    come. Once a library was imported, all that is there is left out from then on. Where there are very many new
    objects a job is in the midst of something, and most will be gone by themselves: it waits, a minute at most.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seen = self._waited = 0
        self._modules = len(sys.modules)
        self._timer = QTimer(self, interval=TURN_MS)
        self._timer.timeout.connect(self.turn)
        self._timer.start()
        gc.disable()

    def turn(self) -> None:
        """Collect if it is time."""
        if len(sys.modules) >= self._modules + _LIBRARY:
            self._modules = len(sys.modules)
            gc.freeze()
            return
        new = gc.get_count()[0]
        if new > _BULK and self._waited < _MOST_TURNS:
            self._waited += 1
            return
        self._waited = 0
        if new < _FEW:
            return
        self._seen += new
        if self._seen < _MUCH:
            gc.collect(1)
        else:
            self._seen = 0
            gc.collect()

    def close(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()
