"""Ids of samples as one value: as cheap to make, compare and hand on for a hundred thousand samples as for ten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray


class SampleIds(Sequence[int]):
    """Ids of samples in an order; immutable, and equal to a tuple of the same numbers.

    Examples
    --------
    >>> SampleIds([3, 1]) == (3, 1)
    True
    """

    __slots__ = ("_ids",)

    def __init__(self, ids: ArrayLike) -> None:
        self._ids = np.array(ids, dtype=np.int64).reshape(-1)
        self._ids.setflags(write=False)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self._ids, dtype=dtype) if copy else np.asarray(self._ids, dtype=dtype)

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> SampleIds: ...
    def __getitem__(self, index: int | slice) -> int | SampleIds:
        return SampleIds(self._ids[index]) if isinstance(index, slice) else int(self._ids[index])

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids.tolist())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SampleIds):
            return np.array_equal(self._ids, other._ids)
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"SampleIds({self._ids.tolist()})"
