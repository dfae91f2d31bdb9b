"""Files that hold many images as the rows of arrays: IDX (MNIST), CIFAR in both its versions, NPZ (MedMNIST);
and Parquet files of encoded images (Hugging Face).

Such a file's images are at ``FILE::item=N``, or ``FILE::item=NAME/N`` where it names several arrays; a plane
of a volume at ``FILE::item=NAME/N.zK``. What it knows of labels is here too, for the importers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.images.cifar_file import is_cifar_pickle, open_cifar_binary, open_cifar_pickle
from core.images.formats import Fault, Raw
from core.images.idx_file import open_idx_images
from core.images.npz_file import NpzImages, open_npz
from core.images.parquet_file import MAGIC, ParquetImages

_GZIP, _ZIP, _PICKLE, _IDX = b"\x1f\x8b", b"PK\x03\x04", b"\x80", b"\0\0\x08\x03"


class ImageRows(Protocol):
    """Images of one array: (N, H, W) or (N, H, W, C), read as they are asked for."""

    @property
    def shape(self) -> tuple[int, ...]:
        """As above."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """uint8, uint16 or float32."""

    def __getitem__(self, index: int, /) -> Any:
        """Return one image, (H, W) or (H, W, C)."""


@dataclass(frozen=True, slots=True)
class ItemFile:
    """A file of images.

    Attributes
    ----------
    kind
        ``idx``, ``cifar``, ``npz`` or ``parquet``.
    images
        By the name of the array; IDX and CIFAR have one, without a name.
    labels
        Integers by the name of their array: (N,) codes, or (N, K) with one column per label.
    """

    kind: str
    images: Mapping[str, ImageRows]
    labels: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    def image(self, value: str) -> Raw:
        """Return the image that the value of an ``item`` part names; raises `Fault`.

        Of a volume, that is the brightest of its planes at each place, as of the stack of a TIFF; or one plane of it.
        """
        rows, index, plane = self._row(value)
        row = np.asarray(rows[index])
        if isinstance(rows, NpzImages) and rows.volumes:
            row = row.max(axis=0) if plane is None else row[plane]
        if row.ndim == 3 and row.shape[2] == 1:
            row = row[..., 0]
        image: Raw = np.ascontiguousarray(row.astype(row.dtype.newbyteorder("="), copy=False))
        return image

    def encoded(self, value: str) -> bytes | None:
        """Return the bytes of an image that is a file of its own, None for a row of an array; raises `Fault`."""
        rows, index, _ = self._row(value)
        return rows.encoded(index) if isinstance(rows, ParquetImages) else None

    def _row(self, value: str) -> tuple[ImageRows, int, int | None]:
        name, _, place = value.rpartition("/")
        index, _, plane = place.partition(".z")
        rows = self.images.get(name)
        if rows is None or int(index) >= rows.shape[0]:
            raise Fault("image_missing")
        if plane and not (isinstance(rows, NpzImages) and rows.volumes and int(plane) < rows.shape[1]):
            raise Fault("image_missing")
        return rows, int(index), int(plane) if plane else None


def open_items(file: Path, scratch: Path) -> ItemFile:
    """Return the images in a file, known by its first bytes.

    Parameters
    ----------
    scratch
        Where large compressed arrays are unpacked to.

    Raises
    ------
    Fault
        ``items_unknown``, or what is wrong with the file.
    OSError
        Where it cannot be read.
    """
    with file.open("rb") as stream:
        head = stream.read(8)
    if head.startswith((_GZIP, _IDX)):
        return ItemFile("idx", {"": open_idx_images(file)})
    if head.startswith(MAGIC):
        return ItemFile("parquet", {"": ParquetImages(file)})
    if head.startswith(_ZIP):
        arrays, labels = open_npz(file, scratch)
        return ItemFile("npz", arrays, labels)
    if head.startswith(_PICKLE) and is_cifar_pickle(head):
        images, labels = open_cifar_pickle(file)
        return ItemFile("cifar", {"": images}, labels)
    found = open_cifar_binary(file)
    if found is None:
        raise Fault("items_unknown" if head else "image_empty")
    return ItemFile("cifar", {"": found[0]}, found[1])
