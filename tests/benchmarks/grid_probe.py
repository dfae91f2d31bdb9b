"""What a fresh process measures of the real window on a project: `bench_grid` starts one for each project.

    python -m tests.benchmarks.grid_probe open|use PROJECT

`open` measures opening it and the memory that takes; `use` everything a user does on the Images page. Both print one
JSON object. Times are milliseconds of wall time.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.domain.query_line import parse_query
from core.settings import Settings
from core.store import edits
from core.store.query_sql import select_samples
from core.store.task import project_task
from desktop_app.bootstrap import favour_the_window, make_application, make_window
from desktop_app.context import AppContext
from desktop_app.workers.thumbnail_loader import to_image
from tests.benchmarks.heartbeat import Heartbeat, Stall, rest, wait_for, wait_until

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QImage

    from core.domain.changes import Changes
    from core.store.edit_items import Ids
    from core.store.project import Project
    from desktop_app.pages.images.controller import ImagesController
    from desktop_app.pages.images.page import ImagesPage

FILTERS: Final = ("label:WBC", "split:train", "name:cell_05")
SORTS: Final = ("sort:name", "sort:-date", "by:label", "by:group")
SCROLL_STEPS: Final = 250
JUMPS: Final = 175
REPEATS: Final = 2
MANY: Final = 100_000


class Probe:
    """The window, on a project once `open` has returned."""

    def __init__(self) -> None:
        self.app = make_application()
        self.window = make_window(AppContext(Settings(theme="light", language="en")))
        self.context = self.window.context
        self.images = cast("ImagesController", self.window.controllers["images"])
        self.window.resize(1440, 900)
        self.window.show()
        self.garbage = favour_the_window(self.window)
        rest(0.5)
        self.heart = Heartbeat(self.window)

    @property
    def page(self) -> ImagesPage:
        """The Images page."""
        return cast("ImagesPage", self.window.current_page())

    @property
    def project(self) -> Project:
        """The open project."""
        assert self.context.project is not None
        return self.context.project

    def paint(self) -> None:
        """Paint the grid, now."""
        self.page.grid.viewport().repaint()

    def open(self, path: Path) -> float:
        """Open the project at `path`; return after how many ms the first tiles were painted."""
        start = time.perf_counter()
        wait_for(self.images.searcher.shown, lambda: self.context.open_project(path))
        self.paint()
        return 1e3 * (time.perf_counter() - start)

    def settle(self) -> None:
        """Wait until nothing is under way."""
        wait_until(lambda: not self.context.tasks.active and not self.images.searcher.busy, every_ms=5)
        rest(0.15)
        wait_until(lambda: not self.context.tasks.active, every_ms=5)

    def timed(self, signal: object, act: Callable[[], object]) -> float:
        """Return after how many ms `act` was answered by `signal` and painted."""
        start = time.perf_counter()
        wait_for(signal, act)  # type: ignore[arg-type]  # a bound signal
        self.paint()
        taken = 1e3 * (time.perf_counter() - start)
        self.settle()
        return taken

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the grid has the keyboard."""
        QTest.keyClick(self.page.grid, key, modifier)

    def find(self, line: str) -> float:
        """Return how long it takes to show what a query line finds."""
        if line == self.images.line:
            return 0.0
        return self.timed(self.images.found, lambda: self.images.set_line(line))

    def bare(self, line: str) -> float:
        """Return how long the SQL of a query line takes on its own, fetched."""
        sql, values = select_samples("sample.id", parse_query(line), project_task(self.project))
        start = time.perf_counter()
        self.project.db.read().execute(sql, values).fetchall()
        return 1e3 * (time.perf_counter() - start)

    def close(self) -> None:
        """Close the window."""
        self.garbage.close()
        self.window.close()
        self.app.processEvents()


def measure_open(path: Path) -> dict[str, object]:
    """Return how long opening takes, and the memory that the process holds then."""
    probe = Probe()
    process = psutil.Process()
    first = probe.open(path)
    wait_until(lambda: not probe.context.tasks.active)
    rest(1.0)
    probe.settle()
    held = process.memory_info().rss / 2**20
    probe.close()
    return {"first_tiles_ms": first, "rss_mb": held}


