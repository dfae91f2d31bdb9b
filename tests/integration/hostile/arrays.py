"""Files of many images that carry code, lie, or expand: pickles, NPZ, IDX, videos."""

from __future__ import annotations

import gzip
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.integration.hostile.case import Case, Fate, Make, Place, Sound, recorded, refused
from tests.support.idx import write_idx
from tests.support.pictures import png_bytes


class Touch:
    """What creates a file when it is unpickled carelessly."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


class Shell(Touch):
    """The same through a shell."""

    def __reduce__(self) -> tuple[object, ...]:
        return (os.system, (f"touch '{self.path}'",))


class Evaluated(Touch):
    """The same through ``eval``."""

    def __reduce__(self) -> tuple[object, ...]:
        return (eval, (f"open({str(self.path)!r}, 'w')",))


def _batch(content: Callable[[Place], bytes], meta: Callable[[Place], bytes] | None = None) -> Make:
    def make(place: Place) -> None:
        (place.root / "data_batch_1").write_bytes(content(place))
        if meta is not None:
            (place.root / "batches.meta").write_bytes(meta(place))

    return make


def _pickled(thing: Callable[[Path], object], protocol: int = 2) -> Callable[[Place], bytes]:
    def content(place: Place) -> bytes:
        batch = {b"data": np.zeros((2, 3072), np.uint8), b"labels": [0, 1], b"more": thing(place.trap)}
        return pickle.dumps(batch, protocol)

    return content


def _plain_batch(place: Place) -> bytes:
    return pickle.dumps({b"data": np.zeros((2, 3072), np.uint8), b"labels": [0, 1]}, 2)


def _memo_bomb() -> bytes:
    """Lists of lists of lists: 10³⁰ items once they are copied or counted."""
    inner = b"]q\0(" + b"K\1" * 10 + b"e"
    return b"\x80\2" + inner + b"".join(b"]q%c(" % (at + 1) + b"h%c" % at * 10 + b"e" for at in range(30)) + b"."


_PLAIN = refused("items_unreadable")

PICKLES: tuple[tuple[str, Make, Fate], ...] = (
    ("code in a batch", _batch(_pickled(Touch)), _PLAIN),
    ("a shell in a batch", _batch(_pickled(Shell)), _PLAIN),
    ("eval in a batch", _batch(_pickled(Evaluated)), _PLAIN),
    ("code in a batch, protocol 5", _batch(_pickled(Touch, 5)), _PLAIN),
    ("code in the names of the labels", _batch(_plain_batch, _pickled(Touch)), Sound(2)),
    ("an instance", _batch(lambda place: b"\x80\2(ios\nsystem\n."), _PLAIN),
    ("an extension's code", _batch(lambda place: b"\x80\2\x82\1."), _PLAIN),
    ("a persistent id", _batch(lambda place: b"\x80\2X\1\0\0\0xQ."), _PLAIN),
    ("text of 4 GB", _batch(lambda place: b"\x80\2X\xff\xff\xff\x7fx."), _PLAIN),
    ("lists in lists 100,000 deep", _batch(lambda place: b"\x80\2" + b"]" * 100_000 + b"a" * 99_999 + b"."), _PLAIN),
    ("lists of lists of lists", _batch(lambda place: _memo_bomb()), _PLAIN),
    ("a number of 1,000,000 digits", _batch(lambda place: b"\x80\2I" + b"9" * 10**6 + b"\n."), _PLAIN),
    ("a mark that is not there", _batch(lambda place: b"\x80\2e."), _PLAIN),
    ("cut off", _batch(lambda place: _plain_batch(place)[:3000]), _PLAIN),
    ("nothing but its magic", _batch(lambda place: b"\x80\2"), _PLAIN),
)


def _npz(name: str = "a.npz", **arrays: object) -> Make:
    def make(place: Place) -> None:
        found = {key: value(place) if callable(value) else value for key, value in arrays.items()}
        np.savez_compressed(place.root / name, **found)

    return make


def _npz_header(header: str, data: bytes = bytes(192)) -> Make:
    def make(place: Place) -> None:
        text = header.encode() + b"\n"
        with zipfile.ZipFile(place.root / "a.npz", "w") as packed:
            packed.writestr("train_images.npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + data)

    return make


def _npz_damaged(change: Callable[[bytes], bytes]) -> Make:
    def make(place: Place) -> None:
        _npz(train_images=_IMAGES, train_labels=np.zeros((3, 1), np.uint8))(place)
        file = place.root / "a.npz"
        file.write_bytes(change(file.read_bytes()))

    return make


_IMAGES = np.random.default_rng(5).integers(0, 256, (3, 8, 8), dtype=np.uint8)
_SHAPE = "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }"


def _npz_bomb(place: Place) -> None:
    with (
        zipfile.ZipFile(place.root / "a.npz", "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("train_images.npy", "w", force_zip64=True) as out,
    ):
        text = (_SHAPE % "(100, 1024, 1024)").encode() + b"\n"
        out.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text)
        for _ in range(100):
            out.write(bytes(2**20))


NPZS: tuple[tuple[str, Make, Fate], ...] = (
    (
        "array of objects with code",
        _npz(train_images=lambda place: np.array([Touch(place.trap)], dtype=object)),
        _PLAIN,
    ),
    ("labels with code", _npz(train_images=_IMAGES, train_labels=lambda p: np.array([Touch(p.trap)], object)), _PLAIN),
    ("header that is code", _npz_header("__import__('os').system('true')"), _PLAIN),
    ("shape of 10¹⁸", _npz_header(_SHAPE % "(1000000000, 1000000, 1000)"), _PLAIN),
    ("shape below nothing", _npz_header(_SHAPE % "(-3, 8, 8)"), _PLAIN),
    ("shape that wraps around", _npz_header(_SHAPE % "(4294967296, 4294967296, 1)"), _PLAIN),
    ("header of 60,000 brackets", _npz_header("(" * 60_000), _PLAIN),
    ("unknown kind of numbers", _npz_header("{'descr': '|V99', 'fortran_order': False, 'shape': (3, 8, 8), }"), _PLAIN),
    ("labels too few", _npz(train_images=_IMAGES, train_labels=np.zeros((2, 1), np.uint8)), refused("idx_counts")),
    ("no images in it", _npz(something=np.zeros(3)), _PLAIN),
    ("100 MB out of 100 kB", _npz_bomb, Sound(100)),
    ("cut in half", _npz_damaged(lambda data: data[: len(data) // 2]), _PLAIN),
    ("wrong magic", _npz_damaged(lambda data: b"XX" + data[2:]), _PLAIN),
    ("noise", _npz_damaged(lambda data: np.random.default_rng(3).bytes(4000)), _PLAIN),
    ("empty", _npz_damaged(lambda data: b""), _PLAIN),
)

_IMAGE_FILE, _LABEL_FILE = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def _idx(images: bytes, labels: bytes | None = None, suffix: str = "") -> Make:
    def make(place: Place) -> None:
        (place.root / f"{_IMAGE_FILE}{suffix}").write_bytes(images)
        if labels is not None:
            (place.root / f"{_LABEL_FILE}{suffix}").write_bytes(labels)

    return make


def _idx_head(kind: int, *sides: int) -> bytes:
    return struct.pack(f">{1 + len(sides)}I", kind, *sides)


def _idx_labels(count: int) -> Make:
    def make(place: Place) -> None:
        write_idx(place.root / _IMAGE_FILE, np.zeros((3, 5, 4)))
        write_idx(place.root / _LABEL_FILE, np.arange(count))

    return make


def _idx_bomb(place: Place) -> None:
    """400 MB of images, gzipped to 2 MB."""
    squeezer = zlib.compressobj(1, zlib.DEFLATED, 31)
    with (place.root / f"{_IMAGE_FILE}.gz").open("wb") as out:
        out.write(squeezer.compress(_idx_head(0x803, 400, 1024, 1024)))
        block = bytes(2**22)
        for _ in range(100):
            out.write(squeezer.compress(block))
        out.write(squeezer.flush())


_IDX = refused("idx_size", "idx_magic", "image_too_large", "items_unreadable")

IDXS: tuple[tuple[str, Make, Fate], ...] = (
    ("of 2³² images", _idx(_idx_head(0x803, 2**32 - 1, 28, 28) + bytes(99)), _IDX),
    ("of images of 2³² rows", _idx(_idx_head(0x803, 1, 2**32 - 1, 2**32 - 1) + bytes(99)), _IDX),
    ("cut in its header", _idx(_idx_head(0x803, 3)), _IDX),
    ("cut in its pixels", _idx(_idx_head(0x803, 3, 5, 4) + bytes(59)), _IDX),
    ("longer than it says", _idx(_idx_head(0x803, 3, 5, 4) + bytes(61)), _IDX),
    ("wrong magic", _idx(b"\1\2\3\4" + bytes(99)), _IDX),
    ("labels for images", _idx(_idx_head(0x801, 3) + bytes(3)), _IDX),
    ("of no pixels", _idx(_idx_head(0x803, 3, 0, 4)), refused("idx_size", "idx_magic", "items_unreadable")),
    ("empty", _idx(b""), _IDX),
    ("labels too few", _idx_labels(2), refused("idx_counts")),
    ("labels too many", _idx_labels(4), refused("idx_counts")),
    ("gzip that is none", _idx(b"\x1f\x8b no gzip", suffix=".gz"), _IDX),
    ("gzip that is cut", _idx(gzip.compress(_idx_head(0x803, 3, 5, 4) + bytes(60))[:-9], suffix=".gz"), _IDX),
    (
        "gzip of 99 MB too many",
        _idx(gzip.compress(_idx_head(0x803, 3, 5, 4) + bytes(99 * 2**20)), suffix=".gz"),
        _IDX,
    ),
    ("gzip of 400 MB", _idx_bomb, _IDX),
)


def _video(data: Callable[[], bytes], name: str = "film.mp4") -> Make:
    def make(place: Place) -> None:
        (place.root / "good.png").write_bytes(png_bytes())
        (place.root / name).write_bytes(data())

    return make


def _film() -> bytes:
    import tempfile

    from tests.support.datasets import video

    with tempfile.TemporaryDirectory() as folder:
        video(Path(folder))
        return (Path(folder) / "moving" / "film.mp4").read_bytes()


def _noisy(data: bytes) -> bytes:
    return data[:48] + np.random.default_rng(4).bytes(400) + data[448:]


_NO_VIDEO = recorded("image_damaged", "video_no_stream", "image_empty", "image_truncated", "image_unknown_format")

VIDEOS: tuple[tuple[str, Make, Fate], ...] = (
    ("empty", _video(lambda: b""), _NO_VIDEO),
    ("text", _video(lambda: b"no film" * 99), _NO_VIDEO),
    ("half", _video(lambda: _film()[:-900]), _NO_VIDEO),
    (
        "noise in its middle",
        _video(lambda: _noisy(_film())),
        _NO_VIDEO,
    ),
    ("play list of a file outside", _video(lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "a.mkv"), _NO_VIDEO),
    ("list of files to join", _video(lambda: b"ffconcat version 1.0\nfile /etc/passwd\n", "a.avi"), _NO_VIDEO),
    ("address of a server", _video(lambda: b"#EXTM3U\n#EXTINF:1,\nhttp://192.0.2.1/a.ts\n", "a.mov"), _NO_VIDEO),
    (
        "session description",
        _video(lambda: b"v=0\no=- 0 0 IN IP4 192.0.2.1\nm=video 9 RTP/AVP 96\n", "a.mpg"),
        _NO_VIDEO,
    ),
)

CASES: tuple[Case, ...] = (
    *(Case("pickle", name, make, fate) for name, make, fate in PICKLES),
    *(Case("npz", name, make, fate) for name, make, fate in NPZS),
    *(Case("idx", name, make, fate) for name, make, fate in IDXS),
    *(Case("video", name, make, fate) for name, make, fate in VIDEOS),
)
