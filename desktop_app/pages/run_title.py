"""A finished run as one line, where it is chosen."""

from __future__ import annotations

import json

from core.backbones.table import BACKBONES
from core.domain.runs import Run
from core.translation import tr


def run_title(run: Run) -> str:
    """Return such as “Run 4 · macro-F1 0.987 · EfficientNet-Lite0”: what matters first, where it is cut short."""
    parts = [tr("Run {run}", run=run.id)]
    score = json.loads(run.summary).get("metrics", {}).get("val", {}).get("macro_f1")
    if score and score.get("value") is not None:
        parts.append(tr("macro-F1 {score}", score=f"{score['value']:.3f}"))
    parts.append(BACKBONES[run.backbone].title if run.backbone in BACKBONES else run.backbone)
    return " · ".join(parts)
