"""Garbage is collected on the GUI thread, when it suits the window."""

import gc
import sys
import weakref
from types import ModuleType

import pytest

from desktop_app.workers.garbage import _BULK, _FEW, _LIBRARY, _MOST_TURNS, _MUCH, GarbageCollector


class Knot:
    """Something that only a collection finds."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def collector(qapp):
    gc.collect()
    collector = GarbageCollector()
    yield collector
    collector.close()


def tied(count):
    """Return `count` things that live, so that there is much that is new."""
    return [[] for _ in range(count)]


def test_python_no_longer_collects_by_itself(collector):
    lost = weakref.ref(Knot())
    alive = tied(5 * _FEW)
    assert lost() is not None
    assert alive


def test_a_turn_finds_what_nobody_holds(collector):
    lost = weakref.ref(Knot())
    alive = tied(2 * _FEW)
    collector.turn()
    assert lost() is None
    assert alive


def test_in_the_midst_of_bulk_work_it_waits_but_not_for_ever(collector):
    lost = weakref.ref(Knot())
    alive = tied(2 * _BULK)
    for _ in range(_MOST_TURNS):
        collector.turn()
    assert lost() is not None
    collector.turn()
    assert lost() is None
    assert alive


def test_what_grew_old_is_found_once_much_has_passed(collector):
    old = Knot()
    gc.collect()
    lost = weakref.ref(old)
    del old
    alive = []
    while lost() is not None:
        assert len(alive) < 2 * _MUCH
        alive += tied(_BULK // 4)
        collector.turn()


def test_what_a_library_brings_is_looked_through_no_more(collector, monkeypatch):
    before = gc.get_freeze_count()
    for number in range(_LIBRARY):
        monkeypatch.setitem(sys.modules, f"part_of_a_library_{number}", ModuleType("part"))
    brought = tied(2 * _FEW)
    collector.turn()
    assert gc.get_freeze_count() >= before + len(brought)
    lost, alive = weakref.ref(Knot()), tied(2 * _FEW)
    collector.turn()
    assert lost() is None
    assert alive
    gc.unfreeze()


def test_it_takes_turns_by_itself_and_python_collects_again_when_it_ends(collector, qtbot):
    lost = weakref.ref(Knot())
    alive = tied(2 * _FEW)
    qtbot.waitUntil(lambda: lost() is None, timeout=5_000)
    collector.close()
    assert gc.isenabled()
    assert alive
