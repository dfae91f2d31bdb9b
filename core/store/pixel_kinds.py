"""Which kinds of pixels a project's images have, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.store.columns import id_ranges, read_numbers
from core.store.project import Project
from core.store.query_sql import ids_parameter

_DEPTHS: Final = 1000
"""More than there are bits in a value."""
_PART: Final = 2**16


@dataclass(frozen=True, slots=True)
class PixelKind:
    """So many images with so many channels of so many bits."""

    channels: int
    bit_depth: int
    count: int

    @property
    def plain(self) -> bool:
        """Whether they are 8-bit grey or RGB: seen as they are, without a window."""
        return self.bit_depth <= 8 and self.channels in (1, 3)


def pixel_kinds(project: Project, ids: NDArray[np.int64] | None = None) -> list[PixelKind]:
    """Return the kinds of the readable images with these ids, or of all, the most frequent first."""
    # Put together by parts: to group them, SQLite would sort all samples, in memory.
    counted: Counter[int] = Counter()
    for condition, parameters in _parts(project, ids):
        codes = read_numbers(
            project.db.read(),
            f"SELECT {_DEPTHS} * channels + bit_depth FROM sample WHERE problem IS NULL AND {condition}",
            parameters,
        )
        counted.update(dict(zip(*(found.tolist() for found in np.unique(codes, return_counts=True)), strict=True)))
    kinds = [PixelKind(*divmod(code, _DEPTHS), count) for code, count in counted.items()]
    return sorted(kinds, key=lambda kind: (-kind.count, kind.channels, kind.bit_depth))


def _parts(project: Project, ids: NDArray[np.int64] | None) -> Iterator[tuple[str, Sequence[object]]]:
    if ids is None:
        for first, last in id_ranges(project.db.read()):
            yield "id BETWEEN ? AND ?", (first, last)
        return
    for start in range(0, len(ids), _PART):
        yield "id IN (SELECT value FROM json_each(?))", (ids_parameter(ids[start : start + _PART].tolist()),)
