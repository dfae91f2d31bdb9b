"""The queues with their counts, one in use; below one of several kinds, its kinds."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from core.domain.findings import FindingCounts, FindingKind
from core.quality.kind_words import KIND_NAMES
from core.translation import tr, tr_n
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.queues import QUEUES, Queue
from desktop_app.theme import RADIUS_CONTROL, SMALL_PX, TEXT_PX, Theme
from desktop_app.widgets.card import Card

_ROW_PX, _KIND_PX = 30, 26
_SERIOUS = frozenset({"conflicts", "leakage", "unreadable"})


class QueueRow(QAbstractButton):
    """A queue, or a kind of one, with how many cases are open."""

    def __init__(self, theme: Theme, title: str, *, indented: bool = False, serious: bool = False) -> None:
        super().__init__()
        self._theme, self._indented, self._serious = theme, indented, serious
        self._count, self._known, self._note = 0, False, ""
        self.setText(title)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_count(self, count: int, *, known: bool, note: str = "") -> None:
        """Show how many cases are open; nothing where it was never looked for them, or `note` says why it cannot be."""
        if (count, known) == (self._count, self._known) and self.accessibleName() and self._note == note:
            return
        self._note = note
        self._count, self._known = count, known
        said = tr_n("{n} case", "{n} cases", count) if known else tr("not looked for")
        self.setAccessibleName(f"{self.text()}, {said}")
        self.setToolTip("" if known else note or tr("It was not looked for these."))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the row's size."""
        return QSize(self._theme.px(190), self._theme.px(_KIND_PX if self._indented else _ROW_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint title and count."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        field = "accent_background" if self.isChecked() else "background" if self.underMouse() else ""
        painter.setPen(QPen(theme.colour("accent"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(field) if field else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, px(RADIUS_CONTROL), px(RADIUS_CONTROL))
        size = SMALL_PX if self._indented else TEXT_PX
        font = theme.font(size, bold=self.isChecked(), tabular=True)
        painter.setFont(font)
        count = f"{self._count:,}" if self._known else "–"
        width = painter.fontMetrics().horizontalAdvance(count)
        inside = area.adjusted(px(22 if self._indented else 9), 0, -px(9), 0)
        painter.setPen(theme.colour(self._count_colour()))
        painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        painter.setPen(theme.colour("accent" if self.isChecked() else "muted" if self._indented else "text"))
        room = int(inside.width()) - width - px(8)
        title = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, title)

    def _count_colour(self) -> str:
        if not self._known:
            return "muted"
        if self._count == 0:
            return "good"
        return "bad" if self._serious else "accent" if self.isChecked() else "muted"


class QueueList(Card):
    """All queues; the one in use is marked."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(theme, padding=8)
        self._controller = controller
        self.setAccessibleName(tr("Queues"))
        self.body.setSpacing(0)
        self.rows: dict[str, QueueRow] = {}
        self.kinds: dict[FindingKind, QueueRow] = {}
        for queue in QUEUES:
            self._add(queue)
        controller.facts_changed.connect(self.refresh)
        controller.case_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the counts, and which queue is in use."""
        facts, line = self._controller.facts, self._controller.line
        for queue in QUEUES:
            row = self.rows[queue.id]
            count = self._controller.open_in(queue)
            note = facts.notes(queue.kinds) if not count else ""
            row.show_count(count, known=not note and not facts.looked_for.isdisjoint(queue.kinds), note=note)
            row.setChecked(queue is line.queue and line.kind is None)
            several = [kind for kind in queue.kinds if facts.counts.get(kind, FindingCounts()).open]
            for kind in queue.kinds:
                if kind in self.kinds:
                    count = facts.counts.get(kind, FindingCounts()).open
                    self.kinds[kind].show_count(count, known=True)
                    self.kinds[kind].setChecked(line.kind is kind)
                    shown = queue is line.queue and (len(several) > 1 or line.kind is not None) and count > 0
                    self.kinds[kind].setVisible(shown or line.kind is kind)

    def _add(self, queue: Queue) -> None:
        row = QueueRow(self.theme, tr(queue.title), serious=queue.id in _SERIOUS)
        row.clicked.connect(partial(self._open, queue.id, None))
        self.rows[queue.id] = row
        self.add(row)
        if len(queue.kinds) < 2:
            return
        for kind in queue.kinds:
            part = QueueRow(self.theme, tr(KIND_NAMES[kind]), indented=True)
            part.clicked.connect(partial(self._open, queue.id, kind))
            part.hide()
            self.kinds[kind] = part
            self.add(part)

    def _open(self, queue_id: str, kind: FindingKind | None, _: bool = False) -> None:
        self._controller.open_queue(queue_id, kind)
        self.refresh()
