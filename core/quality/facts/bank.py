"""Facts of many images in files that are read through a memory map; by the images' content, only ever appended.

As the bank of features (`core.embeddings.bank`) does it: a row counts once its digest is written, which happens last,
so that a killed process or a full disk leaves nothing half. Everything here can be deleted and made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.images.hashing import bytes_digest
from core.paths import disk_errors, write_at
from core.quality.facts.columns import COLUMNS, TAGS

VERSION: Final = 2
"""Of what the measures mean: another one has other files."""

ARRAYS: Final[dict[str, tuple[str, tuple[int, ...]]]] = {
    "small": ("|u1", (32, 32)),
    "colours": ("|u1", (8, 8, 3)),
    "pixel_digest": ("|u1", (16,)),
    "numbers": ("<f4", (len(COLUMNS),)),
    "tags": ("<i4", (len(TAGS),)),
}
"""Type and shape of a row of each file."""

_KEY_BYTES: Final = 16
_KEYS, _WORDS = "facts.keys", "facts.words"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found of one image; `arrays` by the names of `ARRAYS` but the tags, which are texts by name."""

    arrays: Mapping[str, NDArray[Any]]
    tags: Mapping[str, str]


class FactsBank:
    """Facts by content; one writer, any number of readers.

    Parameters
    ----------
    cache_dir
        The project's cache; its folder ``facts`` is made when something is added.
    """

    def __init__(self, cache_dir: Path) -> None:
        self.folder = cache_dir / "facts" / _family()
        self.words: list[str] = []
        self._row_of: dict[bytes, int] = {}
        self._code_of: dict[str, int] = {}
        self._words_end = 0
        self._known = 0
        self._look()

    def __len__(self) -> int:
        return self._known

    def rows(self, keys: Sequence[str]) -> NDArray[np.int64]:
        """Return (N,) the row of each content key, -1 where there is none."""
        found = self._row_of
        return np.fromiter((found.get(_content_key(key), -1) for key in keys), dtype=np.int64, count=len(keys))

    def mapped(self, name: str) -> NDArray[Any]:
        """Return one of `ARRAYS` with all the bank's rows, read-only, through a memory map."""
        kind, shape = ARRAYS[name]
        if not self._known:
            return np.empty((0, *shape), dtype=kind)
        return np.memmap(self._file(name), kind, "r", shape=(self._known, *shape))

    def add(self, keys: Sequence[str], measured: Sequence[Measured]) -> None:
        """Append rows; raises `UserError` ``disk_full``, and then has none of them."""
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            codes = self._add_words(measured)
            for name, (kind, shape) in ARRAYS.items():
                rows = codes if name == "tags" else np.stack([one.arrays[name] for one in measured]).astype(kind)
                write_at(self._file(name), self._known * _row_bytes(name), rows.reshape(-1, *shape).tobytes())
            digests = b"".join(_content_key(key) for key in keys)
            write_at(self.folder / _KEYS, self._known * _KEY_BYTES, digests)
        self._look()

    def _add_words(self, measured: Sequence[Measured]) -> NDArray[np.int32]:
        """Return (n, T) codes of the tags, writing words that are new."""
        codes, fresh = np.full((len(measured), len(TAGS)), -1, dtype=np.int32), dict[str, int]()
        for row, one in enumerate(measured):
            for column, name in enumerate(TAGS):
                if word := one.tags.get(name, ""):
                    known = self._code_of.get(word)
                    codes[row, column] = (
                        fresh.setdefault(word, len(self.words) + len(fresh)) if known is None else known
                    )
        if fresh:
            lines = "".join(json.dumps(word) + "\n" for word in fresh).encode()
            write_at(self.folder / _WORDS, self._words_end, lines)
            self._look_at_words()
        return codes

    def _look(self) -> None:
        """Read the keys of the rows that are whole and not known yet."""
        self._look_at_words()
        try:
            sizes = [self._file(name).stat().st_size // _row_bytes(name) for name in ARRAYS]
            with (self.folder / _KEYS).open("rb") as file:
                file.seek(self._known * _KEY_BYTES)
                new = file.read()
        except OSError:
            return
        whole = max(0, min(min(sizes) - self._known, len(new) // _KEY_BYTES))
        for index in range(whole):
            self._row_of[new[index * _KEY_BYTES : (index + 1) * _KEY_BYTES]] = self._known + index
        self._known += whole

    def _look_at_words(self) -> None:
        try:
            with (self.folder / _WORDS).open("rb") as file:
                file.seek(self._words_end)
                new = file.read()
        except OSError:
            return
        # Without its end, a line is what a killed process left: written over next time.
        for line in new[: new.rfind(b"\n") + 1].splitlines(keepends=True):
            try:
                word = str(json.loads(line))
            except ValueError:
                return
            self._code_of.setdefault(word, len(self.words))
            self.words.append(word)
            self._words_end += len(line)

    def _file(self, name: str) -> Path:
        return self.folder / f"facts.{name}"


def _family() -> str:
    """Return the name of the folder: another one for other columns, so that nothing old is misread."""
    said = json.dumps([VERSION, list(COLUMNS), list(TAGS), list(ARRAYS)])
    return bytes_digest(said.encode())[:16]


def _row_bytes(name: str) -> int:
    kind, shape = ARRAYS[name]
    return int(np.dtype(kind).itemsize * np.prod(shape))


def _content_key(key: str) -> bytes:
    return bytes.fromhex(bytes_digest(key.encode()))
