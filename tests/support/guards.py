"""What every test is watched for: threads left running, and connections that leave this machine.

The functions are plain, so that they have tests of their own; `tests/conftest.py` makes fixtures of them.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

_T = TypeVar("_T")

# Daemon threads that libraries keep for the rest of the process, by the start of their names.
KNOWN_THREADS = (
    "pytest_timeout",  # the watchdog of pytest-timeout where there is no SIGALRM
    "TMonitor",  # tqdm's monitor, and its newer name
    "tqdm_monitor",
    "asyncio_",  # the default executor of an event loop that a library keeps
)


class NetworkUsed(AssertionError):
    """A test tried to reach another machine."""


def python_threads_left(before: set[threading.Thread], patience_s: float = 2.0) -> list[threading.Thread]:
    """Return the threads started since `before` that are still alive after `patience_s` seconds.

    Threads that Python did not start (a `QThread` that ran Python code leaves such an entry) are not counted here.
    """

    def left() -> list[threading.Thread]:
        return [
            thread
            for thread in threading.enumerate()
            if thread not in before
            and not isinstance(thread, threading._DummyThread)
            and not thread.name.startswith(KNOWN_THREADS)
        ]

    return _wait_until_empty(left, patience_s)


def qt_threads_left(started: list[Any], patience_s: float = 2.0) -> list[str]:
    """Return what is still running of the `QThread`s in `started`, and whether Qt's global pool is busy."""
    core = sys.modules.get("PySide6.QtCore")
    if core is None:
        return []
    import shiboken6

    def left() -> list[str]:
        names = [
            thread.objectName() or type(thread).__name__
            for thread in started
            if shiboken6.isValid(thread) and thread.isRunning()
        ]
        busy = core.QThreadPool.globalInstance().activeThreadCount()
        return names + ([f"{busy} in Qt's global thread pool"] if busy else [])

    return _wait_until_empty(left, patience_s)


def _wait_until_empty(left: Callable[[], list[_T]], patience_s: float) -> list[_T]:
    give_up = time.monotonic() + patience_s
    found = left()
    while found and time.monotonic() < give_up:
        time.sleep(0.02)
        found = left()
    return found


@contextmanager
def qt_threads_recorded() -> Iterator[list[Any]]:
    """Collect every `QThread` started inside the block; costs nothing while Qt is not imported."""
    core = sys.modules.get("PySide6.QtCore")
    started: list[Any] = []
    if core is None:
        yield started
        return
    original = core.QThread.start

    def start(thread: Any, *priority: Any) -> None:
        started.append(thread)
        original(thread, *priority)

    core.QThread.start = start
    try:
        yield started
    finally:
        core.QThread.start = original


def stays_here(address: object) -> bool:
    """Say whether a socket address is on this machine: a local socket, loopback, or “any” to listen on."""
    if not isinstance(address, tuple):
        return True  # a Unix socket's path
    host = address[0]
    if not host or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


@contextmanager
def offline() -> Iterator[list[object]]:
    """Refuse every connection that leaves this machine; the list holds the addresses that were tried."""
    tried: list[object] = []
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def refuse(address: object) -> None:
        if not stays_here(address):
            tried.append(address)
            raise NetworkUsed(f"a test tried to reach {address}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        refuse(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        refuse(address)
        return connect_ex(self, address)

    def guarded_resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        refuse((host.decode() if isinstance(host, bytes) else host,))
        return resolve(host, *arguments, **options)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_resolve
    try:
        yield tried
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]
        socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]
        socket.getaddrinfo = resolve
