from __future__ import annotations

from core.quality.duplicates.best import Standing, best_first


def test_a_larger_file_of_the_same_encoding_did_not_lose_less():
    large, small = Standing(100, 8, 0.5, 101, 2.0), Standing(100, 8, 0.5, 101, 1.5)
    assert best_first({1: small, 2: large}) == ([2, 1], "size")


def test_a_finer_encoding_is_why_it_is_kept():
    fine, coarse = Standing(100, 8, 0.5, 95, 1.0), Standing(100, 8, 0.5, 60, 2.0)
    assert best_first({1: coarse, 2: fine}) == ([2, 1], "encoding")
