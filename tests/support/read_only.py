"""Folders that cannot be written, as on a DVD or a share of somebody else's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write into a folder for a while; the test is skipped where that cannot be brought about."""
    if sys.platform != "win32" and os.geteuid() != 0:
        yield from _without_permission(folder)
    elif sys.platform == "linux" and _mounted(folder):
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
    else:
        pytest.skip("nothing is forbidden to this user, and mounting a folder read-only is not allowed here")


def _mounted(folder: Path) -> bool:
    if subprocess.run(["mount", "--bind", str(folder), str(folder)], capture_output=True, check=False).returncode:
        return False
    if subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], capture_output=True, check=False).returncode:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        return False
    return True


def _without_permission(folder: Path) -> Iterator[None]:
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
