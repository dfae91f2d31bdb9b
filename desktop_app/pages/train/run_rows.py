"""A run as a row of the runs table."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from PySide6.QtGui import QIcon

from core.backbones.table import BACKBONES
from core.domain.runs import Run, RunState
from core.translation import mark, tr
from desktop_app.widgets.data_table import Cell

STATE_ICONS: Final = {
    RunState.RUNNING: ("play", "accent"),
    RunState.PAUSED: ("pause", "warn"),
    RunState.INTERRUPTED: ("warning", "warn"),
    RunState.STOPPED: ("stop", "muted"),
    RunState.DONE: ("check", "good"),
    RunState.FAILED: ("error", "bad"),
}
STATE_WORDS: Final = {
    RunState.RUNNING: mark("running"),
    RunState.PAUSED: mark("paused: it can be resumed"),
    RunState.INTERRUPTED: mark("interrupted: it can be resumed"),
    RunState.STOPPED: mark("stopped, its best epoch kept"),
    RunState.DONE: mark("finished"),
    RunState.FAILED: mark("failed: it can be resumed"),
}
STRATEGY_WORDS: Final = {"head": mark("head only"), "staged": mark("head + {n} stages"), "whole": mark("whole network")}


def run_cells(run: Run, icon: QIcon) -> list[Cell]:
    """Return the cells: number with state, backbone with strategy, validation macro-F1 with its interval, time."""
    config, summary = json.loads(run.config), json.loads(run.summary)
    backbone = BACKBONES[run.backbone].title if run.backbone in BACKBONES else run.backbone
    strategy = tr(STRATEGY_WORDS.get(config.get("strategy", ""), ""), n=config.get("stages", ""))
    network = f"{backbone}\n{strategy}"
    time = duration(_seconds(run, summary))
    return [
        Cell(str(run.id), icon, tip=tr(STATE_WORDS[run.state])),
        Cell(network, tip=f"{backbone} · {strategy} · {time}"),
        Cell(metric_text(summary.get("metrics", {}).get("val", {}).get("macro_f1"))),
        Cell(time),
    ]


def metric_text(metric: Any) -> str:
    """Return ``0.987 (0.974–0.995)`` of a metric's JSON; a dash where there is none."""
    if not metric or metric.get("value") is None:
        return "–"
    value = f"{metric['value']:.3f}"
    known = metric.get("low") is not None
    return f"{value} ({metric['low']:.3f}–{metric['high']:.3f})" if known else value


def duration(seconds: float | None) -> str:
    """Return a time as a person says it: ``42 s``, ``9 min``, ``2 h 05 min``."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return tr("{n} s", n=f"{seconds:.0f}")
    minutes = round(seconds / 60)
    if minutes < 60:
        return tr("{n} min", n=minutes)
    return tr("{h} h {m} min", h=minutes // 60, m=f"{minutes % 60:02d}")


def _seconds(run: Run, summary: dict[str, Any]) -> float | None:
    if run.state is RunState.RUNNING:
        return None
    if summary.get("seconds") is not None:
        return float(summary["seconds"])
    if run.ended_at is None:
        return None
    return (datetime.fromisoformat(run.ended_at) - datetime.fromisoformat(run.created_at)).total_seconds()
