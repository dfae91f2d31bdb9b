"""What cleaning a data set is worth, beside what others do, each part in a process of its own.

    python -m tests.benchmarks.bench_clean [--json] [--all] [--only PART …]

Parts: `suspects` (wrong labels, beside cleanlab), `duplicates` (beside imagededup), `quality` (image quality, beside
CleanVision), `scale` (how the cost of the checks grows), `embedding` (beside decoding and the network alone), `page`
(how long the window is kept busy; at most one frame). Each is a benchmark of its own too, `bench_clean_PART`, and says
there what its ceiling or its peer is. `--all` lets those that grow with the number of samples go on to a million.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

PARTS: Final = ("suspects", "duplicates", "quality", "scale", "embedding", "page")
GROWING: Final = frozenset({"scale", "page"})


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help="run these parts")
    parser.add_argument("--all", action="store_true", help="measure a million samples too")
    args = parser.parse_args(argv)
    found: dict[str, Any] = {}
    failed = False
    for part in args.only:
        command = [sys.executable, "-m", f"tests.benchmarks.bench_clean_{part}"]
        command += ["--all"] if args.all and part in GROWING else []
        if args.json:
            said = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, text=True, check=False)
            found[part] = json.loads(said.stdout.splitlines()[-1]) if said.stdout.strip() else None
            failed |= said.returncode != 0
        else:
            print(f"\n== {part} ==", flush=True)
            failed |= subprocess.run(command, check=False).returncode != 0
    if args.json:
        print(json.dumps(found))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
