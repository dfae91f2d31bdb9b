"""Single image files: every format, cut, damaged, lying, and claiming the absurd; each beside one good image."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import cache, partial

import numpy as np

from tests.integration.hostile.case import Case, Fate, Late, Place, Sound, recorded
from tests.support.pictures import (
    bmp_bomb,
    encoded,
    gradient,
    interlaced_png,
    jpeg_bytes,
    png_bomb,
    png_bytes,
    png_chunk,
    tiff_bytes,
    webp_bomb,
)

Bytes = Callable[[], bytes]


def _pillow(kind: str, **options: object) -> bytes:
    from PIL import Image

    return encoded(Image.fromarray(gradient()), kind, **options)


def _jp2() -> bytes:
    import imagecodecs

    return imagecodecs.jpeg2k_encode(gradient(), level=0, codecformat="jp2", reversible=True)


def _heic() -> bytes:
    import pillow_heif
    from PIL import Image

    out = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(gradient())).save(out, quality=90)
    return out.getvalue()


def _dicom(**said: object) -> bytes:
    from tests.support.science import dicom_bytes

    return dicom_bytes((gradient()[None, ..., 0].astype(np.uint16) * 90), **said)


def _dicom_jpeg() -> bytes:
    import imagecodecs

    from tests.support.science import dicom_bytes

    return dicom_bytes(gradient()[None], syntax="1.2.840.10008.1.2.4.50", encode=imagecodecs.jpeg8_encode)


def _slide() -> bytes:
    import tempfile
    from pathlib import Path

    from tests.support.science import write_slide

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.svs"
        write_slide(path, gradient(150, 200), levels=2)
        return path.read_bytes()


GOOD: dict[str, tuple[str, Bytes]] = {
    "jpeg": ("jpg", jpeg_bytes),
    "progressive jpeg": ("jpg", partial(jpeg_bytes, progressive=True)),
    "png": ("png", png_bytes),
    "png of 16 bits": ("png", lambda: interlaced_png(gradient().astype(np.uint16) * 200)),
    "tiff": ("tif", lambda: tiff_bytes(gradient(), photometric="rgb")),
    "deflated tiff": ("tif", lambda: tiff_bytes(gradient(), photometric="rgb", compression="zlib")),
    "lzw tiff": ("tif", lambda: tiff_bytes(gradient(), photometric="rgb", compression="lzw")),
    "jpeg tiff": ("tif", lambda: tiff_bytes(gradient(64, 64), photometric="rgb", compression="jpeg")),
    "big tiff": ("tif", lambda: tiff_bytes(gradient()[..., 0].astype(np.uint16), bigtiff=True)),
    "float tiff": ("tif", lambda: tiff_bytes(gradient()[..., 0].astype(np.float32))),
    "ome tiff": ("tif", lambda: tiff_bytes(np.zeros((3, 2, 40, 60), np.uint16), ome=True, metadata={"axes": "ZCYX"})),
    "bmp": ("bmp", partial(_pillow, "BMP")),
    "gif": ("gif", partial(_pillow, "GIF")),
    "webp": ("webp", partial(_pillow, "WEBP")),
    "lossless webp": ("webp", partial(_pillow, "WEBP", lossless=True)),
    "jpeg 2000": ("jp2", _jp2),
    "heic": ("heic", _heic),
    "dicom": ("dcm", _dicom),
    "compressed dicom": ("dcm", _dicom_jpeg),
    "slide": ("svs", _slide),
}
"""Suffix and bytes of a sound file of each format."""

MAGIC = dict.fromkeys(GOOD, 12) | {"dicom": 132, "compressed dicom": 132, "heic": 24}
"""How many bytes tell the format."""


@cache
def good(name: str) -> bytes:
    """Return the bytes of a sound file, made once."""
    return GOOD[name][1]()


_BROKEN = ("image_truncated", "image_damaged", "image_hollow", "image_too_large", "image_no_pixels")


def _beside(name: str, data: Bytes, place: Place) -> None:
    (place.root / "good.png").write_bytes(png_bytes())
    (place.root / name).write_bytes(data())


def case(kind: str, what: str, name: str, data: Bytes, fate: Fate) -> Case:
    """Return the case of a file with these bytes beside a good image."""
    return Case(kind, f"{what} ({name})", partial(_beside, name, data), fate)


def _cut(name: str, share: float) -> bytes:
    data = good(name)
    return data[: max(MAGIC[name], int(len(data) * share))]


def _zeroed(name: str) -> bytes:
    data = good(name)
    return data[: MAGIC[name]] + bytes(len(data) - MAGIC[name])


def _noise(name: str) -> bytes:
    data = good(name)
    rest = np.random.default_rng(len(data)).integers(0, 256, len(data) - MAGIC[name], dtype=np.uint8)
    return data[: MAGIC[name]] + rest.tobytes()


def _wrong_magic(name: str) -> bytes:
    data = bytearray(good(name))
    for at in (at for at in (0, 1, 4, 128, 129) if at < len(data)):
        data[at] ^= 0x55
    return bytes(data)


def _cases() -> list[Case]:
    found = []
    unknown = ("image_unknown_format",)
    for name, (suffix, _) in GOOD.items():
        file = f"bad.{suffix}"
        broken = recorded(*_BROKEN, *(unknown if name == "slide" else ()), "image_unsupported")
        for share, word in ((0.0, "cut after its magic"), (0.25, "a quarter"), (0.5, "half"), (0.9, "nine tenths")):
            found.append(case("cut", f"{name}, {word}", file, partial(_cut, name, share), broken))
        found.append(case("overwritten", f"{name}, zeros", file, partial(_zeroed, name), broken))
        found.append(case("overwritten", f"{name}, noise", file, partial(_noise, name), broken))
        found.append(case("wrong magic", name, file, partial(_wrong_magic, name), recorded(*unknown, "image_damaged")))
    return found


def _png_header(*said: int) -> bytes:
    head = struct.pack(">IIBBBBB", *said)
    chunks = png_chunk(b"IHDR", head) + png_chunk(b"IDAT", b"x\x9c") + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _jpeg_claims(height: int, width: int) -> bytes:
    data = bytearray(jpeg_bytes())
    frame = data.find(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _tiff_claims(tag: int, value: int, **options: object) -> bytes:
    data = bytearray(tiff_bytes(gradient(), photometric="rgb", **options))
    for kind in (3, 4):
        at = data.find(struct.pack("<HHI", tag, kind, 1))
        if at >= 0:
            data[at : at + 12] = struct.pack("<HHII", tag, 4, 1, value)
            return bytes(data)
    raise AssertionError(f"no tag {tag}")


def _tiff_count(tag: int, count: int) -> bytes:
    data = bytearray(tiff_bytes(gradient(), photometric="rgb", rowsperstrip=4))
    at = next(at for kind in (3, 4) if (at := data.find(struct.pack("<HH", tag, kind))) >= 0)
    data[at + 4 : at + 8] = struct.pack("<I", count)
    return bytes(data)


def _tiff_circle() -> bytes:
    data = bytearray(tiff_bytes(gradient(), photometric="rgb"))
    (first,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * count, first)
    return bytes(data)


def _tiff_many_pages() -> bytes:
    """Directories without end: each of one entry, 70,000 of them."""
    count = 70_000
    parts = [b"II*\0" + struct.pack("<I", 8)]
    parts += [
        struct.pack("<HHHIII", 1, 256, 4, 1, 10, 8 + 18 * (at + 1) if at < count - 1 else 0) for at in range(count)
    ]
    return b"".join(parts)


def _ome_laughs() -> bytes:
    laughs = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
    xml = f'<?xml version="1.0"?><!DOCTYPE OME [<!ENTITY l0 "ha">{laughs}]><OME>&l9;</OME>'
    return tiff_bytes(gradient(), photometric="rgb", description=xml, metadata=None)


def _gif_many_frames() -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 8, 8, 0) + b"\x02\x02\x4c\x01\x00"
    return head + frame * 200_000 + b";"


def _endless_scans() -> bytes:
    data = jpeg_bytes(progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 3000 + b"\xff\xd9"


def _heavy_text() -> bytes:
    import zlib

    bomb = zlib.compress(bytes(200 * 2**20), 9)
    data = png_bytes()
    return data[:33] + png_chunk(b"zTXt", b"a\0\0" + bomb) + png_chunk(b"iCCP", b"a\0\0" + bomb) + data[33:]


def _heavy_idat(rows: int) -> bytes:
    import zlib

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


def _flipped_png() -> bytes:
    data = bytearray(png_bytes())
    data[-40] ^= 0x10
    return bytes(data)


_LARGE = recorded("image_too_large", "image_hollow", "image_damaged", "image_truncated", "image_too_heavy")
_ODD = recorded("image_damaged", "image_unsupported", "image_truncated", "image_hollow", "image_too_large")

ABSURD: tuple[tuple[str, str, Bytes, Fate], ...] = (
    ("png of 30,000 × 30,000", "a.png", lambda: png_bomb(30_000, 30_000), _LARGE),
    ("png of 2³¹ × 2³¹", "a.png", lambda: png_bomb(2**31 - 1, 2**31 - 1), _LARGE),
    ("png within the limits, hollow", "a.png", lambda: png_bomb(16_384, 16_384), _LARGE),
    ("png without width", "a.png", lambda: _png_header(0, 10, 8, 2, 0, 0, 0), _ODD),
    ("png of 3 bits", "a.png", lambda: _png_header(10, 10, 3, 2, 0, 0, 0), _ODD),
    ("png of no colour type", "a.png", lambda: _png_header(10, 10, 8, 7, 0, 0, 0), _ODD),
    ("png with 400 MB of text", "a.png", _heavy_text, Sound(2)),
    ("png with 300 MB of rows too many", "a.png", lambda: _heavy_idat(300 * 2**20), Sound(2)),
    ("png with too few rows", "a.png", lambda: png_bomb(1000, 1000), Late(("image_damaged",))),
    ("png with a bit flipped", "a.png", _flipped_png, recorded("image_damaged")),
    ("jpeg of 65,000 × 65,000", "a.jpg", lambda: _jpeg_claims(65_000, 65_000), _LARGE),
    ("jpeg of 16,000 × 16,000", "a.jpg", lambda: _jpeg_claims(16_000, 16_000), _LARGE),
    ("jpeg without height", "a.jpg", lambda: _jpeg_claims(0, 60), _ODD),
    ("jpeg of 3,000 scans", "a.jpg", _endless_scans, _ODD),
    ("tiff of 2³¹ columns", "a.tif", lambda: _tiff_claims(256, 2**31), _LARGE),
    ("tiff of 2³¹ rows", "a.tif", lambda: _tiff_claims(257, 2**31), _LARGE),
    ("tiff of no columns", "a.tif", lambda: _tiff_claims(256, 0), _ODD),
    ("tiff of 65,000 channels", "a.tif", lambda: _tiff_claims(277, 65_000), _ODD),
    ("tiff of unknown compression", "a.tif", lambda: _tiff_claims(259, 65_000), _ODD),
    ("tiff with rows beyond its strips", "a.tif", lambda: _tiff_claims(257, 4000), _ODD),
    ("tiff of 2³² strips", "a.tif", lambda: _tiff_count(273, 2**32 - 1), _ODD),
    ("tiff of 2²⁸ byte counts", "a.tif", lambda: _tiff_count(279, 2**28), _ODD),
    ("tiff in a circle", "a.tif", _tiff_circle, _ODD),
    ("tiff of 70,000 directories", "a.tif", _tiff_many_pages, _ODD),
    ("tiff that is only a head", "a.tif", lambda: b"II*\0\x08\0\0\0", _ODD),
    ("tiff that starts at its end", "a.tif", lambda: b"II*\0\xff\xff\xff\xff", _ODD),
    ("ome tiff that expands", "a.ome.tif", _ome_laughs, Sound(2)),
    ("bmp of 30,000 × 30,000", "a.bmp", bmp_bomb, _LARGE),
    ("webp of 2²⁴ × 2²⁴", "a.webp", webp_bomb, _LARGE),
    ("gif of 60,000 × 60,000", "a.gif", lambda: b"GIF89a" + struct.pack("<HH", 60_000, 60_000) + bytes(30), _LARGE),
    ("gif of 200,000 frames", "a.gif", _gif_many_frames, Late(("image_damaged",))),
    ("dicom of 60,000 × 60,000", "a.dcm", lambda: _dicom(Rows=60_000, Columns=60_000), _LARGE),
    ("dicom of 2 billion frames", "a.dcm", lambda: _dicom(NumberOfFrames=2_000_000_000), _LARGE),
    ("dicom of 200 bits", "a.dcm", lambda: _dicom(BitsStored=200), _ODD),
    ("dicom of 60,000 samples", "a.dcm", lambda: _dicom(SamplesPerPixel=60_000), _ODD),
    (
        "dicom without a patient or pixels",
        "a.dcm",
        lambda: bytes(128) + b"DICM",
        recorded("image_no_pixels", *_ODD.codes),
    ),
    ("a svs of text", "a.svs", lambda: b"Aperio" * 100, recorded("image_unknown_format")),
    ("a svs that is a plain png", "a.svs", png_bytes, recorded("image_unknown_format", "image_damaged")),
    ("heic of boxes without end", "a.heic", lambda: b"\0\0\0\x18ftypheic" + b"\0\0\0\x08moov" * 20_000, _ODD),
    ("jp2 of nothing", "a.jp2", lambda: good("jpeg 2000")[:12] + b"\0\0\0\0jp2c", _ODD),
)

OTHER: tuple[tuple[str, str, Bytes, Fate], ...] = (
    ("empty", "a.png", lambda: b"", recorded("image_empty")),
    ("one byte", "a.jpg", lambda: b"\xff", recorded("image_unknown_format")),
    ("text", "a.jpg", lambda: b"no picture\n" * 99, recorded("image_unknown_format")),
    ("html of an error", "a.jpg", lambda: b"<html>404 Not Found</html>", recorded("image_unknown_format")),
    ("svg with a script", "a.png", lambda: b"<svg><script>alert(1)</script></svg>", recorded("image_unknown_format")),
    ("an ELF program", "a.png", lambda: b"\x7fELF" + bytes(300), recorded("image_unknown_format")),
    ("a Windows program", "a.bmp", lambda: b"MZ" + bytes(300), recorded("image_unknown_format")),
    ("PostScript", "a.tif", lambda: b"%!PS-Adobe-3.0 EPSF\n(x) run", recorded("image_unknown_format")),
    ("a PDF", "a.jpg", lambda: b"%PDF-1.7\n" + bytes(99), recorded("image_unknown_format")),
    ("a ZIP", "a.png", lambda: b"PK\x03\x04" + bytes(99), recorded("image_unknown_format")),
    ("a png called jpg", "a.jpg", png_bytes, Sound(2)),
    ("a jpeg called tif", "a.tif", jpeg_bytes, Sound(2)),
    ("a jpeg called dcm", "a.dcm", jpeg_bytes, recorded("image_damaged")),
    ("a png with a ZIP behind it", "a.png", lambda: png_bytes() + b"PK\x03\x04" + bytes(99), Sound(2)),
    ("a jpeg with a script behind it", "a.jpg", lambda: jpeg_bytes() + b"<script>x</script>", Sound(2)),
)

CASES: tuple[Case, ...] = (
    *_cases(),
    *(case("absurd header", what, name, data, fate) for what, name, data, fate in ABSURD),
    *(case("no image at all", what, name, data, fate) for what, name, data, fate in OTHER),
)
