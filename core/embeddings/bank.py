"""Feature vectors of many images in half precision, in one file that is read through a memory map.

Where the `EmbeddingStore` keeps what the backbone said to the bit, a bank is for looking at all of a project's features
again and again: a million of 1,280 numbers take 2.6 GB on disk and no memory of their own. Rows are kept by the images'
content and only ever appended; a row counts once its digest is written, which happens last, so a killed process leaves
nothing half. Everything here can be deleted and made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from filelock import FileLock
from numpy.typing import NDArray
from torch import Tensor

from core.embeddings.store import EmbeddingStore, content_key
from core.paths import disk_errors, write_at

CHUNK_ROWS: Final = 8_192
"""Read at once: 42 MB of 1,280 numbers in single precision."""
_LARGEST: Final = float(np.finfo(np.float16).max)


class FeatureBank:
    """Half-precision features by content; any number of writers and readers, each with a bank of its own.

    Parameters
    ----------
    folder
        Where it lies; made when something is added.
    n_features
        Length F of a vector.
    """

    def __init__(self, folder: Path, n_features: int) -> None:
        self.folder = folder
        self._features, self._digests = folder / "bank.features", folder / "bank.digests"
        self.n_features = n_features
        self._row_of: dict[bytes, int] = {}
        self._known = 0
        self._look()

    @classmethod
    def beside(cls, store: EmbeddingStore, n_features: int) -> FeatureBank:
        """Return the bank of the same backbone and preprocess as `store`."""
        return cls(store.folder, n_features)

    def __len__(self) -> int:
        return self._known

    def rows(self, keys: Sequence[str]) -> NDArray[np.int64]:
        """Return (N,) the row of each content key, -1 where there is none."""
        return np.array([self._row_of.get(content_key(key), -1) for key in keys], dtype=np.int64)

    def contents(self, rows: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return (N, 2) uint64 digests of what rows are the features of, by which equal content is known; 0 for -1."""
        width = len(content_key(""))
        raw = self._digests.read_bytes()[: self._known * width] if self._known else b""
        found = np.zeros((len(rows), 2), dtype=np.uint64)
        found[rows >= 0] = np.frombuffer(raw, "<u8").reshape(-1, 2)[rows[rows >= 0]]
        return found

    def digest(self, rows: NDArray[np.int64]) -> str:
        """Return what stands for the content of some rows (n,), in their order; -1 is a row of its own."""
        contents = self.contents(rows).astype("<u8")
        return hashlib.blake2b(contents.tobytes(), digest_size=len(content_key(""))).hexdigest()

    def add(self, keys: Sequence[str], features: NDArray[np.float32]) -> None:
        """Append vectors (n, F), finite; raises `UserError` ``disk_full``, and then has none of them."""
        if not len(keys):
            return
        half = np.clip(features, -_LARGEST, _LARGEST).astype(np.float16)
        digests = [content_key(key) for key in keys]
        with disk_errors(self._features):
            self._features.parent.mkdir(parents=True, exist_ok=True)
            # A check, the map and suggestions may embed at the same time, each with a bank of its own on these files.
            with FileLock(self._features.with_suffix(".lock")):
                self._look()
                new = [row for row, digest in enumerate(digests) if digest not in self._row_of]
                at = self._known * self.n_features * 2
                write_at(self._features, at, half[new].tobytes())
                write_at(self._digests, self._known * len(content_key("")), b"".join(digests[row] for row in new))
        self._look()

    def take(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of some rows (n,), none of them -1, as (n, F) float32."""
        out = torch.empty(len(rows), self.n_features)
        order = np.argsort(rows, kind="stable")
        # In the order they lie on disk, which reads ahead.
        for part, features in self.chunks(rows[order]):
            out[torch.from_numpy(order[part])] = features
        found: NDArray[np.float32] = out.numpy()
        return found

    def chunks(self, rows: NDArray[np.int64], size: int = CHUNK_ROWS) -> Iterator[tuple[slice, Tensor]]:
        """Yield the vectors of rows (n,), none of them -1, a chunk at a time: the slice of `rows`, and (m, F) float32.

        The memory in use is one chunk, whatever n is.
        """
        for start in range(0, len(rows), size):
            # Mapped anew for each chunk: the pages that were read are let go with it.
            mapped, part = self._mapped(), rows[start : start + size]
            low, high = int(part[0]), int(part[-1]) + 1
            consecutive = high - low == len(part) and bool((np.diff(part) == 1).all())
            half = np.array(mapped[low:high]) if consecutive else mapped[part]
            yield slice(start, start + len(part)), torch.from_numpy(half).float()

    def _mapped(self) -> NDArray[np.float16]:
        if not self._known:
            return np.empty((0, self.n_features), dtype=np.float16)
        shape = (self._known, self.n_features)
        found: NDArray[np.float16] = np.memmap(self._features, np.float16, "r", shape=shape)
        return found

    def _look(self) -> None:
        """Read the digests of the rows that are whole and not known yet."""
        width = len(content_key(""))
        try:
            written = self._features.stat().st_size // (2 * self.n_features)
            with self._digests.open("rb") as file:
                file.seek(self._known * width)
                new = file.read()
        except OSError:
            return
        whole = min(written - self._known, len(new) // width)
        for index in range(whole):
            self._row_of[new[index * width : (index + 1) * width]] = self._known + index
        self._known += max(0, whole)


@dataclass(frozen=True, slots=True)
class PoolFeatures:
    """The features of a pool's samples: (N,) their rows in the bank, -1 where an image could not be read."""

    bank: FeatureBank
    rows: NDArray[np.int64]
