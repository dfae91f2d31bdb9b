"""Words that data keep in English (splits, states, what images are sorted by), as people read them."""

from __future__ import annotations

from typing import Final

from core.domain.window_keys import USES
from core.translation import mark, tr

WORDS: Final = frozenset(
    (
        *(mark("none"), mark("train"), mark("val"), mark("test")),
        *(mark("uncertain"), mark("ungradable"), mark("yes"), mark("no")),
        *(mark("running"), mark("paused"), mark("interrupted"), mark("stopped"), mark("done"), mark("failed")),
        *(mark("label"), mark("split"), mark("group"), mark("finding"), mark("source"), mark("state")),
        *(mark("prediction"), mark("added"), mark("name"), mark("size"), mark("date"), mark("confidence")),
        *(mark("suspicion"), *USES),
    )
)


def said(word: str) -> str:
    """Return a word of the data in the language in use; one that is none of `WORDS`, as it is."""
    return tr(word) if word in WORDS else word
