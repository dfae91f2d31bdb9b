"""The counts of a preview: how many images, by label, group, split and tag, and what cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.domain.labels import look_of
from core.domain.samples import Split
from core.translation import mark, tr, tr_n
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, column, row, text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.label_pill import LabelGlyph

if TYPE_CHECKING:
    from core.ingest.preview import Preview

_LABELS_SHOWN: Final = 8
_OTHERS_SHOWN: Final = 5
_PROBLEMS_SHOWN: Final = 8
_SPLITS: Final = {Split.TRAIN: mark("Train"), Split.VAL: mark("Validation"), Split.TEST: mark("Test")}


def numbers(theme: Theme, found: Preview) -> QGridLayout:
    """Return the large numbers: images, those that are here already, labels, groups, and unreadable ones."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(28))
    grid.setVerticalSpacing(0)
    unlabelled = tr("{n} without", n=f"{found.unlabelled:,}") if found.unlabelled and found.labels else ""
    ungrouped = tr("{n} without", n=f"{found.ungrouped:,}") if found.ungrouped and found.group_count else ""
    tried = tr("of {n} tried", n=f"{found.checked:,}") if found.checked < found.would_add else ""
    shown = [
        (found.would_add, tr("new image") if found.would_add == 1 else tr("new images"), "", ""),
        (found.known, tr("here already"), "", ""),
        (len(found.labels), tr("label") if len(found.labels) == 1 else tr("labels"), unlabelled, "warn"),
        (found.group_count, tr("group") if found.group_count == 1 else tr("groups"), ungrouped, "warn"),
    ]
    if found.checked:
        shown.append((len(found.unreadable), tr("unreadable"), tried, "small"))
    for at, (number, name, note, role) in enumerate(shown):
        grid.addWidget(text(f"{number:,}", "big"), 0, at)
        grid.addWidget(text(name, "small"), 1, at)
        if note:
            grid.addWidget(text(note, role), 2, at)
    grid.setColumnStretch(len(shown), 1)
    return grid


def count_lists(theme: Theme, found: Preview) -> QHBoxLayout:
    """Return the counts by label on the left; by group, split and tag on the right."""
    splits = {tr(_SPLITS[split]): count for split, count in found.splits.items() if count and split in _SPLITS}
    others = [
        _list(theme, title, counts, total)
        for title, counts, total in (
            (tr("Splits"), splits, len(splits)),
            (tr("Groups"), found.groups, found.group_count),
            (tr("Tags"), found.tags, len(found.tags)),
        )
        if counts
    ]
    columns = row(spacing=theme.px(24))
    columns.setAlignment(Qt.AlignmentFlag.AlignTop)
    if found.labels:
        columns.addLayout(_labels(theme, found.labels), 3)
    if others:
        columns.addLayout(column(*others, None, spacing=theme.px(10)), 2)
    return columns


def problem_rows(theme: Theme, found: Preview) -> QVBoxLayout:
    """Return what cannot be read and what would be left out, each with its reason."""
    rows = column(spacing=theme.px(4))
    for title, problems in ((tr("Unreadable"), found.unreadable), (tr("Left out"), found.skipped)):
        if problems:
            rows.addSpacing(theme.px(4))
            rows.addWidget(SectionTitle(title, theme))
            rows.addLayout(problem_list(theme, problems))
    return rows


def problem_list(theme: Theme, problems: Sequence[tuple[str, str]]) -> QVBoxLayout:
    """Return the first of some problems, a line each, and how many more there are."""
    rows = column(spacing=theme.px(4))
    for path, reason in problems[:_PROBLEMS_SHOWN]:
        name = ElidedLabel(path, "value", Qt.TextElideMode.ElideMiddle)
        rows.addLayout(column(name, text(reason, "small", wrap=True), spacing=0))
    more = len(problems) - _PROBLEMS_SHOWN
    if more > 0:
        rows.addWidget(text(tr("and {n} more", n=f"{more:,}"), "small"))
    return rows


def _labels(theme: Theme, labels: Mapping[str, int]) -> QVBoxLayout:
    rows = column(SectionTitle(tr("Labels"), theme), spacing=theme.px(6))
    largest = max(labels.values())
    for position, (name, count) in enumerate(list(labels.items())[:_LABELS_SHOWN]):
        colour, glyph, _ = look_of(position)
        head = row(LabelGlyph(theme, colour, glyph), ElidedLabel(name), text(f"{count:,}", "muted"), None)
        rows.addLayout(column(head, Bar(theme, count / largest, colour), spacing=theme.px(3)))
    more = len(labels) - _LABELS_SHOWN
    if more > 0:
        rows.addWidget(text(tr_n("and {n} more label", "and {n} more labels", more), "small"))
    rows.addStretch(1)
    return rows


def _list(theme: Theme, title: str, counts: Mapping[str, int], total: int) -> QVBoxLayout:
    rows = column(SectionTitle(title, theme), spacing=theme.px(3))
    for name, count in list(counts.items())[:_OTHERS_SHOWN]:
        line = row(ElidedLabel(name, mode=Qt.TextElideMode.ElideMiddle), text(f"{count:,}", "muted"))
        line.setStretch(0, 1)
        rows.addLayout(line)
    if total > _OTHERS_SHOWN:
        rows.addWidget(text(tr("and {n} more", n=f"{total - _OTHERS_SHOWN:,}"), "small"))
    return rows


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
