"""On which systems the pinned packages exist: the lock's wheels were looked up for each."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from typing import Final

OLDEST_GLIBC: Final = {"x86_64": (2, 34), "aarch64": (2, 39)}
OLDEST_MACOS: Final = (14,)


@dataclass(frozen=True)
class System:
    """The machine, as far as it decides which packages there are."""

    platform: str
    machine: str
    macos: tuple[int, ...] = ()
    glibc: tuple[int, ...] = ()


def this_system() -> System:
    """Return the system we run on."""
    libc, libc_version = platform.libc_ver()
    return System(
        sys.platform,
        platform.machine().lower(),
        macos=_numbers(platform.mac_ver()[0]),
        glibc=_numbers(libc_version) if libc == "glibc" else (),
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def why_not(system: System) -> str:
    """Return the sentence that says why Coverslip cannot be installed here; nothing where it can, or may."""
    if system.platform == "darwin" and system.machine != "arm64":
        return "On a Mac, Coverslip needs an Apple chip: PyTorch is no longer made for Intel's."
    if system.platform == "darwin" and system.macos < OLDEST_MACOS:
        return "Coverslip needs macOS 14 or newer: some of its packages are not made for older ones."
    if system.platform == "win32" and system.machine not in ("amd64", "x86_64"):
        return "On Windows, Coverslip needs a 64-bit Intel or AMD processor and a Python made for it."
    oldest = OLDEST_GLIBC.get(system.machine)
    if system.platform == "linux" and system.glibc and oldest and system.glibc < oldest:
        found, needed = (".".join(map(str, version)) for version in (system.glibc, oldest))
        return f"Coverslip needs a newer Linux: its C library is glibc {found}, and Qt needs {needed} or newer."
    return ""
