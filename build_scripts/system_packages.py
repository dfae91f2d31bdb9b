"""What Qt needs of a Linux system beyond its own wheel: shared libraries, and fonts that have Hangul.

Windows and macOS have all of it. Here it is looked for, installed where that is allowed without a question being
asked, and otherwise named in the one line to run.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from build_scripts.problem import SetUpError, say, succeeds


@dataclass(frozen=True)
class Need:
    """One thing to find on the system, and the package that brings it, by package manager."""

    what: str
    apt: str
    dnf: str
    pacman: str


# What even a headless Qt loads, then what the window needs on an X display.
LIBRARIES: Final = (
    Need("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    Need("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    Need("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    Need("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    Need("libglib-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    Need("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
)
DISPLAY_LIBRARIES: Final = (
    Need("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb", "libx11"),
    Need("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    Need("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    Need("libxcb-image.so.0", "libxcb-image0", "xcb-util-image", "xcb-util-image"),
    Need("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    Need("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil", "xcb-util-renderutil"),
    Need("libxcb-randr.so.0", "libxcb-randr0", "libxcb", "libxcb"),
    Need("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
    Need("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb"),
    Need("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
)
FONTS: Final = Need("a font with Hangul", "fonts-nanum", "google-noto-sans-cjk-fonts", "noto-fonts-cjk")
VENV: Final = Need("Python's venv module", f"python3.{sys.version_info.minor}-venv", "python3-libs", "python")

_HANGUL_FONT_NAMES: Final = ("nanum", "cjk", "unbatang", "undotum", "baekmuk", "malgun", "sanskr", "pretendard")
_FONT_FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


@dataclass(frozen=True)
class Installer:
    """A package manager that this system has: how it is asked, and which column of the tables it reads."""

    name: str
    update: tuple[str, ...]
    install: tuple[str, ...]

    def packages(self, needs: Iterable[Need]) -> list[str]:
        """Return the packages that bring `needs`, each once, in order."""
        return list(dict.fromkeys(str(getattr(need, self.name)) for need in needs))

    def line(self, needs: Iterable[Need], *, root: bool) -> str:
        """Return the one line to type."""
        sudo = "" if root else "sudo "
        steps = [step for step in (self.update, (*self.install, *self.packages(needs))) if step]
        return " && ".join(sudo + shlex.join(step) for step in steps)


INSTALLERS: Final = (
    Installer("apt", ("apt-get", "update"), ("apt-get", "install", "-y", "--no-install-recommends")),
    Installer("dnf", (), ("dnf", "install", "-y")),
    Installer("pacman", (), ("pacman", "-S", "--needed", "--noconfirm")),
)


def find_installer(find: Callable[[str], str | None] = shutil.which) -> Installer | None:
    """Return the package manager of this system, where it is one we know."""
    return next((each for each in INSTALLERS if find(each.install[0])), None)


def has_display(variables: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Say whether a window can be shown; on Windows and macOS it always can."""
    if platform in ("win32", "darwin"):
        return True
    return bool(variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY"))


def can_load(library: str) -> bool:
    """Say whether the system has a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_hangul_font(folders: Sequence[str] = _FONT_FOLDERS) -> bool:
    """Say whether a font with Hangul is installed: as fontconfig knows, or by the names of the font files."""
    if shutil.which("fc-list"):
        listed = subprocess.run(
            ["fc-list", ":lang=ko", "file"], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if listed.returncode == 0:
            return bool(listed.stdout.strip())
    return any(
        name in file.lower()
        for folder in folders
        for _, _, files in os.walk(Path(folder).expanduser())
        for file in files
        for name in _HANGUL_FONT_NAMES
    )


def missing(
    *, display: bool, loads: Callable[[str], bool] = can_load, hangul: Callable[[], bool] = has_hangul_font
) -> list[Need]:
    """Return what this Linux lacks to run Qt, without and with a display."""
    wanted = LIBRARIES + (DISPLAY_LIBRARIES if display else ())
    lacking = [need for need in wanted if not loads(need.what)]
    return lacking if hangul() else [*lacking, FONTS]


def provide(needs: Sequence[Need]) -> bool:
    """Install what is missing where that takes no question; otherwise print the line to run.

    Returns
    -------
    bool
        Whether nothing is missing any more, as far as the package manager says.
    """
    if not needs:
        return True
    say(f"This system lacks {', '.join(need.what for need in needs)}.")
    installer = find_installer()
    root = os.geteuid() == 0 if hasattr(os, "geteuid") else False
    if installer is None:
        say("Install them with the system's package manager; the rest goes on without them.")
        return False
    if (root or succeeds(["sudo", "-n", "true"])) and _install(installer, needs, root=root):
        return True
    say(f"To install what is missing, run this line:\n\n    {installer.line(needs, root=root)}\n")
    return False


def _install(installer: Installer, needs: Sequence[Need], *, root: bool) -> bool:
    prefix = [*([] if root else ["sudo", "-n"]), "env", "DEBIAN_FRONTEND=noninteractive"]
    steps = [step for step in (installer.update, (*installer.install, *installer.packages(needs))) if step]
    codes = [
        subprocess.run([*prefix, *step], stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode
        for step in steps
    ]
    return codes[-1] == 0  # a package list that could not be refreshed may still do


def provide_qt(variables: Mapping[str, str]) -> None:
    """See to what Qt needs; what stays missing was said, and does not stop the verb."""
    if sys.platform == "linux":
        provide(missing(display=has_display(variables)))


def provide_venv() -> None:
    """See to it that Python can make a virtual environment with pip in it; Debian packs that part apart.

    Raises
    ------
    SetUpError
        It cannot, and nothing goes on without it.
    """
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    if not provide([VENV]):
        raise SetUpError("Python's venv module is missing, and nothing can be installed without it.")
