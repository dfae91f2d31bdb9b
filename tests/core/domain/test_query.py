import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.query import SampleQuery, SortKey, format_query, parse_query
from core.domain.samples import Split
from core.errors import UserError

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)
queries = st.builds(
    SampleQuery,
    labels=st.lists(st.none() | texts, max_size=3).map(tuple),
    splits=st.lists(st.sampled_from(Split), max_size=2).map(tuple),
    groups=st.lists(texts, max_size=2).map(tuple),
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


@pytest.mark.parametrize("line", ["split:lunch", "is:odd", "colour:red", "id:x", "sort:taste"])
def test_what_is_not_understood_is_named(line):
    with pytest.raises(UserError) as caught:
        parse_query(f"label:WBC {line}")
    assert caught.value.params["token"] == line


def test_an_empty_line_asks_for_everything_not_excluded():
    assert parse_query("  ") == SampleQuery()
