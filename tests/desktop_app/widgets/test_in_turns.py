"""Parts of a page are built in turns of the event loop."""

from PySide6.QtCore import QObject, QTimer

from desktop_app.widgets.in_turns import InTurns


def test_each_part_has_a_turn_of_its_own_in_their_order(qtbot):
    done = []
    parent = QObject()
    beats = QTimer(parent, interval=0)
    beats.timeout.connect(lambda: done.append("."))
    beats.start()
    turns = InTurns([lambda: done.append("a"), lambda: done.append("b")], parent)
    assert done == []
    qtbot.waitUntil(lambda: turns.ended)
    assert [part for part in done if part != "."] == ["a", "b"]
    assert "." in done[done.index("a") : done.index("b")]


def test_what_is_left_can_be_done_at_once(qtbot):
    done, parent = [], QObject()
    turns = InTurns([lambda: done.append("a"), lambda: done.append("b")], parent)
    turns.finish()
    assert done == ["a", "b"]
    assert turns.ended
    turns.finish()
    qtbot.wait(10)
    assert done == ["a", "b"]
