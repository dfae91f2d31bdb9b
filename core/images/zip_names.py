"""The entries of a ZIP that can be taken in: whole, safe, each name once; and why the others cannot."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Sequence
from typing import Final

from core.errors import UnreadableImage
from core.images.files import MAX_FILE_BYTES
from core.images.inside import safe_parts
from core.images.trees import Skipped, name_fault, printable
from core.paths import PROJECT_SUFFIX

MAX_ENTRIES: Final = 4_000_000
MAX_RATIO: Final = 400
RATIO_FROM_BYTES: Final = 2**24
"""Entries larger than this must not unpack to more than `MAX_RATIO` times their size: no picture packs so well."""

LARGE_BYTES, LARGE_RATIO = 2**28, 20
"""And these no more than so many times: they are unpacked into memory."""

MAX_TOTAL_BYTES: Final = 2**42

_UTF8_FLAG: Final = 0x800
_ENCRYPTED_FLAG: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
_ARCHIVES: Final = (".zip", ".7z", ".rar")


def safe_entries(archive: zipfile.ZipFile, skipped: Skipped) -> dict[str, zipfile.ZipInfo]:
    """Return the entries by path; those left out go to `skipped` with their reasons."""
    infos = archive.infolist()
    overlapping = _overlapping(infos)
    names = _Names(infos)
    found: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for number, info in enumerate(infos):
        path = names.name(info)
        if info.is_dir() or _passed_over(path):
            continue
        fault = _fault(info, path)
        total += info.file_size
        if fault is None and path in found:
            fault = "archive_duplicate"
        if fault is None and (number >= MAX_ENTRIES or total > MAX_TOTAL_BYTES or id(info) in overlapping):
            fault = "archive_bomb"
        if fault is None:
            found[path] = info
        else:
            skipped.append((printable(path), fault))
    return found


def _passed_over(path: str) -> bool:
    folders = path.split("/")[:-1]
    return (
        any(part.startswith(".") and part != ".." for part in path.split("/"))
        or "__MACOSX" in folders
        or any(folder.endswith(PROJECT_SUFFIX) for folder in folders)
    )


def _fault(info: zipfile.ZipInfo, path: str) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    checks = (
        (_leads_out(path), "image_outside"),
        (kind not in (0, stat.S_IFREG), "archive_link"),
        (bool(info.flag_bits & _ENCRYPTED_FLAG), "archive_encrypted"),
        (path.lower().endswith(_ARCHIVES), "archive_nested"),
        (info.compress_type not in _METHODS, "archive_method"),
        (info.file_size > MAX_FILE_BYTES, "image_too_large"),
        (info.file_size > max(RATIO_FROM_BYTES, MAX_RATIO * info.compress_size), "archive_bomb"),
        (info.file_size > max(LARGE_BYTES, LARGE_RATIO * info.compress_size), "archive_bomb"),
    )
    return next((code for wrong, code in checks if wrong), None) or name_fault(path)


def _leads_out(path: str) -> bool:
    try:
        parts = safe_parts(path)
    except UnreadableImage:
        return True
    # A drive is no path of ours on any system, and what is not in its plainest form could be there twice.
    return "/".join(parts) != path or (len(path) > 1 and path[1] == ":")


def _overlapping(infos: Sequence[zipfile.ZipInfo]) -> set[int]:
    """Return the entries (by identity) whose data lie in another's: one small block that unpacks a thousand times."""
    found, end = set(), 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            found.add(id(info))
        end = max(end, info.header_offset + 30 + info.compress_size)
    return found


class _Names:
    """The names of a ZIP's entries; those that do not say that they are UTF-8 are in one encoding, which is guessed."""

    def __init__(self, infos: Sequence[zipfile.ZipInfo]) -> None:
        raw = [info.orig_filename.encode("cp437") for info in infos if not info.flag_bits & _UTF8_FLAG]
        self._encoding = _encoding_of([name for name in raw if not name.isascii()])

    def name(self, info: zipfile.ZipInfo) -> str:
        name = info.orig_filename
        if not info.flag_bits & _UTF8_FLAG:
            name = name.encode("cp437").decode(self._encoding)
        # Some old Windows programs write backslashes; and nothing of a name is hidden behind a null.
        return name.replace("\\", "/")


def _encoding_of(names: Sequence[bytes]) -> str:
    """Return UTF-8 where all names are; CP949 where all are Korean text; or else CP437, which takes everything."""
    for encoding, convincing in (("utf-8", lambda _: True), ("cp949", _is_korean)):
        try:
            if all(convincing(name.decode(encoding)) for name in names):
                return encoding
        except UnicodeDecodeError:
            continue
    return "cp437"


def _is_korean(name: str) -> bool:
    """Return whether what is not ASCII is mostly Hangul as commonly written: rare letters are likelier Western ones."""
    letters = [letter for letter in name if not letter.isascii()]
    common = sum("가" <= letter <= "힣" and len(letter.encode("euc_kr", "ignore")) == 2 for letter in letters)
    return common * 2 > len(letters)
