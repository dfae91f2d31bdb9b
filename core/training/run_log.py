"""The log of a run: its events as lines of JSON in ``runs/ID/metrics.jsonl``, so that curves can be drawn again.

It can be read while it is written, and after a kill: a torn line is passed over, and what a resumed run did a second
time counts once, as it was the last time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final

from core.errors import BugError
from core.paths import disk_errors
from core.store.project import Project
from core.store.runs import run_dir
from core.training.events import EpochDone, Preparing, StageStarted, StepDone, TrainEvent, from_json, to_json

_NAME: Final = "metrics.jsonl"


class RunLog:
    """Appends events to the log of a run; use it as a context."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        with disk_errors(self._path):
            torn = _ends_torn(self._path)
            self._file = self._path.open("a", encoding="utf-8")
            if torn:
                self._file.write("\n")

    def write(self, event: TrainEvent) -> None:
        """Append an event, to be seen by readers at once; `Preparing` is not worth keeping."""
        if isinstance(event, Preparing):
            return
        with disk_errors(self._path):
            self._file.write(json.dumps(to_json(event)) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> RunLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_events(project: Project, run_id: int) -> list[TrainEvent]:
    """Return the events of a run so far, in order; none where it has not begun."""
    path = run_dir(project, run_id) / _NAME
    if not path.is_file():
        return []
    events: dict[tuple[object, ...], TrainEvent] = {}
    with path.open("rb") as file:
        for place, event in enumerate(_parsed(file.read().split(b"\n"))):
            key = _identity(event) or (place,)
            # Taken out first: what was done again stands where it was done last.
            events.pop(key, None)
            events[key] = event
    return list(events.values())


def _parsed(lines: list[bytes]) -> Iterator[TrainEvent]:
    for line in lines:
        try:
            value = json.loads(line)
            if isinstance(value, dict):
                yield from_json(value)
        except (ValueError, TypeError, BugError):
            continue


def _identity(event: TrainEvent) -> tuple[object, ...]:
    match event:
        case StepDone():
            return ("step", event.epoch, event.step)
        case EpochDone():
            return ("epoch", event.epoch)
        case StageStarted():
            return ("stage", event.first_epoch)
        case _:
            return ()


def _ends_torn(path: Path) -> bool:
    """Tell whether the file ends within a line."""
    if not path.is_file() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) != b"\n"
