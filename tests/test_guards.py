"""The guards themselves: what they let pass and what they catch."""

import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.translation import current_language
from tests.support import guards


def test_a_thread_that_ends_in_time_is_no_leak():
    before = set(threading.enumerate())
    threading.Thread(target=lambda: None).start()
    assert guards.python_threads_left(before) == []


def test_a_thread_that_stays_is_named():
    before, stop = set(threading.enumerate()), threading.Event()
    thread = threading.Thread(target=stop.wait, name="stays")
    thread.start()
    try:
        assert [left.name for left in guards.python_threads_left(before, patience_s=0.05)] == ["stays"]
    finally:
        stop.set()
        thread.join()


def test_a_running_qthread_is_named(qapp):
    from PySide6.QtCore import QThread

    with guards.qt_threads_recorded() as started:
        thread = QThread()
        thread.setObjectName("trainer")
        thread.start()
        try:
            assert guards.qt_threads_left(started, patience_s=0.05) == ["trainer"]
        finally:
            thread.quit()
            thread.wait()
        assert guards.qt_threads_left(started) == []


@pytest.mark.parametrize("address", [("127.0.0.1", 80), ("::1", 80), ("localhost", 1), ("", 0), "/run/bus", (None,)])
def test_an_address_on_this_machine_is_allowed(address):
    assert guards.stays_here(address)


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80), ("example.org", 443)])
def test_an_address_elsewhere_is_refused(address):
    with guards.offline() as tried, socket.socket() as client, pytest.raises(guards.NetworkUsed):
        client.connect(address)
    assert tried == [address]


def test_a_name_elsewhere_is_not_looked_up():
    with guards.offline() as tried, pytest.raises(guards.NetworkUsed):
        socket.create_connection(("example.org", 443))
    assert tried


def test_loopback_connections_work():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            accepted, _ = server.accept()
            accepted.close()
        assert client.fileno() == -1


def test_settings_and_caches_are_the_test_s_own(own_home, monkeypatch):
    import os

    assert Path(os.environ["COVERSLIP_CONFIG_DIR"]).parent == own_home
    assert Path(os.environ["COVERSLIP_CACHE_DIR"]).parent == own_home


def test_every_test_starts_in_english():
    assert current_language() == "en"


@given(st.integers())
def test_hypothesis_works_under_the_guards(number):
    assert number == number + 0
