"""A run: one training, from its configuration to its best checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RunState(StrEnum):
    """Where a run stands. `INTERRUPTED` is a run whose process died: it can be resumed from its last checkpoint."""

    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


RESUMABLE = frozenset({RunState.PAUSED, RunState.INTERRUPTED, RunState.FAILED})
USABLE = frozenset({RunState.DONE, RunState.STOPPED})


@dataclass(frozen=True, slots=True)
class Run:
    """One training.

    `config` and `summary` are JSON texts: the validated TrainConfig, and what the run reached (best epoch, seconds,
    metrics). Its files are in ``runs/ID/`` of the project.
    """

    id: int
    state: RunState
    backbone: str
    created_at: str
    ended_at: str | None
    config: str
    summary: str
