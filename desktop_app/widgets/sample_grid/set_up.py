"""Making a table of Qt's the bare ground of the grid: no headers, lines, edits, or selection of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from core.translation import tr


def set_up(table: QTableView) -> None:
    """Take away what the grid does itself; the model is set before."""
    for header in (table.horizontalHeader(), table.verticalHeader()):
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(1)
        header.hide()
    table.setShowGrid(False)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    # Always there: a bar that comes and goes changes the width, and with it the columns, and so on for ever.
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    bar = table.verticalScrollBar()
    bar.rangeChanged.connect(lambda _, most: bar.setEnabled(most > 0))  # a bar with nothing to scroll is not drawn
    table.setAutoScroll(False)
    table.setTabKeyNavigation(False)
    table.setCornerButtonEnabled(False)
    table.setObjectName("sampleGrid")
    table.setAccessibleName(tr("Images"))
