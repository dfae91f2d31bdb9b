"""Pickled data that hold nothing but numbers, text, lists, dictionaries and plain arrays; anything else is refused.

A pickle is a program. This reads the few instructions that build plain data, and for the three names that numpy's
arrays need puts harmless stand-ins of its own: no class, no function that the file names is ever looked up or called.
"""

from __future__ import annotations

import io
import math
import pickle
import struct
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from core.images.formats import Fault

MAX_BYTES: Final = 2**29
_DTYPES: Final = frozenset({"b1", "u1", "u2", "u4", "i1", "i2", "i4", "i8", "u8", "f4", "f8"})
_OPCODES: Final = (
    *(pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK, pickle.POP, pickle.POP_MARK, pickle.DUP),
    *(pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE, pickle.INT, pickle.BININT, pickle.BININT1, pickle.BININT2),
    *(pickle.LONG1, pickle.FLOAT, pickle.BINFLOAT),
    *(pickle.STRING, pickle.BINSTRING, pickle.SHORT_BINSTRING, pickle.UNICODE, pickle.BINUNICODE),
    *(pickle.SHORT_BINUNICODE, pickle.BINBYTES, pickle.SHORT_BINBYTES, pickle.BINBYTES8, pickle.BINUNICODE8),
    *(pickle.EMPTY_TUPLE, pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3),
    *(pickle.EMPTY_LIST, pickle.LIST, pickle.APPEND, pickle.APPENDS),
    *(pickle.EMPTY_DICT, pickle.DICT, pickle.SETITEM, pickle.SETITEMS),
    *(pickle.GET, pickle.BINGET, pickle.LONG_BINGET, pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE),
    *(pickle.GLOBAL, pickle.STACK_GLOBAL, pickle.REDUCE, pickle.BUILD),
)


class _Array:
    """Stands for a numpy array until it is whole."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: np.ndarray[Any, Any] | None = None

    def fill(self, state: Any) -> None:
        _, shape, dtype, fortran, data = state
        if not isinstance(dtype, _Dtype) or not isinstance(data, bytes) or not isinstance(shape, tuple):
            raise Fault("item_not_plain")
        if len(shape) > 8 or not all(type(side) is int and side >= 0 for side in shape):
            raise Fault("item_not_plain")
        if math.prod(shape) * dtype.dtype.itemsize != len(data):
            raise Fault("item_damaged")
        self.value = np.frombuffer(data, dtype.dtype).reshape(shape, order="F" if fortran else "C")


class _Dtype:
    """Stands for a numpy type of plain numbers."""

    __slots__ = ("dtype",)

    def __init__(self, name: object) -> None:
        text = name.decode("latin-1") if isinstance(name, bytes) else name
        if text not in _DTYPES:
            raise Fault("item_not_plain")
        self.dtype: np.dtype[Any] = np.dtype(str(text))

    def fill(self, state: Any) -> None:
        order = state[1].decode("latin-1") if isinstance(state[1], bytes) else state[1]
        if order == ">":
            self.dtype = self.dtype.newbyteorder(">")


def _new_array(*_: object) -> _Array:
    return _Array()


def _new_dtype(name: object, *_: object) -> _Dtype:
    return _Dtype(name)


def _encoded(text: object, *_: object) -> bytes:
    """Do what ``_codecs.encode(text, "latin1")`` does, by which newer Pythons write bytes for older ones."""
    if not isinstance(text, str):
        raise Fault("item_not_plain")
    return text.encode("latin-1")


def _no_bytes(*_: object) -> bytes:
    """Do what ``bytes()`` does, by which they write that there are none."""
    return b""


_NDARRAY: Final = object()
_NAMES: Final[dict[tuple[str, str], object]] = {
    ("numpy.core.multiarray", "_reconstruct"): _new_array,
    ("numpy._core.multiarray", "_reconstruct"): _new_array,
    ("numpy", "ndarray"): _NDARRAY,
    ("numpy", "dtype"): _new_dtype,
    ("_codecs", "encode"): _encoded,
    ("__builtin__", "bytes"): _no_bytes,
}
_CALLABLE: Final = (_new_array, _new_dtype, _encoded, _no_bytes)


class _Reader(pickle._Unpickler):
    """Reads the plain instructions; in Python, as the reader in C takes memory for whatever index it is told."""

    stack: list[Any]

    def find_class(self, module: str, name: str) -> object:
        """Return the stand-in for a name; refuse any other, without looking it up."""
        if (module, name) not in _NAMES:
            raise Fault("item_not_plain")
        return _NAMES[module, name]

    def _reduce(self) -> None:
        arguments = self.stack.pop()
        function = self.stack[-1]
        if function not in _CALLABLE or not isinstance(arguments, tuple):
            raise Fault("item_not_plain")
        self.stack[-1] = function(*arguments)

    def _build(self) -> None:
        state = self.stack.pop()
        if not isinstance(self.stack[-1], _Array | _Dtype):
            raise Fault("item_not_plain")
        self.stack[-1].fill(state)

    def _refuse(self) -> None:
        raise Fault("item_not_plain")


def _dispatch() -> dict[int, Callable[[Any], None]]:
    table: dict[int, Callable[[Any], None]] = dict.fromkeys(range(256), _Reader._refuse)
    table.update({code[0]: pickle._Unpickler.dispatch[code[0]] for code in _OPCODES})
    table.update({pickle.REDUCE[0]: _Reader._reduce, pickle.BUILD[0]: _Reader._build})
    return table


_Reader.dispatch = _dispatch()


def load_plain(data: bytes) -> Any:
    """Return what a pickle of plain data holds, with bytes for the strings of Python 2.

    Raises
    ------
    Fault
        ``item_not_plain`` where it wants anything to be called or built but plain data, ``item_damaged``, or
        ``image_too_large``.
    """
    if len(data) > MAX_BYTES:
        raise Fault("image_too_large")
    try:
        return _finished(_Reader(io.BytesIO(data), encoding="bytes").load(), depth=0)
    except Fault:
        raise
    except (
        *(pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError),
        *(RecursionError, OverflowError, MemoryError, struct.error),
    ) as error:
        raise Fault("item_damaged") from error


def _finished(value: Any, depth: int) -> Any:
    """Return a value with its arrays in place, down to the few levels that data sets have."""
    if isinstance(value, _Array):
        if value.value is None:
            raise Fault("item_damaged")
        return value.value
    if isinstance(value, dict) and depth < 3:
        return {key: _finished(item, depth + 1) for key, item in value.items()}
    return value
