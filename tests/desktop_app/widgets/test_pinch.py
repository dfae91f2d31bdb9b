"""Pinches zoom by what they say, around where they are."""

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QWidget

from desktop_app.widgets.pinch import pinched


def gesture(kind, value):
    place = QPointF(30, 20)
    device = QPointingDevice.primaryPointingDevice()
    return QNativeGestureEvent(kind, device, 2, place, place, place, value, QPointF())


def test_a_touchpad_says_by_how_much_more(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    assert pinched(widget, gesture(Qt.NativeGestureType.ZoomNativeGesture, 0.25)) == (1.25, QPointF(30, 20))


def test_other_gestures_and_events_are_no_pinch(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    assert pinched(widget, gesture(Qt.NativeGestureType.RotateNativeGesture, 0.25)) is None
    assert pinched(widget, QEvent(QEvent.Type.Show)) is None
