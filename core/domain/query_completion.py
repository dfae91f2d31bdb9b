"""Completing a query line while it is typed: which term the cursor is in, and what it could become.

    complete("split:val lab", 13, vocabulary)        → label:
    complete("label:w", 7, vocabulary)               → label:WBC, 1,204 images
    complete("hemo", 4, vocabulary)                  → tag:"hemolysed plasma"

Whatever `Proposal.line` a proposal that is `whole` offers, `parse_query` reads it, provided that it reads the line
without the term. Nothing but the term at the cursor is ever replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.fuzzy import fold
from core.domain.query import GroupBy, SortKey
from core.domain.query_line import LISTS, NONE, OPTIONAL, write_value
from core.domain.samples import SampleState, Split
from core.translation import mark, tr
from core.words import said

MOST: Final = 60
_MOST_PER_FIELD: Final = 4
_FEW: Final = 5
_FUZZY_UP_TO: Final = 50_000
_HEAD: Final = re.compile(r"(-?)(?:([a-z]+):)?")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"(?=\s|$)')
# The fields whose values are words of our own.
_WORDED: Final = frozenset({"split", "state", "by", "sort"})
_INITIALS: Final = re.compile("[\u1100-\u1112]")
_SPACE: Final = re.compile(r"\s|$")

# The fields that are proposed, in this order, and what each is about.
FIELD_WORDS: Final[dict[str, str]] = {
    "label": mark("label, with all below it"),
    "split": mark("train, validation or test"),
    "group": mark("group"),
    "tag": mark("tag"),
    "is": mark("excluded, unreadable, missing …"),
    "name": mark("text in the file’s name"),
    "source": mark("where it was imported from"),
    "finding": mark("what a check found"),
    "pred": mark("predicted label"),
    "conf": mark("confidence of the prediction"),
    "state": mark("uncertain or ungradable"),
    "reason": mark("why it is in its state"),
    "date": mark("day the file was written"),
    "size": mark("longer side in pixels"),
    "run": mark("run whose predictions count"),
    "by": mark("group under headings"),
    "sort": mark("order"),
}
FLAG_WORDS: Final[dict[str, str]] = {
    "unlabelled": mark("without a label"),
    "labelled": mark("with a label"),
    "wrong": mark("prediction differs from the label"),
    "right": mark("prediction equals the label"),
    "excluded": mark("excluded from everything"),
    "any": mark("excluded or not"),
    "unreadable": mark("cannot be read"),
    "readable": mark("can be read"),
    "missing": mark("file is gone"),
    "present": mark("file is there"),
    "pinned": mark("split pinned by hand"),
    "unpinned": mark("split not pinned"),
}
_EXAMPLES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "conf": (
        ("<0.6", mark("less sure than 0.6")),
        (">=0.9", mark("0.9 or surer")),
        ("0.4..0.6", mark("from 0.4 to 0.6")),
    ),
    "size": (
        (">=256", mark("256 px or more")),
        ("<64", mark("less than 64 px")),
        ("64..256", mark("from 64 to 256 px")),
    ),
}
# What a plain word is looked for among.
_ANYWHERE: Final = ("label", "tag", "group", "source", "finding", "split", "state", "reason", "is")


@dataclass(frozen=True, slots=True)
class Value:
    """A value that a field can take: its text, a remark, and how many images have it, if known.

    `as_is`: a word of the language itself, such as ``none`` or ``<0.6``, which is never quoted.
    """

    text: str
    note: str = ""
    count: int | None = None
    as_is: bool = False


class Vocabulary:
    """The values that the fields of a project can take, made ready for being searched at every key.

    Parameters
    ----------
    values
        By field: those of the lists that come from the project (labels, groups, tags, …), ``date`` and ``run``.
    counts
        How many images have what every project knows, by field and value, such as ``("split", "val")``.
    """

    def __init__(
        self,
        values: Mapping[str, Sequence[Value]] | None = None,
        counts: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        self._values = {field: tuple(found) for field, found in (values or {}).items()}
        self.counts = dict(counts or {})
        self._folded = {field: [fold(value.text) for value in found] for field, found in self._values.items()}

    def values(self, field: str) -> Sequence[Value]:
        """Return what the project knows for a field."""
        return self._values.get(field, ())

    def find(self, field: str, typed: str, most: int, *, by_letters: bool = True) -> list[Value]:
        """Return up to `most` values that `typed` fits, the best first: starts, starts of words, within, letters.

        Without `by_letters`, only what has them in a row; but initial consonants always stand for their syllables.
        """
        values, folded = self.values(field), self._folded.get(field, [])
        if not typed:
            return list(values[:most])
        wanted = fold(typed)
        rank = 4 if by_letters or _INITIALS.search(wanted) else 2
        return [values[at] for at in _matches(wanted, folded, most, rank)]


@dataclass(frozen=True, slots=True)
class Term:
    """What stands at the cursor: ``line[start:end]``, of which `typed` is the value up to the cursor.

    `field` is None in a plain word; `in_head` says that the cursor is before the colon.
    """

    start: int
    end: int
    minus: bool = False
    field: str | None = None
    typed: str = ""
    in_quotes: bool = False
    in_head: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to go on.

    Attributes
    ----------
    term
        What would stand in the line, such as ``label:WBC`` or ``label:``.
    shown, note, count
        The value as a person reads it, a remark in the user's language, and how many images have it, if known.
    line, cursor
        The whole line with it, and where the cursor goes.
    whole
        Whether the term is complete; a field's name still wants its value.
    """

    term: str
    shown: str
    note: str
    count: int | None
    line: str
    cursor: int
    whole: bool


