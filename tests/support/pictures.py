"""Pictures for tests, and files that are no pictures."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image


def gradient(height: int = 40, width: int = 60) -> np.ndarray:
    """Return a smooth RGB picture without symmetry, (H, W, 3) uint8."""
    y, x = np.mgrid[:height, :width]
    planes = [x * 255 / max(1, width - 1), y * 255 / max(1, height - 1), (x + 2 * y) % 256]
    return np.stack(planes, axis=-1).astype(np.uint8)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the bytes of a picture in a format of Pillow's."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def tiff_bytes(pixels: np.ndarray, **options: object) -> bytes:
    """Return a TIFF file of tifffile's."""
    out = io.BytesIO()
    tifffile.imwrite(out, pixels, **options)
    return out.getvalue()


def save(folder: Path, name: str, data: bytes) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(data)
    return path


def jpeg_bytes(height: int = 40, width: int = 60, **options: object) -> bytes:
    """Return a JPEG file of `gradient`."""
    return encoded(Image.fromarray(gradient(height, width)), "JPEG", **options)


def png_bytes(height: int = 40, width: int = 60) -> bytes:
    """Return a PNG file of `gradient`."""
    return encoded(Image.fromarray(gradient(height, width)), "PNG")


def png_chunk(name: bytes, body: bytes) -> bytes:
    """Return a PNG chunk with its right checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def interlaced_png(pixels: np.ndarray) -> bytes:
    """Return (H, W, C) pixels, uint8 or uint16, as a PNG in Adam7's seven passes."""
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b""
    for top, left, down, across in passes:
        part = pixels[top::down, left::across]
        if part.size:
            rows += b"".join(b"\0" + row.astype(row.dtype.newbyteorder(">")).tobytes() for row in part)
    bits, colour = 8 * pixels.dtype.itemsize, {1: 0, 2: 4, 3: 2, 4: 6}[pixels.shape[2]]
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], bits, colour, 0, 0, 1)
    chunks = png_chunk(b"IHDR", head) + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def png_bomb(width: int, height: int, n_bytes: int = 0) -> bytes:
    """Return a small, well-formed PNG file that claims to be huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(10_000)) + bytes(n_bytes)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


def write_bad_files(folder: Path) -> dict[str, str]:
    """Write one file for each way not to be an image; returns the reason's code by name."""
    good_jpeg, good_png = jpeg_bytes(200, 300), png_bytes(200, 300)
    tiff = encoded(Image.fromarray(gradient()), "TIFF")
    files = {
        "empty.jpg": (b"", "image_empty"),
        "text.jpg": (b"this is no picture\n" * 20, "image_unknown_format"),
        "magic.png": (b"\x88PNG\r\n\x1a\n" + good_png[8:], "image_unknown_format"),
        "cut.jpg": (good_jpeg[: len(good_jpeg) // 2], "image_truncated"),
        "cut_in_header.jpg": (good_jpeg[:100], "image_truncated"),
        "no_end.jpg": (good_jpeg[:-20], "image_truncated"),
        "cut.png": (good_png[: len(good_png) // 2], "image_truncated"),
        "flipped.png": (good_png[:-40] + b"\0\1\2\3" + good_png[-36:], "image_damaged"),
        "cut.bmp": (encoded(Image.fromarray(gradient()), "BMP")[:-100], "image_truncated"),
        "cut.gif": (encoded(Image.fromarray(gradient()).convert("P"), "GIF")[:-300], "image_truncated"),
        "cut.webp": (encoded(Image.fromarray(gradient()), "WEBP")[:-100], "image_truncated"),
        "cut.tif": (tiff[: len(tiff) // 2], "image_damaged"),
        "bomb.png": (png_bomb(30_000, 30_000), "image_too_large"),
        "bomb.gif": (b"GIF89a" + struct.pack("<HH", 60_000, 60_000) + bytes(30) + b";", "image_too_large"),
        "bomb.bmp": (bmp_bomb(), "image_too_large"),
        "bomb.webp": (webp_bomb(), "image_too_large"),
    }
    for name, (data, _) in files.items():
        (folder / name).write_bytes(data)
    codes = {name: code for name, (_, code) in files.items()}
    (folder / "loop.png").symlink_to(folder / "loop.png")
    (folder / "nowhere.png").symlink_to(folder / "gone.png")
    codes |= {"loop.png": "image_link_loop", "nowhere.png": "image_missing"}
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.png")
        codes["pipe.png"] = "image_not_file"
    return codes


def bmp_bomb() -> bytes:
    """Return a BMP header that claims 30,000 × 30,000 pixels."""
    info = struct.pack("<IiiHHIIiiII", 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 100, 0, 0, 54) + info + bytes(100)


def webp_bomb() -> bytes:
    """Return a WebP header that claims 2²⁴ × 2²⁴ pixels."""
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\xff\xff\xff\xff\xff"
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
