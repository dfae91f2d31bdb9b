import threading

import pytest

from core.errors import UserError
from desktop_app.workers.background_cache import BackgroundCache


@pytest.fixture
def made(qapp):
    caches = []

    def make(load, **options):
        cache = BackgroundCache(load, len, **({"budget_bytes": 1000, "threads": 1} | options))
        caches.append(cache)
        return cache

    yield make
    for cache in caches:
        cache.close()


def test_what_is_wanted_arrives_and_stays(made, qtbot):
    cache = made(lambda key: key * 2)
    with qtbot.waitSignal(cache.loaded) as arrived:
        cache.want(["a"])
    assert arrived.args == [("a",)]
    assert cache.get("a") == "aa"
    assert cache.get("b") is None


def test_loading_never_happens_on_the_gui_thread(made, qtbot):
    threads = []
    cache = made(lambda key: threads.append(threading.current_thread()) or key)
    with qtbot.waitSignal(cache.loaded):
        cache.want(["a"])
    assert threading.main_thread() not in threads


def test_what_is_no_longer_wanted_and_has_not_begun_is_never_loaded(made, qtbot):
    begun, go, order = threading.Event(), threading.Event(), []

    def load(key):
        order.append(key)
        begun.set()
        go.wait(5)
        return key

    cache = made(load)
    cache.want(["first", "gone1", "gone2"])
    assert begun.wait(5)
    cache.want(["new"])
    go.set()
    qtbot.waitUntil(lambda: cache.get("new") is not None)
    assert order == ["first", "new"]


def test_a_failure_is_kept_with_its_reason_and_not_tried_again(made, qtbot):
    tries = []

    def load(key):
        tries.append(key)
        raise UserError("nothing_to_undo")

    cache = made(load)
    with qtbot.waitSignal(cache.loaded):
        cache.want(["a"])
    assert cache.failure("a") == "There is nothing to undo."
    cache.want(["a"])
    with qtbot.waitSignal(cache.loaded):
        cache.want(["a", "b"])
    assert tries == ["a", "b"]


def test_the_least_recently_used_is_dropped_beyond_the_budget(made, qtbot):
    cache = made(lambda key: key * 400)
    for key in "ab":
        with qtbot.waitSignal(cache.loaded):
            cache.want([key])
    assert cache.get("a")
    with qtbot.waitSignal(cache.loaded):
        cache.want(["c"])
    assert cache.get("b") is None
    assert cache.get("a")
    assert cache.bytes_used == 800


def test_what_was_forgotten_is_loaded_again(made, qtbot):
    versions = iter("12")
    cache = made(lambda key: key + next(versions))
    for expected in ("a1", "a2"):
        with qtbot.waitSignal(cache.loaded):
            cache.want(["a"])
        assert cache.get("a") == expected
        cache.forget(["a"])
    assert cache.bytes_used == 0


def test_after_closing_nothing_is_loaded(made):
    cache = made(lambda key: key)
    cache.close()
    cache.want(["a"])
    assert cache.get("a") is None