def term_at(line: str, cursor: int) -> Term:
    """Return the term that the cursor (0…len(line)) is in or at the end of; an empty one between terms."""
    at = 0
    while True:
        start = at + len(line[at:]) - len(line[at:].lstrip())
        if start >= cursor:
            return Term(cursor, cursor)
        head, end = _extent(line, start, cursor)
        if cursor <= end:
            return _term(line, cursor, head, end)
        at = end


def complete(line: str, cursor: int, vocabulary: Vocabulary, most: int = MOST) -> list[Proposal]:
    """Return what the term at the cursor could become, the best first."""
    term = term_at(line, cursor)
    if term.in_quotes and term.field is None:
        return []
    if term.in_head or term.field is None:
        made = [*_fields(line, term), *_anywhere(line, term, vocabulary)]
    elif term.minus and term.field not in (*LISTS, "is"):
        return []
    else:
        made = [_proposal(line, term, term.field, value) for value in _values(term.field, term.typed, vocabulary, most)]
    # What stands there already is no proposal.
    return [proposal for proposal in made[:most] if proposal.line.rstrip() != line.rstrip()]


def _extent(line: str, start: int, cursor: int) -> tuple[re.Match[str], int]:
    """Return the head of the term that begins at `start`, and where the term ends."""
    head = _HEAD.match(line, start)
    assert head is not None
    at = head.end()
    if line[at : at + 1] == '"':
        closed = _QUOTED.match(line, at)
        if closed is not None:
            return head, closed.end()
        # Not closed yet: it reaches to the cursor, and never over what is typed behind it.
        at = max(at, cursor)
    found = _SPACE.search(line, at)
    return head, found.start() if found is not None else len(line)


def _term(line: str, cursor: int, head: re.Match[str], end: int) -> Term:
    start, minus, field = head.start(), bool(head[1]), head[2]
    if field is not None and cursor < head.end():
        return Term(start, head.end(), minus, None, line[start + minus : cursor], in_head=True)
    typed = line[head.end() : cursor]
    in_quotes = typed.startswith('"')
    if in_quotes:
        typed = re.sub(r"\\(.)", r"\1", typed[1:].removesuffix('"') if cursor == end else typed[1:])
    return Term(start, end, minus, field, typed, in_quotes)


def _fields(line: str, term: Term) -> Iterator[Proposal]:
    possible = [field for field in FIELD_WORDS if not term.minus or field in (*LISTS, "is")]
    names = list(_matches(fold(term.typed), possible, len(possible)))
    words = list(_matches(fold(term.typed), [fold(tr(FIELD_WORDS[field])) for field in possible], len(possible), 2))
    for at in dict.fromkeys([*names, *words]):
        field = possible[at]
        inserted = f"{'-' * term.minus}{field}:"
        rest = line[term.end :]
        gap = "" if term.in_head or not rest or rest[0].isspace() else " "
        completed = f"{line[: term.start]}{inserted}{gap}{rest}"
        note = tr(FIELD_WORDS[field])
        yield Proposal(inserted, inserted, note, None, completed, term.start + len(inserted), whole=False)


