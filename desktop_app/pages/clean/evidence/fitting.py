"""Making pictures as large as they can be while all that stands above and below them is seen too."""

from __future__ import annotations

from PySide6.QtWidgets import QLayout, QWidget

from desktop_app.pages.clean.tile_board import TileBoard


def fit_board(board: TileBoard, layout: QLayout, room_px: int) -> None:
    """Give a board the height that the other widgets of its layout, a column, leave of `room_px`."""
    others: list[QWidget] = []
    for index in range(layout.count()):
        item = layout.itemAt(index)
        widget = item.widget() if item is not None else None
        if widget is not None and widget is not board and not widget.isHidden():
            others.append(widget)
    needed = sum(_height(one, board.width()) + layout.spacing() for one in others)
    board.leave_height(max(1, room_px - needed))


def _height(widget: QWidget, width: int) -> int:
    return widget.heightForWidth(width) if widget.hasHeightForWidth() else widget.sizeHint().height()
