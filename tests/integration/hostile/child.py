"""The process in which cases run: takes their names line by line, and answers with what became of each.

``python -m tests.integration.hostile.child KIT FOLDER``; what is printed by whatever runs here goes to stderr.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import psutil

_SLOW_TO_IMPORT = (
    *("onnxruntime", "tifffile", "imagecodecs", "pydicom", "pydicom.pixels.processing", "pydicom.pixels.decoders"),
    *("pyarrow.parquet", "python_calamine", "openslide", "pillow_heif", "av", "cv2", "simplejpeg", "defusedxml"),
    *("PIL.Image", "PIL.WebPImagePlugin", "PIL.GifImagePlugin", "PIL.BmpImagePlugin", "openpyxl", "core.cli.import_"),
)


def main(kit: Path, folder: Path) -> None:
    """Run the cases named on standard input until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    from tests.integration.hostile.corpus import CASES
    from tests.integration.hostile.images import GOOD, good
    from tests.integration.hostile.outcome import Predicting, run_case
    from tests.support.guards import offline

    by_id = {case.id: case for case in CASES}
    # What is measured is the cases, not the loading of what they need.
    for name in _SLOW_TO_IMPORT:
        importlib.import_module(name)
    for name in GOOD:
        good(name)
    predicting = Predicting(kit)
    print("ready", file=answers, flush=True)
    for number, line in enumerate(sys.stdin):
        place = folder / str(number)
        before = _forget_peak()
        with offline() as tried:
            found = run_case(by_id[json.loads(line)], place, predicting)
        found |= {"rose_mb": (_peak() - before) / 2**20, "network": [str(address) for address in tried]}
        print(json.dumps(found), file=answers, flush=True)
        shutil.rmtree(place, ignore_errors=True)


def _forget_peak() -> int:
    """Start measuring the highest memory anew, where the system can; returns the bytes held now."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return int(psutil.Process().memory_info().rss)


def _peak() -> int:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
