from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.query import Days, GroupBy, Range, SampleQuery, SortKey
from core.domain.query_line import format_query, parse_query, term_value
from core.domain.samples import SampleState, Split
from core.errors import UserError

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)
numbers = st.floats(-1e6, 1e6)
days = st.dates()
queries = st.builds(
    SampleQuery,
    labels=st.lists(st.none() | texts, max_size=3).map(tuple),
    splits=st.lists(st.sampled_from(Split), max_size=2).map(tuple),
    groups=st.lists(st.none() | texts, max_size=2).map(tuple),
    tags=st.lists(st.none() | texts, max_size=2).map(tuple),
    sources=st.lists(texts, max_size=2).map(tuple),
    findings=st.lists(texts, max_size=2).map(tuple),
    predicted=st.lists(texts, max_size=2).map(tuple),
    states=st.lists(st.sampled_from(SampleState), max_size=2).map(tuple),
    reasons=st.lists(texts, max_size=2).map(tuple),
    missing=st.none() | st.booleans(),
    labelled=st.none() | st.booleans(),
    pinned=st.none() | st.booleans(),
    wrong=st.none() | st.booleans(),
    confidence=st.none()
    | st.builds(Range, numbers, numbers)
    | st.builds(Range, low=numbers, low_open=st.booleans())
    | st.builds(Range, high=numbers, high_open=st.booleans()),
    days=st.none() | st.builds(Days, days, days) | st.builds(Days, first=days) | st.builds(Days, last=days),
    run=st.none() | st.integers(0, 999),
    by=st.none() | st.sampled_from(GroupBy),
    names=st.lists(texts, max_size=2).map(tuple),
    excluded=st.none() | st.booleans(),
    unreadable=st.none() | st.booleans(),
    ids=st.none() | st.lists(st.integers(1, 9999), max_size=4).map(tuple),
    sort=st.sampled_from(SortKey),
    descending=st.booleans(),
)


@given(queries)
def test_a_written_query_is_read_back_the_same(query):
    assert parse_query(format_query(query)) == query


@given(st.text(max_size=40))
def test_any_line_is_a_query_or_a_user_error(line):
    try:
        query = parse_query(line)
    except UserError as error:
        assert error.code == "query_invalid"
    else:
        assert parse_query(format_query(query)) == query


def test_the_line_of_the_manual_is_understood():
    query = parse_query('label:WBC label:none split:val group:slide_07 name:*03* is:any "white cell" sort:-name')
    assert query.labels == ("WBC", None)
    assert query.splits == (Split.VAL,)
    assert query.groups == ("slide_07",)
    assert query.names == ("*03*", "white cell")
    assert query.excluded is None
    assert (query.sort, query.descending) == (SortKey.NAME, True)


def test_a_label_that_is_called_none_is_told_from_no_label():
    assert parse_query('label:"none"').labels == ("none",)
    assert parse_query("label:none").labels == (None,)


@pytest.mark.parametrize(
    "line",
    [
        "split:lunch",
        "is:odd",
        "colour:red",
        "id:x",
        "sort:taste",
        "conf:high",
        "date:2024-13",
        "-is:any",
        "-conf:high",
        "-size:tall",
        "-date:2024-13",
        "-id:x",
        "id:9223372036854775808",
        "-run:1",
        "-sort:name",
        "-by:label",
        "label:",
        "-label:",
        "conf:1e999",
    ],
)
def test_what_is_not_understood_is_named(line):
    with pytest.raises(UserError) as caught:
        parse_query(f"label:WBC {line}")
    assert caught.value.params["token"] == line


def test_a_term_with_a_minus_must_not_hold():
    query = parse_query('-label:WBC -tag:none -"two words" -reason:"none"')
    assert query.without == (("label", "WBC"), ("tag", "none"), ("name", '"two words"'), ("reason", '"none"'))
    assert parse_query(format_query(query)) == query
    assert [term_value(value) for _, value in query.without] == ["WBC", None, "two words", "none"]


@pytest.mark.parametrize(
    ("line", "range_"),
    [
        ("conf:<0.6", Range(high=0.6, high_open=True)),
        ("conf:>=0.9", Range(low=0.9)),
        ("conf:0.4..0.6", Range(0.4, 0.6)),
        ("conf:0.5", Range(0.5, 0.5)),
    ],
)
def test_confidence_is_asked_for_as_a_range(line, range_):
    assert parse_query(line).confidence == range_


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-05", "2024-05-01", "2024-05-31"),
        ("2024", "2024-01-01", "2024-12-31"),
        (">=2024-05-07", "2024-05-07", None),
        (">2024-12", "2025-01-01", None),
        ("<2024-03", None, "2024-02-29"),
        ("2024-02..2024-03-04", "2024-02-01", "2024-03-04"),
    ],
)
def test_a_date_may_be_a_year_a_month_or_a_day(text, first, last):
    days = parse_query(f"date:{text}").days
    assert days == Days(first and date.fromisoformat(first), last and date.fromisoformat(last))


def test_an_empty_line_asks_for_everything_not_excluded():
    assert parse_query("  ") == SampleQuery()


def test_a_flag_that_must_not_hold_is_the_opposite_flag():
    assert parse_query("-is:wrong") == parse_query("is:right")
    assert parse_query("-is:labelled") == parse_query("is:unlabelled")
    assert parse_query("-is:excluded") == SampleQuery()


@pytest.mark.parametrize("line", ["-conf:<0.5", "-size:>=512", "-date:2024-05-01", "-id:1,2", "-id:none"])
def test_ranges_and_ids_are_turned_round_by_a_minus_too(line):
    query = parse_query(line)
    assert len(query.without) == 1
    assert format_query(query) == line


@pytest.mark.parametrize("line", ["-run:1", "-sort:name", "-by:label"])
def test_a_minus_without_a_meaning_is_refused_as_such(line):
    with pytest.raises(UserError) as caught:
        parse_query(line)
    assert caught.value.code == "query_invalid"