def measure_use(path: Path) -> dict[str, object]:
    """Return the times, stalls and decodes of everything a user does."""
    probe = Probe()
    decodes = Decodes(probe)
    probe.open(path)
    probe.settle()
    times = {"first paint": first_paint(probe)}
    times |= scrolling(probe, "")
    bare: dict[str, float] = {}
    for line in (*FILTERS, *SORTS):
        pairs = []
        for _ in range(REPEATS):
            probe.find("")
            alone = probe.bare(line)
            pairs.append((probe.find(line), alone))
        times[line], bare[line] = np.median(np.array(pairs), axis=0).tolist()
    probe.find("by:label")
    times |= scrolling(probe, " with headings")
    probe.find("")
    times |= labelling(probe)
    found: dict[str, object] = {"times": times, "bare": bare, "decodes": decodes.after_jumps()}
    found["stalls"] = {name: [stall.wall_ms, stall.cpu_ms] for name, stall in stalls(probe).items()}
    probe.close()
    return found


def first_paint(probe: Probe) -> float:
    """Return how long building the window's pages anew, as a change of theme does, and painting the grid takes."""
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        probe.window.rebuild()
        probe.paint()
        taken.append(1e3 * (time.perf_counter() - start))
        rest(0.3)
    return float(np.median(taken))


