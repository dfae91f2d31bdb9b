"""Entries that are made when they are asked for, so that a million of them cost no memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

from core.ingest.formats.spec import Entry

T = TypeVar("T")


class LazyEntries(Sequence[Entry], Generic[T]):
    """The entry that `make` gives of each of `items`."""

    def __init__(self, items: Sequence[T], make: Callable[[T], Entry]) -> None:
        self._items = items
        self._make = make

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> LazyEntries[T]: ...
    def __getitem__(self, index: int | slice) -> Entry | LazyEntries[T]:
        if isinstance(index, slice):
            return LazyEntries(self._items[index], self._make)
        return self._make(self._items[index])

    def __iter__(self) -> Iterator[Entry]:
        return map(self._make, self._items)