def _anywhere(line: str, term: Term, vocabulary: Vocabulary) -> Iterator[Proposal]:
    """A plain word as a value of some field."""
    if not term.typed or term.in_head:
        return
    for field in _ANYWHERE:
        fixed, wanted = list(_fixed(field, vocabulary)), fold(term.typed)
        found = vocabulary.find(field, term.typed, _MOST_PER_FIELD, by_letters=False)
        places = _matches(wanted, [fold(value.text) for value in fixed], _MOST_PER_FIELD, 2)
        for value in (*found, *(fixed[at] for at in places)):
            yield _proposal(line, term, field, value)


def _proposal(line: str, term: Term, field: str, value: Value) -> Proposal:
    word = value.text if value.as_is else write_value(value.text)
    inserted = f"{'-' * term.minus}{field}:{word}"
    rest = line[term.end :]
    gap = "" if rest[:1].isspace() else " "
    completed = f"{line[: term.start]}{inserted}{gap}{rest}"
    shown = value.text if term.field is not None else inserted
    return Proposal(inserted, shown, value.note, value.count, completed, term.start + len(inserted) + 1, whole=True)


def _values(field: str, typed: str, vocabulary: Vocabulary, most: int) -> list[Value]:
    fixed = list(_fixed(field, vocabulary))
    if field in _EXAMPLES:
        return [value for value in fixed if value.text.startswith(typed)]
    wanted = fold(typed)
    names = _matches(wanted, [fold(value.text) for value in fixed], len(fixed))
    notes = _matches(wanted, [fold(value.note) for value in fixed], len(fixed), 2)
    return [*vocabulary.find(field, typed, most), *(fixed[at] for at in dict.fromkeys([*names, *notes]))]


def _fixed(field: str, vocabulary: Vocabulary) -> Iterator[Value]:
    """The values that a field takes in any project."""
    found: Iterable[tuple[str, str]] = ()
    match field:
        case "split":
            found = [(split, "") for split in (Split.TRAIN, Split.VAL, Split.TEST, Split.NONE)]
        case "state":
            found = [(state, "") for state in (SampleState.UNCERTAIN, SampleState.UNGRADABLE, SampleState.NONE)]
        case "is":
            found = FLAG_WORDS.items()
        case "by":
            found = [(by, "") for by in GroupBy]
        case "sort":
            found = [*((key, "") for key in SortKey), *((f"-{key}", mark("last first")) for key in SortKey)]
        case _ if field in _EXAMPLES:
            found = _EXAMPLES[field]
        case _ if field in OPTIONAL:
            found = [(NONE, mark("has none"))]
    for text, note in found:
        words = [_word(str(text))] if field in _WORDED else []
        notes = ", ".join(part for part in (*words, tr(note) if note else "") if part)
        yield Value(str(text), notes, vocabulary.counts.get((field, str(text))), as_is=True)


def _word(text: str) -> str:
    """Return what a value is called in the language in use; nothing where it is called what it is written as."""
    word = text.removeprefix("-")
    called = said("prediction" if word == GroupBy.PREDICTION else word)
    return "" if called == word else called


def _matches(wanted: str, folded: Sequence[str], most: int, least_rank: int = 4) -> list[int]:
    """Return where in `folded` the (folded) text occurs, the best first.

    Ranks: 0 at the start, 1 at the start of a word, 2 anywhere within, 3 its letters in this order. Those up to
    `least_rank` count; the third is only looked at where the others find few.
    """
    if not wanted:
        return list(range(min(most, len(folded))))
    ranked: list[list[int]] = [[], [], [], []]
    for at, text in enumerate(folded):
        place = text.find(wanted)
        if place >= 0:
            ranked[0 if place == 0 else 1 if not text[place - 1].isalnum() else 2].append(at)
    found = [*ranked[0], *ranked[1], *ranked[2]]
    if len(found) < _FEW and least_rank > 2 and len(folded) <= _FUZZY_UP_TO:
        letters = re.compile(".*?".join(map(re.escape, wanted.replace(" ", ""))), re.DOTALL)
        found += [at for at, text in enumerate(folded) if wanted not in text and letters.search(text)]
    return found[:most]