def scrolling(probe: Probe, how: str) -> dict[str, float]:
    """Return the p95 of a step and the longest frame of steps and jumps, thumbnails arriving meanwhile."""
    bar, app = probe.page.grid.verticalScrollBar(), probe.app
    frames: list[float] = []

    def frame(value: float) -> None:
        start = time.perf_counter()
        bar.setValue(int(value))
        app.processEvents()
        frames.append(1e3 * (time.perf_counter() - start))
        rest(0.016)

    probe.settle()
    probe.heart.start()
    middle = bar.maximum() // 3
    for step in range(SCROLL_STEPS):
        frame(middle + 120 * step)
    for part in np.random.default_rng(5).random(JUMPS):
        frame(bar.maximum() * part)
    for step in range(SCROLL_STEPS // 3):
        frame(bar.maximum() - 400 * step)
    stall = probe.heart.stop()
    steps = frames[:SCROLL_STEPS]
    return {
        f"scroll step p95{how}": float(np.percentile(steps, 95)),
        f"longest frame{how}": max(frames),
        f"longest stall of a scroll{how}": stall.wall_ms,
    }


def labelling(probe: Probe) -> dict[str, float]:
    """Return how long it takes from the key until the tiles show the label of 1,000 images, and its undo."""
    labels, undos = [], []
    state, changed = probe.images.grid, probe.context.changed
    probe.page.grid.setFocus()
    for turn in range(REPEATS + 2):
        start = 5_000 + 1_000 * turn if len(state) > 20_000 else 1_000 * turn
        state.select_indexes(np.arange(start, start + 1_000, dtype=np.intp))
        state.set_current(start)
        probe.page.grid.reveal(start)
        probe.settle()
        probe.images.records.prepare(state.ids[start : start + 1_000].tolist())
        key = (Qt.Key.Key_1, Qt.Key.Key_2)[turn % 2]
        labels.append(probe.timed(changed, partial(probe.key, key)))
        name = probe.images.labels[turn % 2].name
        assert probe.images.tiles.tile(int(state.ids[start])).pills[0].text == name
        undos.append(probe.timed(changed, probe.context.undo))
    return {"label 1,000": float(np.median(labels)), "undo it": float(np.median(undos))}


def stalls(probe: Probe) -> dict[str, Stall]:
    """Return the worst stall of the event loop during each thing a user does."""
    images, grid, context = probe.images, probe.page.grid, probe.context
    state = images.grid
    some, many = np.arange(1_000, dtype=np.intp), np.arange(min(MANY, len(state) // 2), dtype=np.intp)

    def edit(indexes: NDArray[np.intp], change: Callable[[Project, Ids], Changes]) -> Callable[[], object]:
        def act() -> None:
            state.select_indexes(indexes)
            images.editing.change(lambda ids: lambda project: change(project, ids))

        return act

    doings: dict[str, Callable[[], object]] = {
        "filter": lambda: images.set_line("label:WBC"),
        "sort": lambda: images.set_line("sort:-date"),
        "group by label": lambda: images.set_line("by:label"),
        "headings off": lambda: images.set_line(""),
        "group by group": lambda: images.set_line("by:group"),
        "zoom with headings": lambda: grid.set_zoom(160),
        "group by group, jump to end": lambda: grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum()),
        "everything again": lambda: images.set_line(""),
        "select all": lambda: probe.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier),
        "filter with all selected": lambda: images.set_line("split:train"),
        "and back": lambda: images.set_line(""),
        "invert": lambda: probe.key(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier),
        "zoom": lambda: grid.set_zoom(104),
        "jump to end": lambda: probe.key(Qt.Key.Key_End),
        "label 1,000": edit(some, lambda project, ids: edits.set_label(project, ids, "RBC")),
        "undo": context.undo,
        f"label {len(many):,}": edit(many, lambda project, ids: edits.set_label(project, ids, "WBC")),
        f"undo {len(many):,}": context.undo,
        "tag 1,000": edit(some, lambda project, ids: edits.set_tag(project, ids, "seen", True)),
        "exclude 1,000": edit(some, lambda project, ids: edits.set_excluded(project, ids, True)),
        "include them": context.undo,
        f"exclude {len(many):,}": edit(many, lambda project, ids: edits.set_excluded(project, ids, True)),
        f"include {len(many):,}": context.undo,
        "only unlabelled": lambda: images.set_line("label:none"),
        "label 1,000 of them": edit(some, lambda project, ids: edits.set_label(project, ids, "RBC")),
        "undo that": context.undo,
        "everything once more": lambda: images.set_line(""),
    }
    found: dict[str, Stall] = {}
    for name, act in doings.items():
        probe.settle()
        probe.heart.start()
        act()
        probe.settle()
        found[name] = probe.heart.stop()
    return found


class Decodes:
    """Which thumbnails were begun, in order."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self.begun: list[int] = []
        pictures = probe.images.pictures
        read = pictures.thumbnail

        def noted(key: tuple[int, int]) -> QImage:
            self.begun.append(key[0])
            return to_image(read(*key))

        pictures.thumbnails._cache._load = noted

    def after_jumps(self) -> dict[str, int]:
        """Jump twenty times before a screen is there; count what was begun after the next jump and is off its screen.

        A screen ahead and one behind are wanted too, after the screen itself: `early` counts those begun before it.
        """
        grid, ids = self._probe.page.grid, self._probe.images.grid.ids
        bar, off, early, begun = grid.verticalScrollBar(), 0, 0, 0
        for part in np.linspace(0.05, 0.95, 20):
            bar.setValue(int(bar.maximum() * part))
            rest(0.002)  # the jump is known to the loader with the next turn of the event loop
            before = len(self.begun)
            rest(0.03)
            seen = grid.visible_indexes()
            length = len(seen)
            screen = set(ids[seen.start : seen.stop].tolist())
            near = set(ids[max(0, seen.start - length) : seen.stop + length].tolist())
            new = self.begun[before:]
            begun += len(new)
            off += sum(sample_id not in near for sample_id in new)
            last = max((i for i, sample_id in enumerate(new) if sample_id in screen), default=0)
            early += sum(sample_id not in screen for sample_id in new[:last])
        return {"begun": begun, "off_screen": off, "early": early}


def main() -> None:
    """Measure what the arguments say and print it."""
    what, path = sys.argv[1:]
    measured = measure_open(Path(path)) if what == "open" else measure_use(Path(path))
    with suppress(BrokenPipeError):
        print(json.dumps(measured))


if __name__ == "__main__":
    main()
