"""Files that are large on the disk and small in what they say, and files that shrink or go while they are read."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.integration.hostile.case import Case, Given, Make, Place, bounded, recorded
from tests.integration.hostile.images import good
from tests.support.pictures import png_bytes

_SIZE = 5 * 2**28
"""1.25 GB, for which the disk only keeps room: reading it would give zeros, and take as much memory."""


def _heavy(name: str, head: Callable[[], bytes]) -> Make:
    def make(place: Place) -> Given:
        (place.root / "good.png").write_bytes(png_bytes())
        with (place.root / f"bad{name}").open("wb") as file:
            file.write(head())
            file.flush()
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, _SIZE)
            else:
                file.truncate(_SIZE)
        return Given(place.root)

    return make


def _tiff_of_a_circle() -> bytes:
    """Return a TIFF whose directory is followed by itself."""
    return struct.pack("<2sHIHHHIIHHIII", b"II", 42, 8, 2, 256, 4, 1, 1, 257, 4, 1, 1, 8)


def _changing(change: Callable[[Path], None]) -> Make:
    """A folder of 21 images, of which one changes all the while."""

    def make(place: Place) -> Given:
        for at in range(20):
            (place.root / f"{at}.png").write_bytes(png_bytes())
        victim, ended = place.root / "victim.png", threading.Event()
        victim.write_bytes(png_bytes())

        def work() -> None:
            while not ended.is_set():
                change(victim)
                time.sleep(0.001)

        thread = threading.Thread(target=work)
        thread.start()
        place.stack.callback(thread.join)
        place.stack.callback(ended.set)
        return Given(place.root)

    return make


def _shrink(file: Path) -> None:
    data = png_bytes()
    file.write_bytes(data)
    os.truncate(file, len(data) // 2)


def _vanish(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.write_bytes(png_bytes())


def _become_a_folder(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.mkdir()
    file.rmdir()
    file.write_bytes(png_bytes())


def _grow(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(bytes(1000))


_HEAVY = recorded("image_overweight", "image_hollow")
_SHIFTING = bounded(
    *("image_truncated", "image_missing", "image_empty", "image_unknown_format", "image_damaged", "image_not_file"),
    *("image_read_failed", "image_denied"),
    most=21,
)

CASES: tuple[Case, ...] = (
    *(
        Case("heavy", f"{name} of 1.25 GB", _heavy(suffix, lambda name=name: good(name)), _HEAVY)
        for name, suffix in (
            *(("jpeg", ".jpg"), ("png", ".png"), ("gif", ".gif"), ("bmp", ".bmp"), ("webp", ".webp")),
            *(("tiff", ".tif"), ("jpeg 2000", ".jp2"), ("heic", ".heic"), ("dicom", ".dcm"), ("big tiff", ".tif")),
        )
    ),
    Case("heavy", "tiff in a circle", _heavy(".tif", _tiff_of_a_circle), _HEAVY),
    Case("heavy", "first bytes of a png", _heavy(".png", lambda: b"\x89PNG\r\n\x1a\n"), _HEAVY),
    *(
        Case("changing", what, _changing(change), _SHIFTING)
        for what, change in (
            ("shrinks", _shrink),
            ("vanishes", _vanish),
            ("becomes a folder", _become_a_folder),
            ("grows", _grow),
            ("is cut to nothing", lambda file: file.write_bytes(b"")),
            ("becomes another", lambda file: file.write_bytes(b"GIF89a" + bytes(90))),
        )
    ),
)
