"""The right side of the import page: what the rules find, on real names of the folder."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from core.domain.labels import look_of
from core.translation import tr, tr_n
from desktop_app.pages.importing.preview import Preview, PreviewRow
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, clear, column, row, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.label_pill import LabelGlyph, LabelPill

if TYPE_CHECKING:
    from desktop_app.pages.importing.controller import ImportController

_LABELS_SHOWN = 8


class PreviewCard(Card):
    """Counts of labels and groups, and a few files as they would be imported."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("Preview"))
        self._content = QVBoxLayout()
        self._content.setSpacing(theme.px(10))
        self.add(self._content)
        self.body.addStretch(1)
        self._shown: object = object()

    def show_state(self, controller: ImportController) -> None:
        """Show what there is to show; does nothing while that is what it shows already."""
        state = (controller.preview, controller.content, controller.looking, controller.folder_error)
        if state == self._shown:
            return
        self._shown = state
        clear(self._content)
        found = controller.preview
        if found is None or controller.content is None:
            waiting = tr("What the rules find shows here, before anything is imported.")
            self._content.addWidget(text(waiting, "muted", wrap=True))
        elif controller.content.idx:
            told = tr(
                "Each pair of IDX files gives its images with their labels; those named t10k or test become test."
            )
            self._content.addWidget(text(told, "muted", wrap=True))
        elif found.error:
            self._content.addWidget(text(found.error, "bad", wrap=True, selectable=True))
        else:
            self._show(found)

    def _show(self, found: Preview) -> None:
        positions = {name: position for position, name in enumerate(found.labels)}
        self._content.addLayout(self._numbers(found))
        if found.labels:
            self._content.addLayout(self._labels(found))
        if len(found.labels) == 1 and not found.unlabelled:
            words = tr(
                "There is one label only; a classifier needs two. Was the folder meant that lies inside this one?"
            )
            self._content.addWidget(text(words, "warn", wrap=True))
        self._content.addSpacing(self.theme.px(4))
        self._content.addWidget(SectionTitle(tr("Some of the files"), self.theme))
        self._content.addLayout(self._files(found, positions))

    def _numbers(self, found: Preview) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.theme.px(28))
        grid.setVerticalSpacing(0)
        unlabelled = tr("{n} without", n=f"{found.unlabelled:,}") if found.unlabelled and found.labels else ""
        ungrouped = tr("{n} without", n=f"{found.ungrouped:,}") if found.ungrouped and found.groups else ""
        for at, (number, name, note) in enumerate(
            (
                (found.images, tr("images"), ""),
                (len(found.labels), tr("label") if len(found.labels) == 1 else tr("labels"), unlabelled),
                (found.groups, tr("group") if found.groups == 1 else tr("groups"), ungrouped),
            )
        ):
            grid.addWidget(text(f"{number:,}", "big"), 0, at)
            grid.addWidget(text(name, "small"), 1, at)
            if note:
                grid.addWidget(text(note, "warn"), 2, at)
        grid.setColumnStretch(3, 1)
        return grid

    def _labels(self, found: Preview) -> QVBoxLayout:
        rows = column(spacing=self.theme.px(6))
        largest = max(found.labels.values())
        for position, (name, count) in enumerate(list(found.labels.items())[:_LABELS_SHOWN]):
            colour, glyph, _ = look_of(position)
            head = row(LabelGlyph(self.theme, colour, glyph), ElidedLabel(name), text(f"{count:,}", "muted"), None)
            rows.addLayout(column(head, Bar(self.theme, count / largest, colour), spacing=self.theme.px(3)))
        more = len(found.labels) - _LABELS_SHOWN
        if more > 0:
            rows.addWidget(text(tr_n("and {n} more label", "and {n} more labels", more), "small"))
        return rows

    def _files(self, found: Preview, positions: dict[str, int]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.theme.px(12))
        grid.setVerticalSpacing(self.theme.px(6))
        grid.setColumnStretch(0, 1)
        for at, entry in enumerate(found.rows):
            grid.addWidget(self._name(entry), at, 0)
            if entry.label is not None:
                colour, glyph, _ = look_of(positions[entry.label])
                grid.addWidget(LabelPill(self.theme, entry.label, colour, glyph), at, 1)
            if entry.group is not None:
                grid.addWidget(text(entry.group, "small"), at, 2)
            elif found.groups:
                grid.addWidget(text(tr("no group"), "warn"), at, 2)
        return grid

    def _name(self, entry: PreviewRow) -> QLabel:
        """Return the file's name, with what the pattern matched in the accent."""
        if entry.span is None:
            return ElidedLabel(entry.name, "value", Qt.TextElideMode.ElideMiddle)
        start, end = entry.span
        before, matched, after = (html.escape(part) for part in _cut(entry.name, start, end))
        shown = QLabel(f'{before}<b><font color="{self.theme.tokens.accent}">{matched}</font></b>{after}')
        shown.setTextFormat(Qt.TextFormat.RichText)
        shown.setProperty("role", "value")
        shown.setAccessibleName(entry.name)
        shown.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return shown


class Bar(QWidget):
    """A thin bar that shows a share of the largest."""

    def __init__(self, theme: Theme, share: float, colour: str) -> None:
        super().__init__()
        self._theme, self._share, self._colour = theme, share, colour
        self.setFixedHeight(theme.px(4))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = self.height() / 2
        painter.setBrush(self._theme.colour("sunken"))
        painter.drawRoundedRect(self.rect(), radius, radius)
        painter.setBrush(QColor(self._colour))
        painter.drawRoundedRect(
            QRectF(0, 0, max(self.height(), self.width() * self._share), self.height()), radius, radius
        )


def _cut(name: str, start: int, end: int) -> tuple[str, str, str]:
    return name[:start], name[start:end], name[end:]
