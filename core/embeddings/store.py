"""Embeddings on disk: content -> feature vector, for one backbone, its weights and one preprocess.

A store is a folder of segments: immutable ``.npy`` files of records (digest, features), each written atomically, read
through a memory map. Work that is stopped or killed keeps the segments it had finished; adding samples adds segments;
when there are many, they are merged into one. Everything here can be deleted and made again.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.images.preprocess import Preprocess
from core.paths import atomic_write

MAX_SEGMENTS: Final = 12
_DIGEST_BYTES: Final = 16
_VERSION: Final = 1


class EmbeddingStore:
    """The feature vectors of one backbone and preprocess.

    Parameters
    ----------
    cache_dir
        The project's cache.
    fingerprint
        Of the backbone and its weights (`Classifier.fingerprint`).
    n_features
        Length F of a vector.
    """

    def __init__(self, cache_dir: Path, fingerprint: str, preprocess: Preprocess, n_features: int) -> None:
        key = {"version": _VERSION, "weights": fingerprint, "preprocess": preprocess.to_json()}
        name = hashlib.blake2b(json.dumps(key, sort_keys=True).encode(), digest_size=_DIGEST_BYTES).hexdigest()
        self.folder = cache_dir / "embeddings" / name
        self._record = np.dtype([("digest", f"V{_DIGEST_BYTES}"), ("features", "<f4", (n_features,))])

    def load(self, keys: Sequence[str], out: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Fill the rows of `out` (N, F) that are known; returns (N,) whether each is.

        Parameters
        ----------
        keys
            N digests of the images' content.
        """
        wanted = [content_key(key) for key in keys]
        found = np.zeros(len(keys), dtype=np.bool_)
        for segment in self._segments():
            records = self._open(segment)
            if records is None or found.all():
                continue
            index = {digest: row for row, digest in enumerate(records["digest"].tolist())}
            rows = np.array([index.get(digest, -1) for digest in wanted], dtype=np.int64)
            fresh = (rows >= 0) & ~found
            out[fresh] = records["features"][rows[fresh]]
            found |= fresh
        return found

    def add(self, keys: Sequence[str], features: NDArray[np.float32]) -> None:
        """Keep feature vectors (n, F), as one segment; `UserError` ``disk_full`` leaves the store as it was."""
        records = np.empty(len(keys), dtype=self._record)
        records["digest"] = [content_key(key) for key in keys]
        records["features"] = features
        self._write(records)

    def tidy(self) -> None:
        """Merge the segments if there are many."""
        segments = self._segments()
        if len(segments) <= MAX_SEGMENTS:
            return
        opened = [records for records in map(self._open, segments) if records is not None]
        self._write(np.concatenate(opened))
        del opened
        for segment in segments:
            # Another reader may hold it open, which Windows does not allow to be deleted: then it is merely double.
            with suppress(OSError):
                segment.unlink()

    def _segments(self) -> list[Path]:
        return sorted(self.folder.glob("[!.]*.npy"), key=lambda path: path.name)

    def _open(self, segment: Path) -> NDArray[np.void] | None:
        """Return the records of a segment, or None where the file is gone or damaged: it is then made again."""
        try:
            records: NDArray[np.void] = np.load(segment, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return records if records.dtype == self._record and records.ndim == 1 else None

    def _write(self, records: NDArray[np.void]) -> None:
        with atomic_write(self.folder / f"{uuid.uuid4().hex}.npy") as part, part.open("wb") as file:
            np.save(file, records, allow_pickle=False)


def content_key(key: str) -> bytes:
    """Return the 16 bytes by which the features of an image's content are found."""
    return hashlib.blake2b(key.encode(), digest_size=_DIGEST_BYTES).digest()
