import string

import pytest

from core.error_texts.export import EXPORT_TEXTS
from core.error_texts.images import IMAGES_TEXTS
from core.error_texts.ingest import INGEST_TEXTS
from core.error_texts.project import PROJECT_TEXTS
from core.error_texts.readers import READERS_TEXTS
from core.error_texts.table import ERROR_TEXTS
from core.error_texts.training import TRAINING_TEXTS
from core.errors import BugError, UserError


@pytest.mark.parametrize("code", ERROR_TEXTS)
def test_every_error_is_a_sentence_and_fills_its_placeholders(code):
    names = [name for _, name, _, _ in string.Formatter().parse(ERROR_TEXTS[code]) if name is not None]
    message = str(UserError(code, **dict.fromkeys(names, "x")))
    assert message.endswith((".", ")", "”")) and "!" not in message
    assert "{" not in message


def test_no_room_takes_the_code_of_another():
    rooms = (PROJECT_TEXTS, READERS_TEXTS, TRAINING_TEXTS, IMAGES_TEXTS, EXPORT_TEXTS, INGEST_TEXTS)
    assert len(ERROR_TEXTS) == sum(map(len, rooms))


def test_a_code_without_a_text_is_a_bug():
    with pytest.raises(BugError):
        UserError("no such code")
