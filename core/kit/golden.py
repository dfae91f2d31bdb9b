"""Golden samples: real images in a kit, with the answers the model must give to them, on any machine, for ever."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.kit.layout import EXPECTED, GOLDEN

# 200 images of at most this many pixels stay below 64 MB even where PNG cannot compress them at all.
MAX_PIXELS: Final = 320 * 320
PNG: Final = ".png"
NPY: Final = ".npy"
# Unpacked, ``expected.npz`` holds the answers to some hundred images; an archive that claims more is a trap.
MAX_EXPECTED_BYTES: Final = 2**28


@dataclass(frozen=True, slots=True)
class Golden:
    """Golden samples as they stand in a kit.

    Attributes
    ----------
    names
        N relative POSIX paths in the kit.
    logits, probabilities
        (N, K) float32, what PyTorch answered.
    """

    names: tuple[str, ...]
    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.names)


def golden_crop(image: NDArray[Any]) -> NDArray[Any]:
    """Return `image` (H, W, C) itself, or, where it is large, its centre: real pixels, same shape, fewer of them.

    The most are `MAX_PIXELS` of three bytes; where a pixel has more bytes, there are fewer pixels.
    """
    height, width, channels = image.shape
    most = max(1, min(MAX_PIXELS, 3 * MAX_PIXELS // (channels * image.itemsize)))
    if height * width <= most:
        return image
    factor = (most / (height * width)) ** 0.5
    rows, columns = max(1, int(height * factor)), max(1, int(width * factor))
    rows, columns = min(rows, most), min(columns, most)
    top, left = (height - rows) // 2, (width - columns) // 2
    return image[top : top + rows, left : left + columns]


def golden_name(index: int, suffix: str = PNG) -> str:
    """Return the relative path of the golden image at `index`."""
    return f"{GOLDEN}/{index:04d}{suffix}"


def is_golden_image(name: str) -> bool:
    """Return whether the relative POSIX path `name` is where a golden image can be."""
    path = PurePosixPath(name)
    return len(path.parts) == 2 and path.parts[0] == GOLDEN and path.suffix in (PNG, NPY) and "\\" not in name


def write_golden_image(kit: Path, index: int, image: NDArray[Any]) -> str:
    """Write `image` losslessly into the kit's golden folder and return its relative path.

    (H, W, 3) uint8 RGB becomes a PNG. Anything else, (H, W, C) of measured values, becomes an array of numpy, which
    every program can read that has a model to feed.
    """
    plain = image.dtype == np.uint8 and image.shape[2] == 3
    name = golden_name(index, PNG if plain else NPY)
    path = kit / name
    path.parent.mkdir(exist_ok=True)
    if plain:
        from PIL import Image

        Image.fromarray(np.ascontiguousarray(image), mode=None).save(path, format="PNG", compress_level=6)
    else:
        np.save(path, np.ascontiguousarray(image), allow_pickle=False)
    return name


def read_golden_array(path: Path) -> NDArray[Any] | None:
    """Return a golden image (H, W, C) that was written as an array; None where the file is not one."""
    try:
        # Mapped, so that a header that lies about the size asks for no memory.
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if not isinstance(array, np.ndarray) or array.ndim != 3 or array.nbytes > MAX_EXPECTED_BYTES:
        return None
    return np.array(array)


def write_expected(
    kit: Path, names: Sequence[str], logits: NDArray[np.float32], probabilities: NDArray[np.float32]
) -> None:
    """Write what PyTorch answered, (N, K) each, for the golden images `names`."""
    np.savez(kit / EXPECTED, files=np.array(names, dtype=np.str_), logits=logits, probabilities=probabilities)


def read_golden(kit: Path, n_labels: int) -> Golden:
    """Read the golden samples of a kit.

    Raises
    ------
    UserError
        ``kit_damaged`` where ``expected.npz`` is not what was written, or names a file outside the golden folder.
    """
    try:
        files, logits, probabilities = _arrays(kit / EXPECTED, "files", "logits", "probabilities")
        names = tuple(_checked_name(name) for name in files.tolist())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise UserError("kit_damaged", path=str(kit), name=EXPECTED) from None
    if not _consistent(len(names), n_labels, logits, probabilities):
        raise UserError("kit_damaged", path=str(kit), name=EXPECTED)
    return Golden(names, logits.astype(np.float32), probabilities.astype(np.float32))


def _arrays(path: Path, *names: str) -> list[NDArray[Any]]:
    # Opened here, as numpy leaves the file open where it is not what it should be.
    with path.open("rb") as file:
        with zipfile.ZipFile(file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_EXPECTED_BYTES:
                raise ValueError(path)
        file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            return [arrays[name] for name in names]


def _checked_name(name: object) -> str:
    if not is_golden_image(str(name)):
        raise ValueError(name)
    return str(PurePosixPath(str(name)))


def _consistent(n: int, n_labels: int, *arrays: NDArray[Any]) -> bool:
    return n > 0 and all(array.shape == (n, n_labels) and np.issubdtype(array.dtype, np.floating) for array in arrays)
