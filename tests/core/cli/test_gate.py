import argparse

import pytest

from core.cli.gate import Limit, broken_limits, limits
from core.domain.findings import Finding, FindingKind, FindingState


def finding(kind):
    return Finding(1, kind, "1", 1, (1,), 0.5, None, None, {}, FindingState.OPEN, stale=False, found_at="")


EVERY = frozenset(FindingKind)
BLURRED, SUSPECT = finding(FindingKind.BLURRY), finding(FindingKind.LABEL_SUSPECT)


def test_limits_are_read_from_one_argument():
    assert limits("blurry, label_suspect>20,any") == [Limit("blurry"), Limit("label_suspect", 20), Limit("any")]


@pytest.mark.parametrize(
    "text", ["", "blurry,", "blur", "blurry>", "blurry>-1", "blurry<3", ">3", "blurry > 3", "any>1e3"]
)
def test_what_is_no_limit_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError):
        limits(text)


@pytest.mark.parametrize(
    ("asked", "broken"),
    [
        ("blurry", True),
        ("blurry>1", True),
        ("blurry>2", False),
        ("dark", False),
        ("any>2", True),
        ("any>3", False),
        ("expected_errors>7", True),
        ("expected_errors>8", False),
    ],
)
def test_a_limit_is_broken_by_more_than_it_allows(asked, broken):
    found = [BLURRED, BLURRED, SUSPECT]
    errors = {"value": 8.4, "low": 3, "high": 12}
    assert bool(broken_limits(limits(asked), found, errors, EVERY)) is broken


def test_an_expectation_that_was_never_made_breaks_its_limit():
    assert broken_limits(limits("expected_errors>1000"), [], None, EVERY)


def test_what_nobody_looked_for_breaks_its_limit():
    assert broken_limits(limits("dark>1000"), [], None, {FindingKind.BLURRY})


def test_a_part_of_an_error_is_none():
    assert not broken_limits(limits("expected_errors"), [], {"value": 5e-6, "low": 0, "high": 0.1}, EVERY)


def test_any_kind_is_broken_by_one_that_nobody_looked_for():
    assert broken_limits(limits("any>1000"), [], None, EVERY - {FindingKind.DARK})
    assert not broken_limits(limits("any"), [], None, EVERY)
