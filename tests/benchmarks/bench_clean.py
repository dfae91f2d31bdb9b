"""What cleaning a data set is worth, beside what others do, each part in a process of its own.

    python -m tests.benchmarks.bench_clean [--json] [--only PART …]

Parts: `suspects` (wrong labels, beside cleanlab), `duplicates` (beside imagededup), `quality` (image quality, beside
CleanVision), `scale` (10,000 to 1,000,000 samples), `embedding` (beside decoding and the network alone). Each is a
benchmark of its own too, `bench_clean_PART`, and says there what its ceiling or its peer is.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

PARTS: Final = ("suspects", "duplicates", "quality", "scale", "embedding")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help="run these parts")
    args = parser.parse_args(argv)
    found: dict[str, Any] = {}
    failed = False
    for part in args.only:
        command = [sys.executable, "-m", f"tests.benchmarks.bench_clean_{part}"]
        if args.json:
            done = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, text=True, check=False)
            found[part] = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None
        else:
            print(f"\n== {part} ==", flush=True)
            done = subprocess.run(command, check=False)
        failed |= done.returncode != 0
    if args.json:
        print(json.dumps(found))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
