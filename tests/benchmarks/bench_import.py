"""How quick an import is, next to a bare walk that stats, hashes (BLAKE2b) and reads the header of the same files.

    python -m tests.benchmarks.bench_import [--files N] [--json]

Both run in processes of their own, so that their peak memory can be told; the files have been read once before, so
that both find them in the system's cache. ``core_ratio`` compares what a core was busy for, which other programs
disturb less. The import is measured at a tenth of the files too, for its memory, and cancelled once, for how long that
takes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from core.errors import Cancelled
from core.progress import CancelToken, Progress, ProgressReport

FOLDERS: Final = 50


def make_files(root: Path, count: int) -> None:
    """Write small pictures into class folders, each file with bytes of its own."""
    from tests.support.pictures import jpeg_bytes

    data = jpeg_bytes(48, 64)
    for folder in range(FOLDERS):
        (root / f"label{folder:02}").mkdir(parents=True)
    for number in range(count):
        # A comment makes the bytes differ, so that no two files have one digest.
        comment = f"{number:08}".encode()
        own = data[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[2:]
        (root / f"label{number % FOLDERS:02}" / f"slide{number // 100:05}_{number:07}.jpg").write_bytes(own)


def bare_walk(root: Path) -> tuple[float, float]:
    """Stat, hash and read the header of every file, one after the other; returns the seconds, and those of a core."""
    import hashlib

    from core.images.jpeg import read_header

    start, busy, folders, found = time.perf_counter(), time.process_time(), [str(root)], 0
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.append(entry.path)
                    continue
                entry.stat()
                with open(entry.path, "rb", buffering=0) as file:
                    data = file.read()
                hashlib.blake2b(data, digest_size=16).hexdigest()
                found += read_header(data).width > 0
    assert found
    return time.perf_counter() - start, time.process_time() - busy


def import_all(root: Path, project: Path) -> tuple[float, float]:
    """Import the folder into a new project; returns the seconds, and those of a core."""
    from core.ingest.importer import import_source
    from core.store.project import Project

    with Project.create(project) as made:
        start, busy = time.perf_counter(), time.process_time()
        import_source(made, root, progress=Progress(lambda _: None))
        return time.perf_counter() - start, time.process_time() - busy


def cancel_latency(root: Path, project: Path) -> float:
    """Cancel an import in its midst; returns the seconds until it has stopped."""
    from core.ingest.importer import import_source
    from core.store.project import Project

    token, asked = CancelToken(), [0.0]

    def ask() -> None:
        asked[0] = time.perf_counter()
        token.cancel()

    started = threading.Event()

    def report(found: ProgressReport) -> None:
        if found.done > 1000 and not started.is_set():
            started.set()
            threading.Timer(0.05, ask).start()

    with Project.create(project) as made:
        try:
            import_source(made, root, progress=Progress(report, token))
        except Cancelled:
            return time.perf_counter() - asked[0]
    return 0.0


def alone(what: str, *arguments: Path) -> tuple[float, float, float]:
    """Measure in a process of its own; returns the seconds, those of a core, and its peak memory in MB."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_import", "--only", what, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, busy, peak = map(float, ran.stdout.split())
    return seconds, busy, peak


def run_one(what: str, arguments: list[Path]) -> None:
    """Do what `alone` asked for."""
    root, busy = arguments[0], 0.0
    if what == "walk":
        seconds, busy = bare_walk(root)
    elif what == "cancel":
        seconds = cancel_latency(root, arguments[1])
    else:
        seconds, busy = import_all(root, arguments[1])
    print(seconds, busy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measure(files: int) -> dict[str, float]:
    """Return the figures."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make_files(place / "all", files)
        make_files(place / "tenth", files // 10)
        bare_walk(place / "all")
        _, _, tenth_mb = alone("import", place / "tenth", place / "small")
        # In turns, so that what else the machine does meanwhile is borne by both.
        walks, imports = [], []
        for turn in range(2):
            walks.append(alone("walk", place / "all"))
            imports.append(alone("import", place / "all", place / str(turn)))
        walk, took = (min(seconds for seconds, _, _ in runs) for runs in (walks, imports))
        walk_busy, busy = (min(core for _, core, _ in runs) for runs in (walks, imports))
        peak_mb = max(peak for _, _, peak in imports)
        return {
            "files": files,
            "bare_walk_s": walk,
            "import_s": took,
            "ratio": took / walk,
            "core_ratio": busy / walk_busy,
            "files_per_s": files / took,
            "peak_mb": peak_mb,
            "peak_mb_of_a_tenth": tenth_mb,
            "bytes_per_file": (peak_mb - tenth_mb) * 2**20 / (0.9 * files),
            "cancel_s": alone("cancel", place / "all", place / "cancelled")[0],
        }


def main() -> None:
    """Measure and print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs="*", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        run_one(arguments.only, arguments.arguments)
        return
    figures = measure(arguments.files)
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:22}{value:14,.3f}")


if __name__ == "__main__":
    main()
