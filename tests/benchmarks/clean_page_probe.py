"""What a fresh process measures of the Clean page on one project: `bench_clean_page` starts one for each size.

    python -m tests.benchmarks.clean_page_probe FOLDER COUNT [--where MS]

Makes the project in FOLDER, unless one is there; it is left as it was found. Prints a JSON object a line: each thing
that was done, with the most ms of computing the window's thread took for it at one go and those on the clock; at last
the memory. How far it is goes to the error stream.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from core.settings import Settings
from desktop_app.bootstrap import favour_the_window, make_application, make_window, warm_up
from desktop_app.context import AppContext
from tests.benchmarks.busy import Busy
from tests.benchmarks.clean_project import make_project
from tests.benchmarks.heartbeat import rest, wait_until

if TYPE_CHECKING:
    from desktop_app.pages.clean.controller import CleanController
    from desktop_app.pages.clean.page import CleanPage

QUEUES: Final = ("suspects", "conflicts", "duplicates", "leakage", "outliers", "quality", "confounds", "balance")
DECIDED: Final = ("suspects", "conflicts", "duplicates", "outliers", "quality")
ROUNDS: Final = 2
TOGETHER: Final = 24
_SETTLED_S: Final = 600.0
_REFINED_S: Final = 25.0
_MAPPED_S: Final = 1_200.0
Key = Qt.Key


class Probe:
    """The window, and what is measured of it."""

    def __init__(self, *, where_ms: float | None) -> None:
        self.app = make_application()
        self.context = AppContext(Settings(theme="light", language="en", clean_map_shown=False))
        self.window = make_window(self.context)
        self.controller = cast("CleanController", self.window.controllers["clean"])
        self.window.resize(1440, 900)
        self.window.show()
        self.garbage = favour_the_window(self.window)
        self.busy = Busy(self.window, looking=where_ms is not None)
        self.memory: dict[str, float] = {}
        self._most = where_ms or float("inf")
        rest(0.5)
        warm_up(self.window)
        self.settle()
        self.remember("an empty window")

    def settle(self) -> None:
        """Wait until nothing is under way; raises `TimeoutError` with what is."""
        try:
            for pause_s in (0.05, 0.12):
                wait_until(lambda: not self.context.tasks.active, timeout_s=_SETTLED_S, every_ms=5)
                rest(pause_s)
        except TimeoutError as error:
            raise TimeoutError(f"still at it: {', '.join(job.title for job in self.context.tasks.active)}") from error

    def did(self, name: str, act: Callable[[], object], until: Callable[[], object] | None = None) -> None:
        """Measure `act` and all that it sets going."""
        self.busy.start()
        act()
        (until or self.settle)()
        turn = self.busy.stop()
        print(json.dumps({"did": name, "ms": turn}), flush=True)
        print(f"{time.perf_counter() - _STARTED_S:6.0f} s  {name:34}{turn[0]:7.1f} ms", file=sys.stderr, flush=True)
        for line in self.busy.where if turn[0] > self._most else ():
            print(f"{'':12}{line}", file=sys.stderr, flush=True)

    def press(self, key: Qt.Key) -> None:
        """Press a key where the cases have the keyboard."""
        QTest.keyClick(self.window.current_page(), key)

    def remember(self, what: str) -> None:
        """Note the memory that is in use."""
        self.memory[what] = psutil.Process().memory_info().rss / 2**20

    def close(self) -> None:
        """End everything."""
        self.window.close()
        self.garbage.close()
        self.busy.close()
        self.app.processEvents()


_STARTED_S: Final = time.perf_counter()


def measure(path: Path, *, where_ms: float | None) -> None:
    """Do what a user does, and print what it took."""
    probe = Probe(where_ms=where_ms)
    probe.did("open the project", lambda: probe.context.open_project(path))
    probe.remember("the project open")
    probe.did("show the page", lambda: probe.context.show("clean"))
    _walk(probe)
    _decide(probe)
    _together(probe)
    probe.did("count the stale", probe.controller.count_stale)
    probe.did("show another page", lambda: probe.context.show("images"))
    probe.did("show the page again", lambda: probe.context.show("clean"))
    probe.remember("the Clean page")
    _map(probe)
    probe.remember("the map")
    for name in ("report.html", "report.pdf"):
        probe.did(f"save {name}", partial(probe.controller.save_report, path.parent / name))
    print(json.dumps({"memory_mb": probe.memory}), flush=True)
    probe.close()


def _walk(probe: Probe) -> None:
    """Open every queue, and look at some cases of each."""
    for queue in QUEUES:
        probe.did(f"open {queue}", partial(probe.controller.open_queue, queue))
        for key in (Key.Key_J, Key.Key_J, Key.Key_Left, Key.Key_S):
            probe.did(f"walk {queue}", partial(probe.press, key))


def _decide(probe: Probe) -> None:
    """Press every key that decides, and take some back."""
    for queue in DECIDED:
        probe.did("open a queue again", partial(probe.controller.open_queue, queue))
        for name, key in (("Enter", Key.Key_Return), ("K", Key.Key_K), ("X", Key.Key_X), ("2", Key.Key_2)) * ROUNDS:
            probe.did(f"{name} in {queue}", partial(probe.press, key))
        for _ in range(2 * ROUNDS):
            probe.did(f"U in {queue}", partial(probe.press, Key.Key_U))
    probe.did("open a queue again", partial(probe.controller.open_queue, "duplicates"))
    for _ in range(3):
        case = probe.controller.case
        assert case is not None
        probe.did("choose the best", partial(probe.controller.choose_best, case.members[-1]))
        probe.did("Enter in duplicates", partial(probe.press, Key.Key_Return))


def _together(probe: Probe) -> None:
    """Review many cases at once."""
    controller = probe.controller
    probe.did("open a queue again", partial(controller.open_queue, "suspects"))
    for key in (Key.Key_Return, Key.Key_K):
        cases = [finding.id for finding in controller.line.found[:TOGETHER]]
        probe.did("review together", partial(controller.together.open, cases))
        probe.did("leave one out", partial(controller.together.toggle, cases[1]))
        probe.did("decide together", partial(probe.press, key))
        probe.did("U of many", partial(probe.press, Key.Key_U))


def _map(probe: Probe) -> None:
    """Make the map, look around in it, choose with it."""
    page, controller = cast("CleanPage", probe.window.current_page()), probe.controller.map
    shown = lambda: wait_until(lambda: controller.mapped is not None, timeout_s=_MAPPED_S, every_ms=5)  # noqa: E731
    probe.did("make the map", page.map.unfold.click, shown)
    probe.did("refine the map", lambda: None, lambda: rest(_REFINED_S))
    probe.did("stop the map", controller.stop, lambda: wait_until(lambda: controller.report is None, _SETTLED_S, 5))
    probe.settle()
    plot = page.map.panel.plot
    painted = lambda: wait_until(lambda: plot.complete, timeout_s=_SETTLED_S, every_ms=5)  # noqa: E731
    for _ in range(10):
        probe.did("zoom the map", lambda: plot.zoom(1.2, QPointF(300, 100)), lambda: rest(0.03))
        probe.did("move the map", lambda: plot.move_by(17, 5), lambda: rest(0.03))
        probe.did("point at the map", lambda: plot.hover_at(310, 90), lambda: rest(0.03))
    probe.did("paint the map", plot.reset, painted)
    for by in type(controller.by):
        probe.did("colour the map", partial(controller.choose_colour, by))
    plot.set_lassoing(True)
    probe.did("draw a lasso", partial(_draw, probe), lambda: rest(0.3))
    probe.settle()
    probe.did("show the chosen in Images", controller.show_in_images)
    probe.did("show the page with the map", lambda: probe.context.show("clean"))
    probe.did("choose none", plot.select_none, painted)
    for name, key in (("X", Key.Key_X), ("U", Key.Key_U), ("J", Key.Key_J)) * ROUNDS:
        probe.did(f"{name} beside the map", partial(probe.press, key))


def _draw(probe: Probe) -> None:
    """Draw a circle around half of the map."""
    page = cast("CleanPage", probe.window.current_page())
    plot = page.map.panel.plot
    middle, reach = np.array([plot.width(), plot.height()]) / 2, plot.height() * 0.45
    turns = np.linspace(0, 2 * np.pi, 60)
    points = [
        QPoint(*point) for point in (middle + reach * np.stack([np.cos(turns), np.sin(turns)], 1)).astype(int).tolist()
    ]
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points:
        QTest.mouseMove(plot, point)
        probe.app.processEvents()
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=points[-1])


def main() -> int:
    """Measure one project."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--where", type=float, metavar="MS", help="say what took longer")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {f"COVERSLIP_{name}_DIR": f"{folder}/{name}" for name in ("CONFIG", "DATA", "LOG", "CACHE")}
        made = options.folder / "big.coverslip"
        if not made.is_dir():
            print(f"making a project of {options.count:,} samples", file=sys.stderr, flush=True)
            _make(options.folder, options.count)
        # What is decided stays in the copy: the next time finds as much to do.
        work = Path(folder) / "big.coverslip"
        shutil.copytree(made, work, copy_function=_copied)
        measure(work, where_ms=options.where)
    return 0


def _make(folder: Path, count: int) -> None:
    """Make the project; nothing of it stays where that fails, or it would be taken for whole the next time."""
    folder.mkdir(parents=True)
    try:
        make_project(folder, count)
    except BaseException:
        shutil.rmtree(folder)
        raise


def _copied(source: str, target: str) -> None:
    """Copy what will be changed; of large files that are not, make another name."""
    if source.endswith(".features"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


if __name__ == "__main__":
    sys.exit(main())
