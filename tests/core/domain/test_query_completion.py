import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.query_completion import FIELD_WORDS, Value, Vocabulary, complete, term_at
from core.domain.query_line import LISTS, parse_query
from core.translation import use_language

VOCABULARY = Vocabulary(
    {
        "label": [Value("RBC", "", 12), Value("White blood cell", "Blood", 4), Value("none"), Value("혈소판")],
        "group": [Value(f"slide_{number:02}") for number in range(40)],
        "tag": [Value('so "called"', "", 2), Value("back\\slash"), Value("-minus")],
        "source": [Value("first folder")],
        "pred": [Value("RBC")],
        "run": [Value("7", "efficientnet", None, as_is=True)],
    },
    {("label", "none"): 3, ("split", "val"): 9},
)


def terms(line, cursor=None):
    return [found.term for found in complete(line, len(line) if cursor is None else cursor, VOCABULARY)]


def lines(line, cursor=None):
    return [found.line for found in complete(line, len(line) if cursor is None else cursor, VOCABULARY)]


def test_between_terms_all_fields_are_proposed_with_what_they_are_about():
    found = complete("label:RBC ", 10, VOCABULARY)
    assert [proposal.term for proposal in found] == [f"{field}:" for field in FIELD_WORDS]
    assert found[0].note == "label, with all below it"
    assert not found[0].whole


def test_the_first_letters_of_a_field_find_it_before_anything_else():
    assert terms("spl")[0] == "split:"
    assert lines("label:RBC spl")[0] == "label:RBC split:"


def test_a_field_is_found_by_what_it_is_about():
    assert "conf:" in terms("confidence")
    assert "date:" in terms("day")


def test_values_come_with_how_many_images_have_them():
    found = complete("label:r", 7, VOCABULARY)
    assert (found[0].term, found[0].count, found[0].whole) == ("label:RBC", 12, True)
    assert [(value.term, value.count) for value in complete("split:va", 8, VOCABULARY)] == [("split:val", 9)]


def test_a_value_with_spaces_is_quoted_and_found_by_any_of_its_words():
    assert lines("label:blood") == ['label:"White blood cell" ']


@pytest.mark.parametrize("line", ['label:"white bl', 'label:"White blood cell', 'label:"WHITE'])
def test_a_value_is_completed_within_its_quotes(line):
    assert lines(line)[0] == 'label:"White blood cell" '


def test_a_quote_that_is_open_swallows_nothing_of_what_follows():
    line = 'label:"White split:val tag:"a b"'
    assert lines(line, 12)[0] == 'label:"White blood cell" split:val tag:"a b"'


def test_a_label_that_is_called_none_is_told_from_no_label():
    assert set(terms("label:non")) == {'label:"none"', "label:none"}


def test_a_plain_word_is_looked_for_in_every_field():
    assert 'label:"White blood cell"' in terms("white")
    assert "split:val" in terms("val")
    assert "is:unlabelled" in terms("unlab")


def test_minus_stays_and_only_what_can_be_negated_is_proposed():
    assert terms("-label:rb") == ["-label:RBC"]
    assert "-conf:" not in terms("-")
    assert "-tag:" in terms("-")
    assert terms("-conf:") == []


def test_initial_consonants_and_either_form_of_hangul_find_a_value():
    assert terms("label:ㅎㅅㅍ") == ["label:혈소판"]
    assert terms("label:혈ㅅ") == ["label:혈소판"]
    assert terms("label:" + unicodedata.normalize("NFD", "혈소")) == ["label:혈소판"]


def test_letters_may_be_left_out():
    assert "group:slide_07" in terms("group:sld07")


def test_ranges_are_proposed_by_example():
    assert terms("conf:") == ["conf:<0.6", "conf:>=0.9", "conf:0.4..0.6"]
    assert terms("size:>") == ["size:>=256"]


def test_within_a_line_only_the_term_at_the_cursor_is_replaced_and_the_cursor_follows_it():
    (found,) = complete("split:v label:RBC", 7, VOCABULARY)
    assert (found.line, found.cursor) == ("split:val label:RBC", 10)
    field = complete("la:RBC x", 2, VOCABULARY)[0]
    assert (field.line, field.cursor) == ("label:RBC x", 6)


def test_what_stands_there_already_is_not_proposed():
    assert "label:RBC" not in terms("label:RBC")


def test_free_text_in_quotes_is_left_alone():
    assert terms('"bl') == []


words = st.text(max_size=8)
fragments = st.one_of(
    st.sampled_from(sorted(FIELD_WORDS)),
    words.map(lambda text: text.replace(" ", "").replace('"', "")),
    st.builds(
        lambda minus, field, quote, text: f"{minus}{field}:{quote}{text}",
        st.sampled_from(["", "-"]),
        st.sampled_from(sorted(FIELD_WORDS)),
        st.sampled_from(["", '"']),
        st.sampled_from(["", "r", "w", "White b", "ㅎ", "so", "back\\", "-", "no", "1", "v", "un", "s"]),
    ),
)
finished = st.sampled_from(
    ["", "label:RBC", 'tag:"a b"', "-split:val", "free", "conf:<0.6 by:label", 'name:"say \\"x\\""']
)


@given(finished, fragments, finished)
def test_a_completed_line_is_always_understood_and_has_the_new_term(before, fragment, after):
    head, tail = (f"{before} " if before else ""), (f" {after}" if after else "")
    line, cursor = head + fragment + tail, len(head + fragment)
    for found in complete(line, cursor, VOCABULARY):
        assert found.line.startswith(head) and found.line.endswith(tail.strip() and tail)
        if found.whole:
            parse_query(found.line)
            assert parse_query(f"{before} {found.term} {after}") == parse_query(found.line)
        else:
            assert found.term.removeprefix("-").removesuffix(":") in FIELD_WORDS


@given(st.text(alphabet='ab: "\\-label', max_size=30), st.integers(0, 30))
def test_any_line_can_be_asked_about_at_any_place(line, cursor):
    cursor = min(cursor, len(line))
    term = term_at(line, cursor)
    assert 0 <= term.start <= cursor <= len(line)
    assert term.start <= term.end <= len(line)
    for found in complete(line, cursor, VOCABULARY):
        assert found.line.startswith(line[: term.start])
        assert found.line.endswith(line[term.end :])


@given(st.dictionaries(st.sampled_from(sorted(LISTS)), st.lists(st.text(min_size=1, max_size=9), max_size=4)))
def test_every_value_of_every_field_can_be_accepted(values):
    known = Vocabulary({field: [Value(text) for text in found] for field, found in values.items()})
    for field, found in values.items():
        offered = complete(f"{field}:", len(field) + 1, known)
        for text in found:
            if field not in ("split", "state"):
                assert any(getattr(parse_query(one.line), LISTS[field][0]) == (text,) for one in offered)


def test_words_of_our_own_are_explained_and_found_in_the_language_in_use():
    use_language("ko")
    found = {proposal.term: proposal.note for proposal in complete("sort:", 5, VOCABULARY)}
    assert (found["sort:size"], found["sort:-size"]) == ("크기", "크기, 역순")
    assert terms("split:검") == ["split:val"]
    use_language("en")
    assert {proposal.note for proposal in complete("split:", 6, VOCABULARY)} == {""}
