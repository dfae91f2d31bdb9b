from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.fuzzy import ranked, score

COMMANDS = ["Go to Export", "Export this run", "New project from a folder", "Open a project"]
COMMANDS += ["실행 내보내기", "한국어로 바꾸기"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("expr", "Export this run"),
        ("go exp", "Go to Export"),
        ("npf", "New project from a folder"),
        ("OPEN", "Open a project"),
        ("내보내", "실행 내보내기"),
        ("하", "한국어로 바꾸기"),
        ("ㅎㄱㅇ", "한국어로 바꾸기"),
        ("ㅂㄲㄱ", "한국어로 바꾸기"),
    ],
)
def test_a_few_letters_find_the_command_meant(typed: str, first: str):
    assert ranked(typed, COMMANDS, str)[0] == first


def test_what_does_not_fit_is_left_out_and_nothing_typed_keeps_the_order():
    assert ranked("xyz", COMMANDS, str) == []
    assert ranked("", COMMANDS, str) == COMMANDS


def test_a_leap_to_the_start_of_a_word_never_loses_the_letters_between():
    assert score("asn", "basin, see") is not None


# Marks that combine with a letter are put in an order of their own once letters between them are missing.
LETTERS = st.characters(exclude_categories=("Cs", "Mn", "Mc", "Me"))


@given(st.text(LETTERS, min_size=1, max_size=20), st.data())
def test_letters_of_a_text_in_their_order_always_find_it(text: str, data: st.DataObject):
    kept = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    typed = "".join(letter for letter, keep in zip(text, kept, strict=True) if keep)
    assert score(typed, text) is not None
