"""Choosing days: the last few with a click, or any, written as on the command line or picked in a calendar."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QDate, QPoint, QRect, Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QGridLayout, QLineEdit, QToolButton, QWidget

from core.domain.moments import utc_moment
from core.errors import UserError
from core.translation import current_language, tr
from desktop_app.pages.history.asked import PRESETS
from desktop_app.pages.history.controller import HistoryController
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, icon_button, row, set_property, text
from desktop_app.widgets.chips import Chip
from desktop_app.widgets.overlay import Overlay

EXAMPLE = "2024-05-01 14:05"


class MomentField(QWidget):
    """A day or moment as text, with a calendar behind a button; `entered` is told on Enter and when a day is picked."""

    def __init__(self, theme: Theme, name: str, value: str, entered: Callable[[], object]) -> None:
        super().__init__()
        self._theme, self._name, self._entered = theme, name, entered
        self.line = QLineEdit(value)
        self.line.setPlaceholderText(EXAMPLE)
        self.line.setAccessibleName(name)
        self.line.setToolTip(tr("A day such as 2024-05-01, or a moment such as 2024-05-01 14:05."))
        self.line.setMinimumWidth(theme.px(130))
        self.line.textEdited.connect(self._judge)
        self.line.returnPressed.connect(lambda: entered())
        self.pick = icon_button(theme.icon("calendar"), tr("{name}: pick a day", name=name), self._open)
        self.setLayout(row(self.line, self.pick, spacing=theme.px(2)))

    def value(self) -> str:
        """Return what is written."""
        return self.line.text().strip()

    def set_value(self, value: str) -> None:
        """Write another day."""
        if value != self.line.text():
            self.line.setText(value)
        self._judge()

    def _judge(self) -> None:
        try:
            if self.value():
                utc_moment(self.value())
            set_property(self.line, "invalid", False)
        except UserError:
            set_property(self.line, "invalid", True)

    def _open(self) -> None:
        Calendar(self.window(), self, self._theme, self._name, self.value(), self._picked).open_panel()

    def _picked(self, day: str) -> None:
        self.set_value(day)
        self._entered()


class Calendar(Overlay):
    """A month to pick a day from, below a field."""

    def __init__(
        self, host: QWidget, anchor: QWidget, theme: Theme, name: str, day: str, picked: Callable[[str], object]
    ) -> None:
        super().__init__(host, theme, lambda room, panel: _below(self, anchor, room, panel))
        self._picked = picked
        self.month = QCalendarWidget()
        self.month.setAccessibleName(name)
        self.month.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.month.setFirstDayOfWeek(Qt.DayOfWeek.Sunday if current_language() == "ko" else Qt.DayOfWeek.Monday)
        self.month.setFixedSize(theme.px(280), theme.px(230))
        self._dress(theme)
        shown = QDate.fromString(day[:10], Qt.DateFormat.ISODate)
        if shown.isValid():
            self.month.setSelectedDate(shown)
        self.month.clicked.connect(self._use)
        self.month.activated.connect(self._use)
        self.body.addWidget(self.month)
        self.closed.connect(self.deleteLater)

    def open_panel(self) -> None:
        """Show it, with the keyboard in it."""
        self.open(self.month)

    def _dress(self, theme: Theme) -> None:
        """Give it the theme's arrows, and days off the same colour as the others: Qt's ignore it."""
        for name, icon in (("qt_calendar_prevmonth", "chevron-left"), ("qt_calendar_nextmonth", "chevron-right")):
            arrow = self.month.findChild(QToolButton, name)
            if isinstance(arrow, QToolButton):
                arrow.setIcon(theme.icon(icon))
        plain = QTextCharFormat()
        plain.setForeground(theme.colour("text"))
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            self.month.setWeekdayTextFormat(day, plain)

    def _use(self, day: QDate) -> None:
        if self.isVisible():
            self.close_panel()
            self._picked(day.toString(Qt.DateFormat.ISODate))


class DaysPanel(Overlay):
    """Opens below the chip of the days; what is entered holds with Enter, and when it closes."""

    def __init__(self, host: QWidget, anchor: QWidget, theme: Theme, controller: HistoryController) -> None:
        super().__init__(host, theme, lambda room, panel: _below(self, anchor, room, panel))
        self._controller = controller
        presets = [Chip(tr(words), partial(self._preset, name)) for name, (words, _) in PRESETS.items()]
        self.body.addLayout(row(*presets, None))
        fields = QGridLayout()
        fields.setHorizontalSpacing(theme.px(8))
        self.since = MomentField(theme, tr("From"), controller.asked.since, self._use)
        self.until = MomentField(theme, tr("Until"), controller.asked.until, self._use)
        for at, field in enumerate((self.since, self.until)):
            fields.addWidget(text(field.line.accessibleName(), "muted"), at, 0)
            fields.addWidget(field, at, 1)
        self.body.addLayout(fields)
        self.body.addLayout(row(None, button(tr("Show"), self._finish, kind="primary")))
        self.panel.setMinimumWidth(theme.px(280))
        self.closed.connect(self.deleteLater)

    def open_panel(self) -> None:
        """Show it, with the cursor in the first field."""
        self.open(self.since.line)

    def _preset(self, name: str) -> None:
        self._controller.ask(self._controller.asked.of_days(name))
        self.close_panel()

    def _use(self) -> None:
        self._controller.change(since=self.since.value(), until=self.until.value())

    def _finish(self) -> None:
        self._use()
        if not self._controller.problem:
            self.close_panel()


def _below(host: QWidget, anchor: QWidget, room: QRect, panel: QWidget) -> QRect:
    size = panel.sizeHint().expandedTo(panel.minimumSize())
    corner = host.mapFromGlobal(anchor.mapToGlobal(QPoint(0, anchor.height() + 4)))
    left = max(8, min(corner.x(), room.width() - size.width() - 8))
    top = max(8, min(corner.y(), room.height() - size.height() - 8))
    return QRect(QPoint(left, top), size)
