"""The rail on the left: the workflow from top to bottom, each step with its own state."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QVBoxLayout

from core.translation import tr
from desktop_app import theme as looks
from desktop_app.pages.page import Badge, BadgeState
from desktop_app.pages.registry import PageSpec
from desktop_app.theme import Theme
from desktop_app.widgets.ring import paint_ring

ITEM_HEIGHT_PX = 36
_ICON_X, _TEXT_X, _PAD = 10, 36, 10


class RailItem(QAbstractButton):
    """One step: icon, title, and a count, a tick or a ring."""

    def __init__(self, theme: Theme, icon: str, title: str) -> None:
        super().__init__()
        self._theme, self._icon_name = theme, icon
        self._badge = Badge()
        self._turn = 0
        self.setText(title)
        self.setCheckable(True)
        self.setAccessibleName(title)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(theme.px(ITEM_HEIGHT_PX))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_badge(self, badge: Badge) -> None:
        """Show another state."""
        if badge == self._badge and badge.progress is not None:
            return
        if badge.state is BadgeState.RUNNING:
            self._turn = (self._turn + 30) % 360
        self._badge = badge
        states = {BadgeState.RUNNING: tr("running"), BadgeState.DONE: tr("done")}
        said = [self.text(), badge.text, states.get(badge.state, "")]
        self.setAccessibleName(", ".join(part for part in said if part))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the item's size."""
        return QSize(self._theme.px(looks.RAIL_WIDTH - 16), self._theme.px(ITEM_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the item."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        field = "accent_background" if self.isChecked() else "background" if self._hovered() else ""
        if field:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(field))
            painter.drawRoundedRect(area, px(looks.RADIUS_CONTROL), px(looks.RADIUS_CONTROL))
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), px(7), px(7))
        colour = "accent" if self.isChecked() else "text" if self._hovered() else "muted"
        if not self.isEnabled():
            painter.setOpacity(0.5)
        side = px(18)
        icon = theme.pixmap(self._icon_name, 18, colour)
        painter.drawPixmap(QRect(px(_ICON_X), (self.height() - side) // 2, side, side), icon)
        right = self._paint_badge(painter)
        painter.setPen(theme.colour(colour))
        painter.setFont(theme.font(bold=self.isChecked()))
        room = QRect(px(_TEXT_X), 0, right - px(_TEXT_X) - px(4), self.height())
        title = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)

    def _hovered(self) -> bool:
        return self.isEnabled() and self.underMouse()

    def _paint_badge(self, painter: QPainter) -> int:
        """Draw the badge and return where it begins."""
        theme, px = self._theme, self._theme.px
        right = self.width() - px(_PAD)
        if self._badge.state is not BadgeState.NONE:
            side = px(14)
            area = QRect(right - side, (self.height() - side) // 2, side, side)
            if self._badge.state is BadgeState.DONE:
                painter.drawPixmap(area, theme.pixmap("check", 14, "good"))
            else:
                paint_ring(painter, QRectF(area), theme, self._badge.progress, self._turn)
            right = area.left() - px(4)
        if self._badge.text:
            painter.setFont(theme.font(looks.HEAD_PX, tabular=True))
            width = painter.fontMetrics().horizontalAdvance(self._badge.text) + px(16)
            height = px(18)
            pill = QRectF(right - width, (self.height() - height) / 2, width, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("surface" if self.isChecked() else "sunken"))
            painter.drawRoundedRect(pill, height / 2, height / 2)
            painter.setPen(theme.colour("accent" if self.isChecked() else "muted"))
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, self._badge.text)
            right = round(pill.left())
        return right


class Rail(QFrame):
    """The steps, and the settings at the bottom."""

    def __init__(
        self, theme: Theme, pages: Sequence[PageSpec], settings: PageSpec, on_chosen: Callable[[str], object]
    ) -> None:
        super().__init__()
        self.setObjectName("railBar")
        self.setAccessibleName(tr("Workflow"))
        self.setFixedWidth(theme.px(looks.RAIL_WIDTH))
        self.items: dict[str, RailItem] = {}
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(8), theme.px(9), theme.px(8), theme.px(9))
        layout.setSpacing(theme.px(2))
        for spec in (*pages, settings):
            if spec is settings:
                layout.addStretch(1)
            item = RailItem(theme, spec.icon, tr(spec.title))
            item.clicked.connect(lambda _=False, page_id=spec.id: on_chosen(page_id))
            self._group.addButton(item)
            self.items[spec.id] = item
            layout.addWidget(item)
        self._steps = [spec.id for spec in pages if spec.needs_project]

    def show_page(self, page_id: str) -> None:
        """Mark the page that is shown; one that is not in the rail marks none."""
        self._group.setExclusive(False)
        for name, item in self.items.items():
            item.setChecked(name == page_id)
        self._group.setExclusive(page_id in self.items)

    def show_badge(self, page_id: str, badge: Badge) -> None:
        """Show a page's badge."""
        self.items[page_id].show_badge(badge)

    def enable_steps(self, enabled: bool) -> None:
        """Let the steps that need a project be chosen, or not: without one there is nothing behind them."""
        for name in self._steps:
            self.items[name].setEnabled(enabled)
