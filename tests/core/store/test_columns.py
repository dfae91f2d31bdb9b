"""Columns read in one step: the same numbers in the same order as row by row."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store.columns import parse_numbers, read_numbers

NUMBERS = st.lists(st.integers(-(2**62), 2**62), max_size=50)


@given(NUMBERS)
def test_what_is_put_together_comes_apart_again(numbers: list[int]) -> None:
    assert parse_numbers(",".join(map(str, numbers)) or None).tolist() == numbers


def test_a_text_longer_than_a_chunk_is_read_whole() -> None:
    numbers = np.random.default_rng(3).integers(-(10**9), 10**9, 100_000)
    assert np.array_equal(parse_numbers(",".join(map(str, numbers.tolist()))), numbers)


@pytest.mark.parametrize("order", ["n", "n DESC", "n % 7, n DESC", "-n"])
def test_the_order_of_the_rows_is_kept(order: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (n INTEGER)")
    connection.executemany("INSERT INTO t VALUES (?)", [(n * 37 % 1009,) for n in range(1009)])
    sql = f"SELECT n FROM t WHERE n > ? ORDER BY {order}"
    expected = [n for (n,) in connection.execute(sql, (5,))]
    assert read_numbers(connection, sql, (5,)).tolist() == expected
    connection.close()


def test_no_row_is_no_number() -> None:
    connection = sqlite3.connect(":memory:")
    assert read_numbers(connection, "SELECT 1 WHERE 0").tolist() == []
    connection.close()
