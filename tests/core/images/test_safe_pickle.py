from __future__ import annotations

import os
import pickle
import pickletools
import struct
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.images.formats import Fault
from core.images.safe_pickle import load_plain

PLAIN = {b"labels": [1, 2, 300, 70_000], b"names": ["a", b"b"], b"more": {"x": (1.5, None, True)}}


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_plain_data_are_read_whatever_the_protocol(protocol):
    assert load_plain(pickle.dumps(PLAIN, protocol)) == PLAIN


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize("dtype", ["u1", ">u2", "<i8", "f4", "?"])
def test_arrays_are_read_as_numpy_would(protocol, dtype):
    array = np.arange(12).reshape(3, 4).astype(dtype)
    for one in (array, np.asfortranarray(array), array[:0]):
        found = load_plain(pickle.dumps({"data": one}, protocol))["data"]
        np.testing.assert_array_equal(found, one)
        assert found.shape == one.shape


class Runs:
    """Runs a command when it is unpickled, as any pickle may."""

    def __init__(self, function, *arguments):
        self._reduced = function, arguments

    def __reduce__(self):
        return self._reduced


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_a_pickle_with_code_is_refused_and_does_not_run(tmp_path, protocol):
    mark = tmp_path / "it-ran"
    for function, argument in ((os.system, f"touch {mark}"), (eval, f"open({str(mark)!r}, 'w')"), (open, str(mark))):
        for value in (Runs(function, argument), {"data": [Runs(function, argument)]}):
            with pytest.raises(Fault) as caught:
                load_plain(pickle.dumps(value, protocol))
            assert caught.value.code == "item_not_plain"
    assert not mark.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02cos\nsystem\nq\0.",
        b"\x80\x02cnumpy\nndarray\nq\0)R.",
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n}X\x01\0\0\0aK\x01sb.",
        b"\x80\x02}X\x01\0\0\0aK\x01sb.",
        b"\x80\x02cnumpy\ndtype\nX\x02\0\0\0O8K\0K\1\x87R.",
        b"\x80\x02P1\n.",
        b"\x80\x02\x82\x01.",
        b"\x80\x05\x96" + struct.pack("<Q", 2**50) + b".",
        b"\x80\x02i__main__\nx\n.",
    ],
)
def test_every_other_way_to_call_something_is_refused(data):
    with pytest.raises(Fault):
        load_plain(data)


def test_a_few_bytes_can_not_ask_for_much_memory_or_time():
    started = time.process_time()
    for data in (
        b"\x80\x02Nr\xff\xff\xff\xff.",
        b"\x80\x04\x95" + struct.pack("<Q", 2**62) + b"N.",
        b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b".",
        b"\x80\x02" + b"(" * 100_000 + b".",
        b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".",
    ):
        try:
            load_plain(data)
        except Fault:
            continue
    assert time.process_time() - started < 2


def test_an_array_that_claims_more_than_it_has_is_damaged():
    data = pickle.dumps(np.zeros((2, 4), np.uint8), 2).replace(b"K\x02K\x04\x86", b"K\x7fK\x7f\x86")
    with pytest.raises(Fault) as caught:
        load_plain(data)
    assert caught.value.code == "item_damaged"


@given(st.integers(0, 400), st.integers(0, 255))
def test_whatever_bit_is_wrong_it_is_read_or_refused(place, value):
    data = bytearray(pickle.dumps({"data": np.arange(20, dtype=np.uint8), "labels": [1, 2]}, 2))
    data[place % len(data)] = value
    try:
        load_plain(bytes(data))
    except Fault:
        return


def test_what_the_test_pickles_hold_is_what_it_says():
    codes = {code.name for code, _, _ in pickletools.genops(pickle.dumps(Runs(os.system, "true"), 2))}
    assert "REDUCE" in codes
