"""How the real window does with a million images: everything that a user does on the Images page, and opening it.

    python -m tests.benchmarks.bench_grid [--json] [--counts 10000 1000000]

Projects of both sizes are made, their paths leading to 2,000 small JPEGs, and each is opened in the real window (Qt's
offscreen platform) in processes of its own. Everything is compared within one run, because the machine differs from
one to the next. The ceilings:

* first paint of the page, a step of scrolling (95th percentile), giving 1,000 selected images a label (from the key
  until the tiles show it) and its undo: at most 1.5 times what they cost at 10,000;
* filtering, sorting and grouping: at most 1.5 times the bare SQL of the same query, fetched;
* a frame while scrolling and jumping, with and without headings, thumbnails arriving: at most 33 ms;
* opening: at most 2 s longer than an empty project takes, and 600 MB more resident memory;
* thumbnails: none is begun for what a jump has left behind, none of the neighbouring screens before the screen itself;
* a stall of the event loop, whatever the user does: at most 33 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from core.store.project import Project
from tests.benchmarks.big_project import big_project

COUNTS: Final = (10_000, 1_000_000)
RATIO: Final = 1.5
FRAME_MS: Final = 33.0
OPEN_MS: Final = 2_000.0
MEMORY_MB: Final = 600.0
COMPARED: Final = ("first paint", "scroll step p95", "scroll step p95 with headings", "label 1,000", "undo it")


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the table: what was measured at few and at many images, against what, and whether it holds."""

    name: str
    few: float
    many: float
    against: float
    ceiling: str
    holds: bool


def bars(empty: Mapping[str, Any], few: Mapping[str, Any], many: Mapping[str, Any]) -> Iterator[Bar]:
    """Yield the rows from what the processes measured."""
    for name in COMPARED:
        small, large = few["times"][name], many["times"][name]
        yield Bar(name, small, large, small, f"≤ {RATIO} × the few", large <= RATIO * small)
    for name, bare in many["bare"].items():
        small, large = few["times"][name], many["times"][name]
        yield Bar(name, small, large, bare, f"≤ {RATIO} × bare SQL", large <= RATIO * bare)
    for name in ("longest frame", "longest frame with headings"):
        small, large = few["times"][name], many["times"][name]
        yield Bar(name, small, large, FRAME_MS, f"≤ {FRAME_MS:.0f} ms", large <= FRAME_MS)
    opening = "open, to the first tiles"
    small, large, none = (one["first_tiles_ms"] for one in (few, many, empty))
    yield Bar(opening, small, large, none, f"≤ {OPEN_MS:.0f} ms more than empty", large <= none + OPEN_MS)
    small, large, none = (one["rss_mb"] for one in (few, many, empty))
    yield Bar(
        "resident memory, MB", small, large, none, f"≤ {MEMORY_MB:.0f} more than empty", large <= none + MEMORY_MB
    )
    for name in ("off_screen", "early"):
        small, large = few["decodes"][name], many["decodes"][name]
        yield Bar(f"thumbnails begun {name.replace('_', '-')}", small, large, 0, "none", large == 0)
    for name, (large, _) in many["stalls"].items():
        small = few["stalls"].get(name, [0.0])[0]
        yield Bar(f"stall: {name}", small, large, FRAME_MS, f"≤ {FRAME_MS:.0f} ms", large <= FRAME_MS)


def probe(what: str, project: Path, home: Path) -> dict[str, Any]:
    """Return what a fresh process measures."""
    own = {f"COVERSLIP_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "LOG")}
    command = [sys.executable, "-m", "tests.benchmarks.grid_probe", what, str(project)]
    done = subprocess.run(command, env=os.environ | own, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measure(folder: Path, count: int) -> dict[str, Any]:
    """Return what opening and using a project of `count` samples costs."""
    home = folder / str(count)
    home.mkdir()
    project = big_project(home, count, pictures=True) if count else Project.create(home / "big")
    project.close()
    found = probe("open", project.root, folder)
    return found | (probe("use", project.root, folder) if count else {})


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--counts", type=int, nargs=2, default=COUNTS, metavar=("FEW", "MANY"))
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        empty, few, many = (measure(Path(folder), count) for count in (0, *options.counts))
    rows = list(bars(empty, few, many))
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if options.json:
        print(json.dumps({"counts": options.counts, "load": load, "bars": [asdict(row) for row in rows]}))
        return 0
    small, large = options.counts
    print(f"{'ms':40}{small:>12,}{large:>12,}{'against':>10}  load {load:.1f} on {os.cpu_count()} cores")
    for row in rows:
        verdict = "holds" if row.holds else "MISSED"
        print(f"{row.name:40}{row.few:12.1f}{row.many:12.1f}{row.against:10.1f}  {row.ceiling:28} {verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
