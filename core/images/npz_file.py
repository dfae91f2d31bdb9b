"""NPZ files of images and labels, as MedMNIST publishes them: arrays in a ZIP, read without pickle, mapped from disk.

Yang et al., "MedMNIST v2", Scientific Data 10, 41 (2023): ``train_images`` (N, H, W[, 3]) or (N, D, H, W),
``train_labels`` (N, K), and so on for val and test.
"""

from __future__ import annotations

import hashlib
import math
import struct
import threading
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import numpy as np
from numpy.typing import NDArray

from core.images.formats import MAX_PIXELS, Fault
from core.paths import atomic_write

MAX_ARRAY_BYTES: Final = 2**37
_MAX_ARRAYS: Final = 1000
_MAX_LABEL_BYTES: Final = 2**28
_IN_MEMORY_BYTES: Final = 2**27
_MAX_RATIO: Final = 1100  # what deflate reaches at most; more is a lie
_BLOCK_BYTES: Final = 2**22
_MAX_HEADER: Final = 10_000
_FEW_CHANNELS, _MOST_CHANNELS = 8, 64
_PIXELS: Final = frozenset({"uint8", "uint16", "float32"})


class NpzImages:
    """One array of images, unpacked when the first of them is asked for."""

    def __init__(self, file: Path, info: zipfile.ZipInfo, header: tuple[Any, ...], scratch: Path) -> None:
        self.shape, self._fortran, self.dtype, self._offset = header
        self.volumes = are_volumes(self.shape)
        self._file, self._info, self._scratch = file, info, scratch
        self._array: NDArray[Any] | None = None
        self._lock = threading.Lock()

    def __getitem__(self, index: int) -> Any:
        """Return one image."""
        with self._lock:
            if self._array is None:
                self._array = self._open()
        return self._array[index]

    def _open(self) -> NDArray[Any]:
        order: Any = "F" if self._fortran else "C"
        if self._info.compress_type == zipfile.ZIP_STORED:
            start = _data_offset(self._file, self._info) + self._offset
            return np.memmap(self._file, self.dtype, "r", start, self.shape, order)
        if self._info.file_size <= _IN_MEMORY_BYTES:
            with zipfile.ZipFile(self._file) as archive:
                data = archive.read(self._info)
            return np.frombuffer(data, self.dtype, offset=self._offset).reshape(self.shape, order=order)
        return np.memmap(self._unpacked(), self.dtype, "r", self._offset, self.shape, order)

    def _unpacked(self) -> Path:
        status = self._file.stat()
        what = f"{self._file}\0{status.st_mtime_ns}\0{self._info.filename}\0{self._info.CRC}"
        name = hashlib.blake2b(what.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
        unpacked = self._scratch / "arrays" / f"{name}.npy"
        if not unpacked.is_file():
            with (
                atomic_write(unpacked) as part,
                part.open("wb") as out,
                zipfile.ZipFile(self._file) as archive,
                archive.open(self._info) as stream,
            ):
                while block := stream.read(_BLOCK_BYTES):
                    out.write(block)
        return unpacked


def open_npz(file: Path, scratch: Path) -> tuple[Mapping[str, NpzImages], dict[str, NDArray[np.int64]]]:
    """Return the arrays of images, and those of integers that may be their labels, by name.

    Raises
    ------
    Fault
        ``items_unknown``, ``item_damaged``, ``item_not_plain`` (an array of objects) or ``archive_bomb``.
    """
    images: dict[str, NpzImages] = {}
    labels: dict[str, NDArray[np.int64]] = {}
    try:
        with zipfile.ZipFile(file) as archive:
            infos = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            if len(infos) > _MAX_ARRAYS:
                raise Fault("archive_bomb")
            for info in infos:
                _take(file, archive, info, scratch, images, labels)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Fault("item_damaged") from error
    if not images:
        raise Fault("items_unknown")
    return images, labels


def _take(
    file: Path,
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    scratch: Path,
    images: dict[str, NpzImages],
    labels: dict[str, NDArray[np.int64]],
) -> None:
    if info.file_size > min(MAX_ARRAY_BYTES, _MAX_RATIO * info.compress_size + 2**16):
        raise Fault("archive_bomb")
    with archive.open(info) as stream:
        header = _header(cast(BinaryIO, stream), info)
        shape, _, dtype, _ = header
        name = info.filename.removesuffix(".npy")
        if _are_images(shape, dtype) and "/" not in name and ":" not in name:
            images[name] = NpzImages(file, info, header, scratch)
        elif len(shape) in (1, 2) and dtype.kind in "iub" and info.file_size <= _MAX_LABEL_BYTES:
            values = np.frombuffer(stream.read(), dtype).reshape(shape, order="F" if header[1] else "C")
            labels[name] = values.astype(np.int64)


def _are_images(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    sizes = len(shape) in (3, 4) and min(shape) > 0 and shape[1] * shape[2] <= MAX_PIXELS
    if are_volumes(shape):
        return dtype.name in _PIXELS and min(shape) > 0 and shape[1] * shape[2] * shape[3] <= MAX_PIXELS
    return sizes and dtype.name in _PIXELS and (len(shape) == 3 or shape[3] <= _MOST_CHANNELS)


def are_volumes(shape: tuple[int, ...]) -> bool:
    """Return whether an array is (N, D, H, W), as MedMNIST's volumes are, and not (N, H, W, C).

    It is where all sides are alike, or the last two are and the first is not, or the last is too many for channels.
    """
    if len(shape) != 4 or shape[3] <= _FEW_CHANNELS:
        return False
    _, first, second, last = shape
    return first == second == last or (second == last and second != first) or last > _MOST_CHANNELS


def _header(stream: BinaryIO, info: zipfile.ZipInfo) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return shape, whether columns come first, type, and where the data start; they must be all there."""
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(stream, max_header_size=_MAX_HEADER)
    if dtype.hasobject:
        raise Fault("item_not_plain")
    offset = stream.tell()
    if any(side < 0 for side in shape) or math.prod(shape) * dtype.itemsize != info.file_size - offset:
        raise Fault("item_damaged")
    return shape, fortran, dtype, offset


def _data_offset(file: Path, info: zipfile.ZipInfo) -> int:
    """Return where an entry's data start, after the header that stands before them."""
    with file.open("rb") as stream:
        stream.seek(info.header_offset)
        head = stream.read(30)
    if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        raise Fault("item_damaged")
    name, extra = struct.unpack("<HH", head[26:30])
    return int(info.header_offset + 30 + name + extra)
