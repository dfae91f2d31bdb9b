"""Finding a command from a few letters of it, in Latin and in Hangul.

Letters may be left out (“expr” finds “Export run”), a syllable may be unfinished (“하” finds “한국어”), and initial
consonants stand for syllables (“ㅎㄱㅇ” finds “한국어”), as Korean users expect of any search.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

T = TypeVar("T")

# Compatibility jamo, as typed, to the initial consonants that NFD makes of syllables.
_INITIALS: Final = {
    ord(typed): chr(0x1100 + index) for index, typed in enumerate("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
}


def fold(text: str) -> str:
    """Return `text` as it is compared: without case, Hangul taken apart into its letters."""
    return unicodedata.normalize("NFD", text.casefold()).translate(_INITIALS)


def score(query: str, text: str) -> float | None:
    """Return how well `query` fits `text`, higher is better; None where its letters do not occur in this order.

    Letters at the start of a word, and letters in a row, count more; long texts count a little less.
    """
    wanted, within = fold(query).replace(" ", ""), fold(text)
    if not wanted:
        return 0.0
    if wanted in within:
        at = within.index(wanted)
        return 100.0 + (20.0 if _starts_word(within, at) else 0.0) - at * 0.1 - len(within) * 0.01
    # Starts of words are where a person means; where leaping to them leaves letters over, every letter is taken as met.
    places = _places(within, wanted, _best) or _places(within, wanted, str.find)
    if not places:
        return None
    total, last = 0.0, -2
    for found in places:
        total += 4.0 if found == last + 1 else 3.0 if _starts_word(within, found) else 0.5
        last = found
    return total - len(within) * 0.01


def ranked(query: str, items: Iterable[T], text_of: Callable[[T], str]) -> list[T]:
    """Return the items that `query` finds, the best first; all of them in their order for an empty query."""
    scored = [(score(query, text_of(item)), index, item) for index, item in enumerate(items)]
    found = [(value, index, item) for value, index, item in scored if value is not None]
    return [item for _, _, item in sorted(found, key=lambda entry: (-entry[0], entry[1]))]


def _places(text: str, letters: str, find: Callable[[str, str, int], int]) -> list[int]:
    """Return where the letters are in `text`, one after the other; nothing where `find` does not find one."""
    places: list[int] = []
    for letter in letters:
        found = find(text, letter, places[-1] + 1 if places else 0)
        if found < 0:
            return []
        places.append(found)
    return places


def _starts_word(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()


def _best(text: str, letter: str, start: int) -> int:
    """Return where `letter` is after `start`: the start of the next word that begins with it, if it is near."""
    first = text.find(letter, start)
    at = first
    while 0 <= at < start + 24:
        if _starts_word(text, at):
            return at if at == start or text[start - 1 : start] != letter else first
        at = text.find(letter, at + 1)
    return first
