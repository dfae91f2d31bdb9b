import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from desktop_app.widgets.flow import FlowLayout


@pytest.mark.parametrize(("width", "left", "line"), [(400, 340, 0), (200, 140, 1), (130, 70, 2)])
def test_the_last_item_can_stand_at_the_end_of_its_line(qtbot, width, left, line):
    holder = QWidget()
    qtbot.addWidget(holder)
    layout = FlowLayout(holder, spacing=10)
    layout.last_at_end = True
    items = [QWidget() for _ in range(3)]
    for item in items:
        item.setFixedSize(60 if item is not items[1] else 70, 20)
        layout.addWidget(item)
    layout.setGeometry(QRect(0, 0, width, 200))
    assert (items[-1].x(), items[-1].y()) == (left, line * 30)
