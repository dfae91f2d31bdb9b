#!/usr/bin/env python3
"""The developer's door to Coverslip: `python build_scripts/dev.py VERB`; see `--help`.

This file must stay readable by any Python 3, so that an old one is told in words which Python is needed; everything
else is in `verbs.py` beside it. Standard library only: it runs before anything is installed.
"""

import os
import shutil
import sys
from typing import Callable, Optional, Tuple

NEEDED = (3, 11)


def too_old(version: Tuple[int, ...], find: Callable[[str], Optional[str]] = shutil.which) -> str:
    """Return the sentence that says which Python is needed, naming one that is installed, or nothing."""
    if version >= NEEDED:
        return ""
    sentence = "Coverslip needs Python 3.11 or newer; this is Python {}.{}.".format(*version)
    for name in ("python3.13", "python3.12", "python3.11"):
        if find(name):
            return sentence + " Run it as: {} build_scripts/dev.py ...".format(name)
    return sentence + " Install one from your system's packages or python.org, and run this again with it."


def main() -> int:
    """Check the Python version, then do what the verb says."""
    complaint = too_old(tuple(sys.version_info[:2]))
    if complaint:
        sys.stderr.write(complaint + "\n")
        return 1
    # Instead of this folder, whose module names are not for everybody.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    from build_scripts.verbs import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
