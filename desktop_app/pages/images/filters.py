"""The table of filters: what they are called, when they are offered, what they show and offer to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.domain.labels import UNLABELLED_COLOUR, Label
from core.domain.query import SampleQuery
from core.domain.query_completion import FLAG_WORDS, Value
from core.domain.query_line import LISTS, NONE, OPTIONAL
from core.domain.samples import SampleState, Split
from core.quality.kind_words import kind_words
from core.translation import mark, tr
from desktop_app.pages.images.filter_terms import RANGES, bounds, chosen, flags, kept_out
from desktop_app.pages.images.headings import STATE_NAMES
from desktop_app.pages.images.tiles import SPLIT_NAMES
from desktop_app.widgets.choice_panel import MOST_SHOWN, Choice, Find, among
from desktop_app.widgets.label_pill import glyph_icon

if TYPE_CHECKING:
    from desktop_app.pages.images.controller import ImagesController
    from desktop_app.theme import Theme


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: the field of the query line, its name, and whether its chip is shown while it is not in use.

    `needs` names a field without any value of which in the project the filter is not offered.
    """

    field: str
    name: str
    always: bool = False
    needs: str = ""


FILTERS: Final = (
    Filter("label", mark("label"), always=True),
    Filter("split", mark("split"), always=True),
    Filter("group", mark("group"), always=True, needs="group"),
    Filter("tag", mark("tag"), needs="tag"),
    Filter("is", mark("condition")),
    Filter("name", mark("file name")),
    Filter("pred", mark("prediction"), needs="pred"),
    Filter("conf", mark("confidence"), needs="pred"),
    Filter("run", mark("run"), needs="run"),
    Filter("finding", mark("finding"), needs="finding"),
    Filter("state", mark("state")),
    Filter("reason", mark("reason"), needs="reason"),
    Filter("source", mark("source")),
    Filter("date", mark("date")),
    Filter("size", mark("size")),
)
FLAG_NAMES: Final[dict[str, str]] = {
    "unlabelled": mark("no label"),
    "labelled": mark("labelled"),
    "wrong": mark("wrong"),
    "right": mark("right"),
    "excluded": mark("excluded"),
    "any": mark("also excluded"),
    "unreadable": mark("unreadable"),
    "readable": mark("readable"),
    "missing": mark("missing"),
    "present": mark("not missing"),
    "pinned": mark("pinned"),
    "unpinned": mark("not pinned"),
}


def is_offered(wanted: Filter, controller: ImagesController) -> bool:
    """Say whether the project has anything to filter by."""
    if wanted.field == "group" and controller.groups:
        return True
    return not wanted.needs or bool(controller.words.vocabulary.values(wanted.needs))


def shown_values(field: str, query: SampleQuery) -> list[str]:
    """Return what a filter lets through, in words; nothing where it is off."""
    if field == "is":
        return [tr(FLAG_NAMES[flag]) for flag in flags(query)]
    if field == "run":
        return [str(query.run)] if query.run is not None else []
    if field in RANGES:
        wanted = getattr(query, RANGES[field][0])
        words = str(wanted).replace("..", "–").replace(">=", "≥ ").replace("<=", "≤ ")
        return [words] if wanted is not None else []
    barred = (tr("not {value}", value=value_words(field, value)) for value in kept_out(query, field))
    return [*(value_words(field, value) for value in chosen(query, field)), *barred]


def value_words(field: str, value: Any) -> str:
    """Return a value as a person reads it."""
    if isinstance(value, Split):
        return tr(SPLIT_NAMES[value])
    if isinstance(value, SampleState):
        return tr(STATE_NAMES[value])
    if field == "finding" and value is not None:
        return kind_words(value)
    return tr("none") if value is None else str(value)


def choices_of(field: str, controller: ImagesController, theme: Theme) -> Find:
    """Return the search among what the filter of a list field, of the flags or of the runs offers."""
    vocabulary = controller.words.vocabulary
    counts = vocabulary.counts
    match field:
        case "label":
            return among(_labels(controller, theme))
        case "split":
            order = (Split.TRAIN, Split.VAL, Split.TEST, Split.NONE)
            return among([Choice(split, value_words("", split), count=counts.get((field, split))) for split in order])
        case "state":
            states = (SampleState.UNCERTAIN, SampleState.UNGRADABLE, SampleState.NONE)
            return among([Choice(state, value_words("", state), count=counts.get((field, state))) for state in states])
        case "is":
            return among(
                [Choice(flag, tr(words), count=counts.get(("is", flag))) for flag, words in FLAG_WORDS.items()]
            )
        case "run":
            runs = vocabulary.values("run")
            return among([Choice(int(run.text), f"{run.text} · {run.note}".rstrip(" ·")) for run in runs])
    return _known(field, controller)


def _known(field: str, controller: ImagesController) -> Find:
    """Search what the project holds for a field, however much that is, and “none” where a field has it."""
    vocabulary = controller.words.vocabulary
    none: list[Choice] = []
    if field in OPTIONAL:
        none = [Choice(None, tr("none"), count=vocabulary.counts.get((field, NONE)))]

    def find(typed: str) -> Sequence[Choice]:
        found = vocabulary.find(field, typed, MOST_SHOWN + 1)
        values = [Choice(value.text, value_words(field, value.text), count=value.count) for value in found]
        return [*values, *(none if not typed else ())]

    return find


def _labels(controller: ImagesController, theme: Theme) -> list[Choice]:
    """The labels as the tree they are, then “no label”."""
    known: dict[str, Value] = {value.text: value for value in controller.words.vocabulary.values("label")}
    made: list[Choice] = []

    def add(labels: Sequence[Label], depth: int) -> None:
        for label in labels:
            count = known[label.name].count if label.name in known else None
            icon = glyph_icon(theme, label.colour, label.glyph)
            made.append(Choice(label.name, label.name, icon, count, depth))
            add([below for below in controller.labels if below.parent_id == label.id], depth + 1)

    present = {label.id for label in controller.labels}
    add([label for label in controller.labels if label.parent_id not in present], 0)
    count = controller.words.vocabulary.counts.get(("label", NONE))
    return [*made, Choice(None, tr("no label"), glyph_icon(theme, *UNLABELLED_COLOUR), count)]


def range_fields(field: str, query: SampleQuery) -> tuple[list[tuple[str, str, str]], str]:
    """Return the two fields of the panel of a range (name, content, example), and a hint."""
    low, high = bounds(query, field)
    examples, hint = {
        "conf": (("0.4", "0.6"), mark("How sure the run is of what it predicts, from 0 to 1.")),
        "size": (("64", "1024"), mark("The longer side, in pixels.")),
        "date": (("2024-05-01", "2024-07"), mark("The day the file was last written; a month or a year will do.")),
    }[field]
    return [(tr("from"), low, examples[0]), (tr("to"), high, examples[1])], tr(hint)


def is_list(field: str) -> bool:
    """Say whether a filter is ticked from values of which each may also be kept out."""
    return field in LISTS and field != "name"
