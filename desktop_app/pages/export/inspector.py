"""The inspector of the Export page: labels in order, what goes in and what comes out, and how good it is."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from core.domain.task import Task
from core.kit.metadata import INPUT_NAME, OUTPUT_NAMES, KitMetadata
from core.translation import mark, tr
from desktop_app.pages.export.controller import ExportController
from desktop_app.pages.export.setup_panel import score_words
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import SectionTitle, clear, rule, text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.facts import FactList
from desktop_app.widgets.label_pill import LabelGlyph

_MOST_LABELS = 40
_METRICS = (
    ("macro_f1", mark("Macro-F1")),
    ("balanced_accuracy", mark("Balanced")),
    ("accuracy", mark("Accuracy")),
    ("mean_average_precision", mark("Average precision")),
    ("exact_match", mark("All labels right")),
)
_RESIZE = {
    "stretch": mark("stretched"),
    "crop": mark("cropped to a square, resized"),
    "pad": mark("padded to a square, resized"),
    "native": mark("cut at native scale"),
}


class ExportInspector(QWidget):
    """What a programmer of the receiving team asks first."""

    def __init__(self, controller: ExportController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(14),) * 4)
        layout.setSpacing(theme.px(GRID * 1.25))
        self._labels = QGridLayout()
        self._labels.setHorizontalSpacing(theme.px(8))
        self._labels.setVerticalSpacing(theme.px(6))
        self._labels.setColumnStretch(2, 1)
        self._input, self._output, self._quality = FactList(theme), FactList(theme), FactList(theme)
        self._quality_words = text("", "muted", wrap=True)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(theme.px(GRID * 1.25))
        body.addWidget(SectionTitle(tr("Labels, in order"), theme))
        body.addLayout(self._labels)
        for title, facts in ((tr("Input"), self._input), (tr("Output"), self._output), (tr("Quality"), self._quality)):
            body.addWidget(rule())
            body.addWidget(SectionTitle(title, theme))
            body.addWidget(facts)
        body.addWidget(self._quality_words)
        self._nothing = text(
            tr("Once a model is exported, its labels, input and output are described here."), "muted", wrap=True
        )
        layout.addWidget(self._nothing)
        layout.addWidget(self._body)
        layout.addStretch(1)
        controller.kits_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        kit = self._controller.shown_kit()
        contents = kit.contents if kit is not None else None
        self._body.setVisible(contents is not None)
        self._nothing.setVisible(contents is None)
        if contents is None:
            return
        metadata = contents.metadata
        self._show_labels(metadata)
        self._input.show_facts(_input_facts(metadata))
        self._output.show_facts(_output_facts(metadata))
        facts, words = _quality(metadata.metrics)
        self._quality.show_facts(facts)
        self._quality_words.setText(words)

    def _show_labels(self, metadata: KitMetadata) -> None:
        clear(self._labels)
        for index, label in enumerate(metadata.labels[:_MOST_LABELS]):
            self._labels.addWidget(text(str(index), "muted"), index, 0)
            self._labels.addWidget(LabelGlyph(self._theme, label.colour, label.glyph), index, 1)
            self._labels.addWidget(ElidedLabel(label.name), index, 2)
        rest = len(metadata.labels) - _MOST_LABELS
        if rest > 0:
            self._labels.addWidget(text(tr("and {n} more, in labels.txt", n=rest), "muted"), _MOST_LABELS, 2)


def _input_facts(metadata: KitMetadata) -> list[tuple[str, str]]:
    resize = tr(_RESIZE.get(str(metadata.preprocess.get("resize")), ""))
    return [
        (tr("Name"), INPUT_NAME),
        (tr("Type"), "uint8"),
        (tr("Shape"), "N × H × W × 3"),
        (tr("Pixels"), tr("RGB as decoded, any height and width")),
        (tr("Inside"), tr("{resize} to {size} × {size}, normalised", resize=resize, size=metadata.size)),
    ]


def _output_facts(metadata: KitMetadata) -> list[tuple[str, str]]:
    return [
        (tr("Names"), ", ".join(OUTPUT_NAMES)),
        (tr("Type"), "float32"),
        (tr("Shape"), f"N × {len(metadata.labels)}"),
        *_reading_facts(metadata),
    ]


def _reading_facts(metadata: KitMetadata) -> list[tuple[str, str]]:
    if metadata.task is Task.SINGLE:
        return [(tr("Calibrated"), tr("temperature {value}", value=f"{metadata.temperature:.3g}"))]
    pairs = zip(metadata.label_names[:_MOST_LABELS], metadata.thresholds, strict=False)
    thresholds = ", ".join(f"{name} {least:.2f}" for name, least in pairs)
    return [(tr("Calibrated"), tr("each label by itself")), (tr("Thresholds"), thresholds)]


def _quality(metrics: dict[str, Any]) -> tuple[list[tuple[str, str]], str]:
    """Return the facts of the test split (else of validation), and what they were measured on."""
    split = next((name for name in ("test", "val") if name in metrics), None)
    if split is None:
        return [], tr("Not measured: the project has no test split.")
    found = metrics[split]
    facts = []
    for name, title in _METRICS:
        score = found.get("metrics", {}).get(name) or {}
        if score.get("value") is not None:
            facts.append((tr(title), score_words(score)))
    where = tr("test images") if split == "test" else tr("validation images")
    words = tr(
        "On {n} {where} in {groups} groups; 95 % intervals.", n=found.get("n"), where=where, groups=found.get("groups")
    )
    return facts, words
