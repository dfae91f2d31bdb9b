"""A finished run as one line, where it is chosen."""

from __future__ import annotations

import json

from core.backbones.table import BACKBONES
from core.domain.runs import Run
from core.translation import tr


def run_title(run: Run) -> str:
    """Return such as “Run 4 · macro-F1 0.987”: short enough for a narrow list."""
    words = tr("Run {run}", run=run.id)
    score = json.loads(run.summary).get("metrics", {}).get("val", {}).get("macro_f1")
    if not score or score.get("value") is None:
        return words
    return words + " · " + tr("macro-F1 {score}", score=f"{score['value']:.3f}")


def backbone_title(run: Run) -> str:
    """Return such as “EfficientNet-Lite0”."""
    return BACKBONES[run.backbone].title if run.backbone in BACKBONES else run.backbone
