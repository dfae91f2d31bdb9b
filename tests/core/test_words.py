"""Splits and states are said in the language in use; names are left alone."""

from core.domain.edits import Edit, EditKind, EditState, describe
from core.errors import UserError
from core.translation import use_language
from core.words import said


def test_a_word_of_the_data_is_said_in_the_language_in_use_and_a_name_stays():
    use_language("ko")
    assert [said(word) for word in ("test", "interrupted", "WBC")] == ["테스트", "중단됨", "WBC"]


def test_an_error_and_an_edit_say_the_split_in_words():
    use_language("ko")
    edit = Edit(1, "2026-11-22T02:00:00+00:00", "ada", "hand", EditKind.PIN, {"split": "test"}, 3, EditState.DONE)
    for words in (UserError("nothing_to_judge", run=2, split="test").message, describe(edit)):
        assert "테스트" in words
        assert "test" not in words
