import string

import pytest

from core.error_texts import ERROR_TEXTS
from core.errors import BugError, UserError


@pytest.mark.parametrize("code", ERROR_TEXTS)
def test_every_error_is_a_sentence_and_fills_its_placeholders(code):
    names = [name for _, name, _, _ in string.Formatter().parse(ERROR_TEXTS[code]) if name is not None]
    message = str(UserError(code, **dict.fromkeys(names, "x")))
    assert message.endswith((".", ")", "”")) and "!" not in message
    assert "{" not in message


def test_a_code_without_a_text_is_a_bug():
    with pytest.raises(BugError):
        UserError("no such code")
