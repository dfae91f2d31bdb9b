"""Regular expressions that a user types, matched within a bound of time.

Python's own `re` can take longer than the universe lasts for ``(a+)+$`` on a long name, and nothing can stop it: no
other thread runs meanwhile. The package regex matches the same expressions, lets other threads run, and gives up.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.errors import UserError

if TYPE_CHECKING:
    import regex

TIMEOUT_S: Final = 0.5
"""What one name may take: a million times what it does take."""


@dataclass(frozen=True, slots=True)
class BoundedPattern:
    """A compiled expression.

    Attributes
    ----------
    text
        As it was typed, NFC.
    """

    text: str
    _compiled: regex.Pattern[str]

    @property
    def groups(self) -> int:
        """How many parts it has, named or not."""
        return int(self._compiled.groups)

    @property
    def names(self) -> tuple[str, ...]:
        """Its named parts, in their order."""
        return tuple(self._compiled.groupindex)

    def search(self, text: str) -> regex.Match[str] | None:
        """Return the first match in a text.

        Raises
        ------
        UserError
            ``pattern_too_slow`` where it is not found out within `TIMEOUT_S`.
        """
        try:
            return self._compiled.search(text, timeout=TIMEOUT_S)
        except (TimeoutError, MemoryError) as error:
            raise UserError("pattern_too_slow", pattern=self.text, example=text[:80]) from error


def compiled(text: str) -> BoundedPattern:
    """Return the expression; raises `UserError` ``pattern_invalid``."""
    import regex

    composed = unicodedata.normalize("NFC", text)
    try:
        return BoundedPattern(composed, regex.compile(composed, cache_pattern=False))
    except (regex.error, RecursionError, OverflowError, ValueError, MemoryError) as error:
        raise UserError("pattern_invalid", pattern=text, reason=str(error)) from error
