"""The one message catalogue, for the window and the command line.

Texts are written in English where they are used, through `tr` (or `mark` in tables read later). A language is one
`.po` file under `resources/translations/LANG/coverslip.po`, compiled in memory when it is chosen, so no generated
file exists that could be stale. Which language is in use is the process's own state, like the locale itself: this
module is the only place that keeps it.
"""

from __future__ import annotations

import gettext
import io
import locale
from importlib import resources
from typing import Final

LANGUAGES: Final[dict[str, str]] = {"en": "English", "ko": "한국어"}


class _Catalogue:
    """The translations in use; English needs none."""

    def __init__(self) -> None:
        self.language = "en"
        self.translations: gettext.NullTranslations = gettext.NullTranslations()


_catalogue = _Catalogue()


def tr(text: str, /, **params: object) -> str:
    """Translate `text` and fill its `{placeholders}`."""
    translated = _catalogue.translations.gettext(text) if text else text
    return translated.format(**params) if params else translated


def tr_n(singular: str, plural: str, n: int, /, **params: object) -> str:
    """Translate a text that depends on the count `n`; `{n}` is filled with thousands separators."""
    translated = _catalogue.translations.ngettext(singular, plural, n)
    return translated.format(n=f"{n:,}", **params)


def mark(text: str) -> str:
    """Mark a text for translation where it stands in a table and is translated later, by `tr`."""
    return text


def mark_n(singular: str, plural: str) -> tuple[str, str]:
    """Mark a text that depends on a count, as `mark` does for others; `tr_n` translates it later."""
    return singular, plural


def use_language(language: str) -> None:
    """Choose the language of every text from now on; an unknown one means English."""
    chosen = language if language in LANGUAGES else "en"
    _catalogue.translations = _load(chosen)
    _catalogue.language = chosen


def current_language() -> str:
    """Return the code of the language in use: a key of `LANGUAGES`."""
    return _catalogue.language


def system_language() -> str:
    """Return the language the system asks for, or English where Coverslip does not speak it."""
    name = locale.getlocale()[0] or ""
    lowered = name.lower()
    return "ko" if lowered.startswith(("ko", "korean")) else "en"


def _load(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    source = resources.files("resources") / "translations" / language / "coverslip.po"
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
