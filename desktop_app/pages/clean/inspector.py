"""The right of the Clean page: the labels with their keys, what this session did, and the last decisions."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from core.domain.labels import Label
from core.translation import mark, tr, tr_n
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.decided import Done
from desktop_app.pages.clean.decisions import Deed
from desktop_app.pages.images.label_look import HEIGHT_PX, RowLook, paint_row, places
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import SectionTitle, clear, column, rule, text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.facts import FactList

_LAST = 8
_DEEDS = {
    Deed.RELABELLED: mark("Relabelled"),
    Deed.KEPT: mark("Kept"),
    Deed.EXCLUDED: mark("Excluded"),
    Deed.PINNED: mark("Pinned"),
    Deed.NOTED: mark("Noted"),
}


class CleanInspector(QWidget):
    """Follows the controller."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__()
        self.setProperty("narrow", True)
        self._controller, self._theme = controller, theme
        self._labels, self._last = QVBoxLayout(), QVBoxLayout()
        self._labels.setSpacing(0)
        self._last.setSpacing(theme.px(2))
        self._session = FactList(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(6), theme.px(16), theme.px(6), theme.px(16))
        layout.setSpacing(theme.px(GRID))
        layout.addLayout(self._inset(SectionTitle(tr("Labels"), theme)))
        layout.addLayout(self._labels)
        session, last = SectionTitle(tr("This session"), theme), SectionTitle(tr("Last decisions"), theme)
        layout.addLayout(self._inset(rule(), session, self._session, rule(), last))
        layout.addLayout(self._last)
        layout.addStretch(1)
        controller.facts_changed.connect(self._show_labels)
        controller.decided_changed.connect(self._show_decided)
        self._rows: list[LabelLine] = []
        self._listed: list[int] | None = None
        self._show_labels()
        self._show_decided()

    def _inset(self, *widgets: QWidget) -> QVBoxLayout:
        """Return widgets below each other where the texts of rows begin."""
        inside = column(*widgets, spacing=self._theme.px(GRID))
        inside.setContentsMargins(self._theme.px(8), 0, self._theme.px(8), 0)
        return inside

    def _show_labels(self) -> None:
        facts = self._controller.facts
        most = max(facts.totals.values(), default=0)
        if [row.label.id for row in self._rows] != [label.id for label in facts.labels]:
            clear(self._labels)
            self._rows = [LabelLine(self._theme, label, self._controller) for label in facts.labels]
            for row in self._rows:
                self._labels.addWidget(row)
            if not self._rows:
                self._labels.addLayout(self._inset(text(tr("No label yet."), "small")))
        for row, label in zip(self._rows, facts.labels, strict=True):
            count = facts.totals.get(label.id, 0)
            row.show_label(label, count, count / most if most else 0.0)

    def _show_decided(self) -> None:
        holding = [done.number for done in self._controller.decided.holding]
        if holding == self._listed:
            return
        self._listed = holding
        tally = self._controller.decided.tally()
        always = (Deed.RELABELLED, Deed.KEPT, Deed.EXCLUDED)
        rows = [(tr(words), f"{tally[deed]:,}") for deed, words in _DEEDS.items() if deed in always or tally[deed]]
        self._session.show_facts(rows)
        clear(self._last)
        shown = self._controller.decided.holding[:_LAST]
        for done in shown:
            self._last.addWidget(DecisionLine(self._theme, _said(done), partial(self._open, done)))
        if not shown:
            self._last.addLayout(self._inset(text(tr("What you decide is listed here."), "small", wrap=True)))

    def _open(self, done: Done) -> None:
        self._controller.open_finding(done.finding_ids[0], done.kind)


class LabelLine(QAbstractButton):
    """A label with its count and key; a click gives it to the image in sight, or to all that are reviewed together."""

    def __init__(self, theme: Theme, label: Label, controller: CleanController) -> None:
        super().__init__()
        self._theme, self.label = theme, label
        self._look = RowLook(label.name, label.colour, label.glyph)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(tr("Click to give this label to the image in sight."))
        self.clicked.connect(lambda: controller.give(self.label))

    def show_label(self, label: Label, count: int, share: float) -> None:
        """Show a label's count, and its share of the largest (0 to 1)."""
        self.label = label
        self._look = RowLook(label.name, label.colour, label.glyph, count=count, share=share, key=label.key)
        words = [label.name, tr_n("{n} image", "{n} images", count)]
        if label.key:
            words.append(tr("key {key}", key=label.key))
        self.setAccessibleName(", ".join(words))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of a row."""
        return QSize(self._theme.px(200), self._theme.px(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = places(self._look, self.rect(), self._theme)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(self._theme.colour("accent"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("background"))
            painter.drawRoundedRect(at.field, self._theme.px(7), self._theme.px(7))
        paint_row(painter, self._look, at, self._theme, count_hovered=False)


class DecisionLine(QAbstractButton):
    """A decision in a line; a click shows the case again."""

    def __init__(self, theme: Theme, words: str, clicked: partial[None]) -> None:
        super().__init__()
        self._theme = theme
        self._label = ElidedLabel(words, "small")
        self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(8), theme.px(3), theme.px(8), theme.px(3))
        layout.addWidget(self._label)
        self.setAccessibleName(tr("Show again: {what}", what=words))
        self.setToolTip(words)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: clicked())

    def sizeHint(self) -> QSize:
        """Return the line's size."""
        return QSize(self._theme.px(160), self._theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a field behind it under the pointer, and a frame with the focus."""
        if not (self.underMouse() or self.hasFocus()):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("accent"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("background"))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), self._theme.px(5), self._theme.px(5))


def _said(done: Done) -> str:
    first = done.decisions[0].said
    more = len(done.decisions) - 1
    return tr_n("{first} and {n} more", "{first} and {n} more", more, first=first) if more else first
