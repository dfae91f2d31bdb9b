"""The selected sample at the right: its picture, what is known of it, what happened to it, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from core.domain.samples import Sample, SampleState
from core.translation import tr, tr_n
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.sample_findings import SampleFindings
from desktop_app.pages.images.sample_words import (
    added_words,
    history_words,
    size_words,
    telling,
)
from desktop_app.pages.images.tiles import SPLIT_NAMES, state_words
from desktop_app.theme import Theme
from desktop_app.widgets.amounts import bytes_words
from desktop_app.widgets.basics import SectionTitle, button, clear, row, text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.key_button import KeyButton
from desktop_app.widgets.picture_box import PictureBox

_PICTURE_PX: Final = 512
_HISTORY_LINES: Final = 4


class SampleInspector(QWidget):
    """Shows the current sample; follows the grid a moment behind, so that running through it stays quick."""

    def __init__(self, controller: ImagesController, theme: Theme, open_sample: Callable[[], object]) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self._pictures = controller.pictures.previews
        self._shown_id: int | None = None
        self._head = SectionTitle(tr("Selection"), theme)
        self._picture = PictureBox(theme)
        self._picture.opened.connect(open_sample)
        self._facts = QGridLayout()
        self._facts.setColumnStretch(1, 1)
        self._facts.setColumnMinimumWidth(0, theme.px(80))
        self._facts.setVerticalSpacing(theme.px(3))
        self.findings = SampleFindings(controller.context, theme)
        self._history = QVBoxLayout()
        self._history.setSpacing(theme.px(2))
        self.exclude = KeyButton(theme, tr("Exclude"), tr("Del"), controller.editing.exclude)
        self.open = KeyButton(theme, tr("Open"), tr("Space"), open_sample)
        self._nothing = text(tr("Select an image to see it here."), "muted", wrap=True)
        self._body = QWidget()
        self._build()
        self._later = QTimer(self, singleShot=True, interval=30)
        self._later.timeout.connect(self._refresh)
        for signal in (
            controller.grid.current_changed,
            controller.grid.selection_changed,
            controller.tiles_changed,
            controller.labels_changed,
        ):
            signal.connect(self._later.start)
        self._pictures.loaded.connect(self._show_picture)
        self._refresh()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(self._theme.px(8), 0, self._theme.px(8), 0)
        layout.setSpacing(self._theme.px(10))
        layout.addWidget(self._head)
        layout.addWidget(self._nothing)
        layout.addWidget(self._body)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(self._theme.px(10))
        body.addWidget(self._picture)
        body.addLayout(self._facts)
        body.addLayout(row(self.exclude, self.open, None, spacing=self._theme.px(8)))
        body.addWidget(self.findings)
        body.addLayout(self._history)

    def _refresh(self) -> None:
        sample = self._controller.shown_sample()
        chosen = self._controller.grid.selected_count
        self._set_head(tr_n("{n} selected", "{n} selected", chosen) if chosen else tr("Selection"))
        self._nothing.setVisible(sample is None)
        self._body.setVisible(sample is not None)
        self._shown_id = sample.id if sample is not None else None
        self.findings.show_sample(self._shown_id)
        if sample is None:
            return
        if sample.problem is None:
            self._pictures.want([sample.id], _PICTURE_PX)
        self._show_picture()
        self._show_facts(sample)
        self._show_history(sample)
        self.exclude.set_content(tr("Include again") if sample.excluded else tr("Exclude"))
        self.exclude.setEnabled(chosen > 0)

    def _set_head(self, words: str) -> None:
        self._head.setText(words.upper())
        self._head.setAccessibleName(words)

    def _show_picture(self) -> None:
        sample_id = self._shown_id
        if sample_id is None:
            return
        image = self._pictures.image(sample_id, _PICTURE_PX)
        if image is None:
            image = self._controller.pictures.thumbnails.image(sample_id, 128)
        sample = self._controller.records.sample(sample_id)
        problem = tr(sample.problem) if sample is not None and sample.problem else None
        self._picture.show_image(image, problem or self._pictures.failure(sample_id, _PICTURE_PX))
        self._picture.setAccessibleName(sample.name if sample is not None else "")

    def _show_facts(self, sample: Sample) -> None:
        rows: list[tuple[str, str, str]] = [(tr("File"), sample.name, "")]
        if sample.group is not None:
            rows.append((tr("Group"), sample.group, ""))
        if not sample.problem:
            rows.append((tr("Size"), size_words(sample), ""))
        rows.append((tr("On disk"), bytes_words(sample.size_bytes), ""))
        split = tr(SPLIT_NAMES[sample.split])
        rows.append((tr("Split"), tr("{split} (kept)", split=split) if sample.pinned else split, ""))
        if sample.tags:
            rows.append((tr("Tags"), ", ".join(sample.tags), ""))
        if sample.state is not SampleState.NONE:
            rows.append((tr("State"), state_words(sample), "warn"))
        if sample.excluded:
            rows.append((tr("Used"), tr("excluded from everything"), "warn"))
        if sample.problem:
            rows.append((tr("Problem"), tr(sample.problem), "bad"))
        clear(self._facts)
        for index, (name, value, role) in enumerate(rows):
            self._facts.addWidget(text(name, "small"), index, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(self._value(value, role), index, 1)

    def _value(self, value: str, role: str) -> QLabel:
        if role == "bad":
            return text(value, role, wrap=True, selectable=True)
        label = ElidedLabel(value, role or "value", Qt.TextElideMode.ElideMiddle)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _show_history(self, sample: Sample) -> None:
        items = telling(self._controller.history(sample.id))
        names = self._controller.history_names()
        lines = [history_words(item, self._controller.labels_by_id, names=names) for item in items[:_HISTORY_LINES]]
        if len(items) > _HISTORY_LINES:
            lines.append(tr_n("and {n} earlier change", "and {n} earlier changes", len(items) - _HISTORY_LINES))
        lines.append(added_words(sample))
        clear(self._history)
        self._history.addWidget(SectionTitle(tr("History"), self._theme))
        for line in lines:
            self._history.addWidget(ElidedLabel(line, "small"))
        context, name = self._controller.context, sample.name
        show = button(
            tr("Show in the history"), lambda: context.show("history", sample=sample.id, name=name), kind="link"
        )
        show.setProperty("flush", "true")  # its text begins where that of the lines above does
        self._history.addLayout(row(show, None))
