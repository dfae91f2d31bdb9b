"""Archives that lead out, lie, or expand: ZIP and tar."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.integration.hostile.case import Case, Fate, Given, Make, Place, Sound, recorded, refused
from tests.support.pictures import jpeg_bytes, png_bytes


def _zip(*entries: tuple[str | zipfile.ZipInfo, bytes], how: int = zipfile.ZIP_DEFLATED) -> Make:
    def make(place: Place) -> Given:
        file = place.around / "a.zip"
        with zipfile.ZipFile(file, "w", how) as packed:
            packed.writestr("x/good.png", png_bytes())
            for name, data in entries:
                packed.writestr(name, data)
        return Given(file)

    return make


def _zip_damaged(change: Callable[[bytearray], bytes | bytearray]) -> Make:
    def make(place: Place) -> Given:
        given = _zip(("x/b.png", png_bytes()), ("x/c.jpg", jpeg_bytes()))(place)
        assert given is not None
        file = Path(str(given.source))
        file.write_bytes(change(bytearray(file.read_bytes())))
        return given

    return make


def _info(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def _lying_size(data: bytearray) -> bytearray:
    """Let the directory claim that each entry is small: what unpacks is more."""
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 24 : at + 28] = struct.pack("<I", 50)
        at = data.find(b"PK\x01\x02", at + 1)
    return data


def _huge_size(data: bytearray) -> bytearray:
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 2**31 - 1)
    return data


def _encrypted(data: bytearray) -> bytearray:
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.rfind(mark)
        data[at + offset] |= 1
    return data


def _unknown_method(data: bytearray) -> bytearray:
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.rfind(mark)
        data[at + offset : at + offset + 2] = struct.pack("<H", 99)
    return data


def _flip_inside(data: bytearray) -> bytearray:
    at = data.rfind(b"PK\x03\x04")
    data[at + 60] ^= 0xFF
    return data


def _many_entries(data: bytearray) -> bytearray:
    at = data.rfind(b"PK\x05\x06")
    data[at + 8 : at + 12] = struct.pack("<HH", 65_000, 65_000)
    return data


def _far_directory(data: bytearray) -> bytearray:
    at = data.rfind(b"PK\x05\x06")
    data[at + 16 : at + 20] = struct.pack("<I", 2**31)
    return data


def _overlapping(place: Place) -> Given:
    """Thousands of entries that are all the same bytes of the file."""
    given = _zip()(place)
    assert given is not None
    file = Path(str(given.source))
    data = file.read_bytes()
    start = data.find(b"PK\x01\x02")
    end = data.find(b"PK\x05\x06")
    entry = bytearray(data[start:end])
    names = [f"x/{number:04}.png".encode() for number in range(2000)]
    entries = b"".join(bytes(entry[:28]) + struct.pack("<H", len(name)) + bytes(entry[30:46]) + name for name in names)
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(names), len(names), len(entries), start, 0)
    file.write_bytes(data[:start] + entries + tail)
    return given


_OUT, _LINK = "image_outside", "archive_link"

ZIPS: tuple[tuple[str, Make, Fate], ...] = (
    ("path with ..", _zip(("../trap.png", png_bytes())), recorded(_OUT)),
    ("path from the root", _zip(("/tmp/coverslip-trap.png", png_bytes())), recorded(_OUT)),
    ("path with a drive", _zip(("C:/trap.png", png_bytes())), recorded(_OUT)),
    ("path with backslashes", _zip(("..\\..\\trap.png", png_bytes())), recorded(_OUT)),
    ("path with .. in its middle", _zip(("x/../../trap.png", png_bytes())), recorded(_OUT)),
    ("path with a lone dot", _zip(("x/./b.png", png_bytes())), Sound(1)),
    ("link to a file outside", _zip((_info("x/l.png", stat.S_IFLNK | 0o777), b"/etc/passwd")), recorded(_LINK)),
    ("device", _zip((_info("x/d.png", stat.S_IFBLK | 0o666), b"x")), recorded(_LINK)),
    ("pipe", _zip((_info("x/p.png", stat.S_IFIFO | 0o666), b"x")), recorded(_LINK)),
    ("name twice", _zip(("x/b.png", png_bytes()), ("x/b.png", jpeg_bytes())), recorded("archive_duplicate", good=2)),
    ("ZIP in a ZIP", _zip(("x/inner.zip", b"PK\x03\x04"), ("x/b.png", png_bytes())), Sound(2)),
    ("null in a name", _zip((_info("x/a.png\0.txt"), png_bytes())), Sound(2)),
    ("name of a part", _zip(("x/a.tif::page=3", png_bytes()), ("x/b.png::page=1.png", png_bytes())), Sound(2)),
    ("bomb of an image", _zip(("x/b.png", bytes(40 * 2**20))), recorded("archive_bomb")),
    ("entries over each other", _overlapping, recorded("archive_bomb", "archive_entry_damaged", good=0)),
    ("sizes too small", _zip_damaged(_lying_size), recorded("image_truncated", "archive_entry_damaged", good=0)),
    ("size of 2 GB", _zip_damaged(_huge_size), recorded("archive_bomb", good=2)),
    ("encrypted entry", _zip_damaged(_encrypted), recorded("archive_encrypted", good=2)),
    ("unknown packing", _zip_damaged(_unknown_method), recorded("archive_method", good=2)),
    (
        "bits flipped in an entry",
        _zip_damaged(_flip_inside),
        recorded("archive_entry_damaged", good=2),
    ),
    ("directory that counts 65,000", _zip_damaged(_many_entries), Sound(3)),
    ("directory beyond the end", _zip_damaged(_far_directory), refused("source_no_images", "archive_damaged")),
    ("cut in half", _zip_damaged(lambda data: data[: len(data) // 2]), refused("archive_damaged")),
    ("only its magic", _zip_damaged(lambda data: data[:4]), refused("archive_damaged")),
    ("noise", _zip_damaged(lambda data: data[:4] + np.random.default_rng(1).bytes(5000)), refused("archive_damaged")),
    ("wrong magic", _zip_damaged(lambda data: b"XX" + data[2:]), refused("source_no_images")),
)


def _tar(*members: tuple[tarfile.TarInfo | str, bytes]) -> Make:
    def make(place: Place) -> None:
        with tarfile.open(place.root / "a.tar", "w") as packed:
            for name, data in (("good.png", png_bytes()), *members):
                info = tarfile.TarInfo(name) if isinstance(name, str) else name
                info.size = len(data)
                packed.addfile(info, io.BytesIO(data))

    return make


def _tar_info(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def _tar_damaged(change: Callable[[bytearray], bytes | bytearray]) -> Make:
    def make(place: Place) -> None:
        _tar(("b.jpg", jpeg_bytes()))(place)
        file = place.root / "a.tar"
        file.write_bytes(change(bytearray(file.read_bytes())))

    return make


def _tar_claims(size: bytes) -> Callable[[bytearray], bytearray]:
    def change(data: bytearray) -> bytearray:
        at = data.find(b"b.jpg")
        data[at + 124 : at + 136] = size
        data[at + 148 : at + 156] = b" " * 8
        data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
        return data

    return change


def _sparse_member(place: Place) -> None:
    """A member of 1.9 GB that takes no room on the disk."""
    _tar()(place)
    info = tarfile.TarInfo("huge.png")
    info.size = 1900 * 2**20
    with (place.root / "a.tar").open("r+b") as file:
        file.seek(512 + -(-len(png_bytes()) // 512) * 512)
        file.write(info.tobuf() + png_bytes())
        file.truncate(512 * 3 + 4096 + info.size)


_TAR_BAD = ("archive_damaged_tar",)

TARS: tuple[tuple[str, Make, Fate], ...] = (
    ("path with ..", _tar(("../trap.png", png_bytes())), recorded(_OUT)),
    ("path from the root", _tar(("/tmp/trap.png", png_bytes())), recorded(_OUT)),
    ("link to a file outside", _tar((_tar_info("l.png", tarfile.SYMTYPE, "/etc/passwd"), b"")), recorded(_LINK)),
    ("hard link outside", _tar((_tar_info("l.png", tarfile.LNKTYPE, "../../x"), b"")), recorded(_LINK)),
    ("link to itself", _tar((_tar_info("l.png", tarfile.SYMTYPE, "l.png"), b"")), recorded(_LINK)),
    ("device", _tar((_tar_info("d.png", tarfile.CHRTYPE), b"")), recorded(_LINK)),
    ("pipe", _tar((_tar_info("p.png", tarfile.FIFOTYPE), b"")), recorded(_LINK)),
    ("name twice", _tar(("good.png", jpeg_bytes())), recorded("archive_duplicate")),
    ("name of 5,000 letters", _tar(("n" * 5000 + ".png", png_bytes())), recorded("image_name_invalid")),
    ("member of 8 GB", _tar_damaged(_tar_claims(b"77777777777\0")), recorded("image_too_large", "image_truncated")),
    (
        "member below nothing",
        _tar_damaged(_tar_claims(b"-0000000001\0")),
        recorded(*_TAR_BAD, "image_truncated"),
    ),
    ("member beyond the end", _tar_damaged(_tar_claims(b"00000777777\0")), recorded("image_truncated", *_TAR_BAD)),
    ("sparse member of 1.9 GB", _sparse_member, refused("archive_bomb")),
    (
        "cut in half",
        _tar_damaged(lambda data: data[: data.find(b"b.jpg") + 700]),
        recorded(*_TAR_BAD, "image_truncated"),
    ),
    ("noise", _tar_damaged(lambda data: np.random.default_rng(2).bytes(9000)), refused(*_TAR_BAD)),
    ("zeros", _tar_damaged(lambda data: bytes(9000)), refused("source_no_images")),
    ("gzip under its name", _tar_damaged(lambda data: gzip.compress(data)), Sound(2)),
)

CASES: tuple[Case, ...] = (
    *(Case("zip", name, make, fate) for name, make, fate in ZIPS),
    *(Case("tar", name, make, fate) for name, make, fate in TARS),
)
