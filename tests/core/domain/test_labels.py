import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.labels import LABEL_COLOURS, label_name, look_of
from core.errors import UserError


@given(st.text(max_size=100))
def test_a_label_name_is_composed_trimmed_and_stable_or_refused(text):
    try:
        name = label_name(text)
    except UserError as error:
        assert error.code == "label_name_invalid"
    else:
        assert name == unicodedata.normalize("NFC", name).strip() == label_name(name)


def test_hangul_in_either_form_is_one_label():
    assert label_name(unicodedata.normalize("NFD", "백혈구")) == label_name("백혈구")


@pytest.mark.parametrize("text", ["", "   ", "a\nb", "x" * 81])
def test_names_nobody_could_read_are_refused(text):
    with pytest.raises(UserError):
        label_name(text)


@pytest.mark.parametrize("text", ["abstain", " Abstain "])
def test_a_label_cannot_be_called_like_the_answer_that_is_none(text):
    with pytest.raises(UserError) as caught:
        label_name(text)
    assert caught.value.code == "label_name_invalid"


def test_the_first_ten_labels_have_a_key_and_all_have_a_look():
    assert [look_of(i)[2] for i in range(11)] == [*"1234567890", ""]
    assert [look_of(i)[:2] for i in range(len(LABEL_COLOURS))] == list(LABEL_COLOURS)


def test_as_many_labels_as_possible_are_told_apart_by_colour_and_glyph():
    assert len({look_of(i)[:2] for i in range(64)}) == 64
