"""The tables by label of the Evaluate page: of one label an image, and of many."""

from __future__ import annotations

import math
from typing import Final

from core.domain.metrics import Metric
from core.evaluation.intervals import LabelMetrics
from core.evaluation.multilabel import MultiLabelMetrics
from core.translation import mark
from desktop_app.widgets.data_table import Cell

SINGLE_HEADER: Final = (mark("Label"), mark("Images"), mark("Precision"), mark("Recall"), mark("F1 (95 %)"))
MULTI_HEADER: Final = (
    mark("Label"),
    mark("Images"),
    mark("Threshold"),
    mark("AP"),
    mark("Precision"),
    mark("Recall"),
    mark("F1"),
)


def number_cells(found: LabelMetrics | MultiLabelMetrics) -> list[Cell]:
    """Return the cells of a label after its name."""
    cells = [Cell(f"{found.support:,}", number=True)]
    if isinstance(found, MultiLabelMetrics):
        threshold = "–" if math.isnan(found.threshold) else f"{found.threshold:.2f}"
        scores = (found.average_precision, found.precision, found.recall, found.f1)
        return [*cells, Cell(threshold, number=True), *map(_cell, scores)]
    interval = f" ({interval_text(found.f1)})" if interval_text(found.f1) else ""
    return [*cells, _cell(found.precision), _cell(found.recall), Cell(number_text(found.f1.value) + interval)]


def number_text(value: float) -> str:
    """Return a share with three digits; a dash where it is unknown."""
    return "–" if math.isnan(value) else f"{value:.3f}"


def interval_text(metric: Metric) -> str:
    """Return the interval, or nothing where it is unknown."""
    return "" if math.isnan(metric.low) else f"{metric.low:.3f}–{metric.high:.3f}"


def _cell(metric: Metric) -> Cell:
    return Cell(number_text(metric.value), number=True, tip=interval_text(metric))
