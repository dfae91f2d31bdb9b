"""How quick the grid is: first paint, one step of scrolling, selecting all, at 10 thousand and at a million samples.

    python -m tests.benchmarks.bench_grid [--json]

Pictures come from memory, so that what is measured is the grid. Times are milliseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from desktop_app.theme import theme_for
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.widgets.sample_grid.tiles import Pill, Tile
from desktop_app.widgets.sample_grid.view import SampleGrid
from desktop_app.workers.thumbnail_loader import to_image

COUNTS: Final = (10_000, 1_000_000)
SCROLL_STEPS: Final = 200


class MemoryThumbnails(QObject):
    """Thirty-two pictures, always there."""

    loaded = Signal()

    def __init__(self) -> None:
        super().__init__()
        noise = np.random.default_rng(7)
        self._images = [to_image(noise.integers(0, 255, (96, 128, 3), np.uint8)) for _ in range(32)]

    def image(self, sample_id: int, size_px: int) -> QImage | None:
        return self._images[sample_id % 32]

    def failure(self, sample_id: int, size_px: int) -> str:
        return ""

    def want(self, sample_ids: Iterable[int], size_px: int) -> None:
        """Everything is here."""


class MemoryTiles:
    """Three kinds of tiles."""

    _tiles = (
        Tile("a.png", (Pill("RBC", "●", "#D55E00"),)),
        Tile("b.png", (Pill("WBC", "■", "#0072B2"),), warning="blurry"),
        Tile("c.png", (Pill("Platelets", "▲", "#009E73"),), note="0.98"),
    )

    def prepare(self, ids: Sequence[int]) -> None:
        """Everything is here."""

    def tile(self, sample_id: int) -> Tile:
        return self._tiles[sample_id % 3]


def measure(app: QApplication, count: int) -> dict[str, float]:
    """Return the milliseconds of each step with `count` samples."""
    state = GridState()
    state.set_ids(np.arange(1, count + 1, dtype=np.int64))
    grid = SampleGrid(state, MemoryTiles(), MemoryThumbnails(), theme_for("light"))
    grid.resize(1180, 820)
    first = timed(lambda: (grid.show(), app.processEvents(), grid.viewport().repaint()))
    bar = grid.verticalScrollBar()

    def scroll(value: float) -> float:
        return timed(lambda: (bar.setValue(int(value)), app.processEvents()))

    steps = [scroll(120 * i) for i in range(SCROLL_STEPS)]
    jumps = [scroll(bar.maximum() * part) for part in np.linspace(0, 1, 40)]
    resize = timed(lambda: (grid.resize(900, 820), app.processEvents()))
    zoom = timed(lambda: (grid.set_zoom(160), app.processEvents()))
    select_all = timed(lambda: (state.select_all(), app.processEvents()))
    invert = timed(lambda: (state.invert(), app.processEvents()))
    move = timed(lambda: (state.move_to(count // 2), grid.reveal(state.current), app.processEvents()))
    half = state.ids[::2].copy()
    filtering = timed(lambda: (state.set_ids(half), app.processEvents()))
    grid.hide()
    grid.deleteLater()
    return {
        "first_paint_ms": first,
        "scroll_step_p95_ms": float(np.percentile(steps, 95)),
        "jump_p95_ms": float(np.percentile(jumps, 95)),
        "resize_ms": resize,
        "zoom_ms": zoom,
        "select_all_ms": select_all,
        "invert_ms": invert,
        "move_ms": move,
        "filter_half_ms": filtering,
    }


def timed(call: Callable[[], object]) -> float:
    """Return how many milliseconds `call` takes."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e3


def main() -> None:
    """Measure and print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    app = QApplication(sys.argv[:1])
    measure(app, 1000)  # the first window loads fonts; that is not the grid's
    results = {count: measure(app, count) for count in COUNTS}
    if arguments.json:
        print(json.dumps({str(count): result for count, result in results.items()}))
        return
    print(f"{'':24}" + "".join(f"{count:>12,}" for count in COUNTS))
    for name in results[COUNTS[0]]:
        print(f"{name:24}" + "".join(f"{results[count][name]:12.1f}" for count in COUNTS))


if __name__ == "__main__":
    main()
