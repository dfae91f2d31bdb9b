"""Data sets in IDX files, as MNIST comes: pairs of ``…-images-idx3-ubyte`` and ``…-labels-idx1-ubyte``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.address import parse_address
from core.domain.labels import label_name
from core.domain.samples import NewSample, Split
from core.errors import UserError
from core.images.formats import Fault
from core.images.hashing import bytes_digest
from core.images.idx_file import IdxImages, open_idx_images, open_idx_labels
from core.images.trees import TreeFile

_IMAGES: Final = re.compile(r"(?P<stem>.+[-.])images(?P<dash>[-.])idx3-ubyte(?P<gz>\.gz)?", re.IGNORECASE)
_NAME_FILES: Final = ("labels.txt", "classes.txt", "label_names.txt")
_SPLITS: Final = {"t10k": Split.TEST, "test": Split.TEST, "val": Split.VAL, "valid": Split.VAL}


@dataclass(frozen=True, slots=True)
class IdxPair:
    """One file of images and, where there is one, its file of labels."""

    images: Path
    labels: Path | None
    split: Split


@dataclass(frozen=True, slots=True)
class IdxData:
    """The images of one file, loaded: pixels (N, H, W) uint8, label names (N) or None, and the file's time."""

    name: str
    pixels: IdxImages
    labels: list[str] | None
    split: Split
    mtime_ns: int

    def files(self) -> list[TreeFile]:
        """Return each image as a found file ``FILE::item=INDEX``."""
        size = int(np.prod(self.pixels.shape[1:]))
        return [TreeFile(f"{self.name}::item={index}", size, self.mtime_ns) for index in range(len(self.pixels))]

    def label(self, path: str) -> str | None:
        """Return the label of one of `files`, by its path."""
        return self.labels[int(parse_address(path).value)] if self.labels is not None else None

    def sample(self, found: TreeFile) -> NewSample:
        """Return the sample for one of `files`."""
        index = int(parse_address(found.path).value)
        return NewSample(
            path=found.path,
            digest=bytes_digest(self.pixels[index].data),
            size_bytes=found.size_bytes,
            mtime_ns=found.mtime_ns,
            width=self.pixels.shape[2],
            height=self.pixels.shape[1],
            channels=1,
            bit_depth=8,
            label=self.label(found.path),
            split=self.split,
        )


def find_pairs(root: Path) -> list[IdxPair]:
    """Return the IDX files of images that lie in `root` itself, by name; one of two with and without ``.gz``."""
    names = {entry.name for entry in root.iterdir() if entry.is_file()}
    pairs = []
    for name in sorted(names):
        found = _IMAGES.fullmatch(name)
        if found is None or (found["gz"] and name[:-3] in names):
            continue
        plain = f"{found['stem']}labels{found['dash']}idx1-ubyte"
        labels = next((root / label for label in (plain, f"{plain}.gz") if label in names), None)
        split = next((s for word, s in _SPLITS.items() if word in re.split(r"[-._]", found["stem"].lower())), None)
        pairs.append(IdxPair(root / name, labels, split or Split.NONE))
    return pairs


def load_pair(pair: IdxPair, *, labelled: bool) -> IdxData:
    """Load one pair.

    Raises
    ------
    UserError
        ``idx_magic``, ``idx_size``, ``idx_counts``, ``idx_names``, ``image_too_large`` or ``source_unreadable``.
    """
    pixels = _load_images(pair.images)
    names = None
    if labelled and pair.labels is not None:
        codes = _load_labels(pair.labels)
        if len(codes) != len(pixels):
            raise UserError("idx_counts", path=str(pair.labels), labels=len(codes), images=len(pixels))
        table = _label_names(pair.images.parent, codes)
        names = [table[code] for code in codes.tolist()]
    return IdxData(pair.images.name, pixels, names, pair.split, pair.images.stat().st_mtime_ns)


def _load_images(file: Path) -> IdxImages:
    try:
        return open_idx_images(file)
    except Fault as fault:
        raise UserError(fault.code, path=str(file)) from fault
    except OSError as error:
        raise UserError("source_unreadable", path=str(file)) from error


def _load_labels(file: Path) -> NDArray[np.uint8]:
    try:
        return open_idx_labels(file)
    except Fault as fault:
        raise UserError(fault.code, path=str(file)) from fault
    except OSError as error:
        raise UserError("source_unreadable", path=str(file)) from error


def _label_names(folder: Path, codes: NDArray[np.uint8]) -> Sequence[str]:
    """Return the names by code: the lines of a text file beside the images, or else the codes themselves."""
    count = int(codes.max()) + 1 if len(codes) else 0
    file = next((folder / name for name in _NAME_FILES if (folder / name).is_file()), None)
    if file is None:
        return [str(code) for code in range(count)]
    try:
        names = [label_name(line) for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise UserError("idx_names", path=str(file), count=count) from error
    if len(names) < count or len(set(names)) < len(names):
        raise UserError("idx_names", path=str(file), count=count)
    return names
