"""What stops a verb with a sentence instead of a traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence


class SetUpError(Exception):
    """The machine lacks something; the message says what, and what to do."""


def say(text: str) -> None:
    """Tell the developer, on stderr: stdout belongs to what the verb runs."""
    print(text, file=sys.stderr, flush=True)


def succeeds(command: Sequence[str]) -> bool:
    """Say whether `command` can be run and ends well, without showing what it prints."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
