"""Many small pieces of data on disk, packed: making a file of each would cost more than making what is in it.

A piece is appended to one of 32 packs, by its key, and its place to the list beside that pack. Nothing is held in
memory and nothing is ever changed, so any thread or process may add and read. One thing must stay true: what is read
is what was written, whole, or nothing. A piece has its key and a checksum before it; where they disagree (a killed
process, a full disk, two writers on a system without atomic appending) it is as if it had never been kept.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final

_KEY_BYTES: Final = 16
_HEAD: Final = struct.Struct(f"<{_KEY_BYTES}sII")
"""Key, length and checksum of a piece, before it in the pack."""
_PLACE: Final = struct.Struct(f"<{_KEY_BYTES}sQI")
"""Key, where the piece's head is, and the piece's length, in the list."""
_APPEND: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
_MOST_BYTES: Final = 2**24
_PACKS: Final = 32
"""Of a million pieces, a list is less than a megabyte then: to read and search it takes a fraction of a millisecond."""


def load(folder: Path, name: str) -> bytes | None:
    """Return what was kept in `folder` as `name`; None where there is nothing, or it is damaged."""
    key = _key(name)
    pack, listed = _files(folder, key)
    with suppress(OSError):
        with open(listed, "rb", buffering=0) as file:  # noqa: PTH123 - a third of the time of Path.open
            places = file.read()
        at = places.rfind(key)
        if at < 0 or at % _PLACE.size or at + _PLACE.size > len(places):
            return None
        _, start, length = _PLACE.unpack_from(places, at)
        with open(pack, "rb", buffering=0) as file:  # noqa: PTH123
            file.seek(start)
            data = file.read(_HEAD.size + min(length, _MOST_BYTES))
        piece = data[_HEAD.size :]
        if data[: _HEAD.size] == _HEAD.pack(key, len(piece), zlib.crc32(piece)) and len(piece) == length:
            return piece
    return None


def keep(folder: Path, name: str, piece: bytes) -> None:
    """Keep a piece in `folder` as `name`; where that fails, it is not kept."""
    key = _key(name)
    pack, listed = _files(folder, key)
    head = _HEAD.pack(key, len(piece), zlib.crc32(piece))
    with suppress(OSError):
        end = _append(pack, head + piece)
        if end is not None:
            _append(listed, _PLACE.pack(key, end - len(piece) - len(head), len(piece)))


def _append(path: str, data: bytes) -> int | None:
    """Append data in one go; returns where it ends, None where not all of it got there."""
    try:
        descriptor = os.open(path, _APPEND, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        descriptor = os.open(path, _APPEND, 0o666)
    try:
        return os.lseek(descriptor, 0, os.SEEK_CUR) if os.write(descriptor, data) == len(data) else None
    finally:
        os.close(descriptor)


def _key(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=_KEY_BYTES).digest()


def _files(folder: Path, key: bytes) -> tuple[str, str]:
    stem = f"{folder}/{key[0] % _PACKS:02}"
    return f"{stem}.pack", f"{stem}.list"
