"""How long the Clean page keeps the window's thread busy with very many samples and 20,000 open findings.

    python -m tests.benchmarks.bench_clean_page [--json] [--samples 10000 100000] [--all] [--project FOLDER] [--where]

The real window on a project as a check leaves it (`clean_project`), everything a user does on the page: opening it,
every queue, every key, look-alikes, the map with its first components, refinement, lasso, pan and zoom, the report.
Each is told by the most that the window's thread computed at one go, between two turns of its event loop: the median
of the times it was done, and the worst. Must hold: 33 ms, the time of one frame at 30 a second, the ceiling of anything
that shall seem to be at once; of what is done several times the worst is left out, as on a machine that does other work
too even the time of computing has outliers. What size costs shows beside the smaller project: where nothing depends on
it, the columns are equal. The clock is not believed; it is in the JSON.

`--all` adds a million samples: 4 GB of disk and ten minutes; the others take three. `--project` names a folder in which
the projects are kept, and found again. `--where` says of what took too long which lines of code it was in.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

MOST_MS: Final = 33.0
USUAL: Final = (10_000, 100_000)
MILLION: Final = 1_000_000


def main(argv: Sequence[str] | None = None) -> int:
    """Measure each size in a process of its own, and print a table or one JSON object."""
    options = _parser().parse_args(argv)
    sizes = sorted({*options.samples, *([MILLION] if options.all else [])})
    found: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in sizes:
            found[count] = _measured(options.project or Path(folder), count, where=options.where)
    worst = max((_judged(turns) for size in found.values() for turns in size["ms"].values()), default=0.0)
    ok = worst <= MOST_MS and all(size["ended"] for size in found.values())
    if options.json:
        print(json.dumps({"sizes": found, "most_ms": MOST_MS, "worst_ms": worst, "ok": ok}))
    else:
        _print(found, worst)
    return int(not ok)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--samples", type=int, nargs="+", default=USUAL, metavar="N", help="sizes, 10,000 or more each")
    parser.add_argument("--all", action="store_true", help="measure a million samples too")
    parser.add_argument("--project", type=Path, metavar="FOLDER", help="where the projects are kept")
    parser.add_argument("--where", action="store_true", help="say what took too long")
    return parser


def _measured(folder: Path, count: int, *, where: bool) -> dict[str, Any]:
    """Return what a process of its own measured with `count` samples; what it did before it died is in it too."""
    command = [sys.executable, "-m", "tests.benchmarks.clean_page_probe", str(folder / f"of_{count}"), str(count)]
    command += ["--where", str(MOST_MS)] if where else []
    found: dict[str, Any] = {"ms": {}, "memory_mb": {}, "ended": False}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            name = said.pop("did", "")
            if name:
                found["ms"].setdefault(name, []).append(said["ms"])
            else:
                found.update(said)
    return found | {"ended": process.returncode == 0}


def _judged(turns: Sequence[Sequence[float]]) -> float:
    """Return the worst ms of computing, but one where a thing was done several times."""
    return sorted((turn[0] for turn in turns), reverse=True)[min(1, len(turns) - 1)]


def _shown(turns: Sequence[Sequence[float]] | None) -> str:
    if not turns:
        return f"{'–':>16}"
    ms = [turn[0] for turn in turns]
    return f"{median(ms):9.1f}{max(ms):7.1f}"


def _print(found: dict[int, dict[str, Any]], worst: float) -> None:
    names = dict.fromkeys(name for size in found.values() for name in size["ms"])
    print(f"\n{'ms at one go: median, worst':34}" + "".join(f"{count:>16,}" for count in found))
    for name in names:
        every = [size["ms"].get(name) for size in found.values()]
        too_long = any(turns and _judged(turns) > MOST_MS for turns in every)
        print(f"{name:34}" + "".join(_shown(turns) for turns in every) + ("  too long" if too_long else ""))
    for what in dict.fromkeys(what for size in found.values() for what in size["memory_mb"]):
        shown = "".join(f"{size['memory_mb'].get(what, 0):16,.0f}" for size in found.values())
        print(f"{f'MB, {what}':34}{shown}")
    for count, size in found.items():
        if not size["ended"]:
            print(f"with {count:,} samples it did not come to its end")
    print(f"worst {worst:.1f} ms, at most {MOST_MS:.0f} (one frame)")


if __name__ == "__main__":
    sys.exit(main())
