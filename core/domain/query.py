"""A query: which samples, in which order, under which headings.

`core.domain.query_line` reads and writes it as a line.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from core.domain.sample_ids import SampleIds
from core.domain.samples import SampleState, Split


class SortKey(StrEnum):
    """What samples are sorted by."""

    ADDED = "added"
    NAME = "name"
    LABEL = "label"
    GROUP = "group"
    SPLIT = "split"
    SIZE = "size"
    DATE = "date"
    CONFIDENCE = "confidence"
    SUSPICION = "suspicion"


class GroupBy(StrEnum):
    """What samples are put under headings by."""

    LABEL = "label"
    SPLIT = "split"
    GROUP = "group"
    FINDING = "finding"
    SOURCE = "source"
    STATE = "state"
    PREDICTION = "pred"


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, None for no bound; a bound that is open does not belong to it."""

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False

    def __str__(self) -> str:
        if self.low is not None and self.low == self.high:
            return _text(self.low)
        if self.low is not None and self.high is not None:
            return f"{_text(self.low)}..{_text(self.high)}"
        if self.low is not None:
            return f"{'>' if self.low_open else '>='}{_text(self.low)}"
        return f"{'<' if self.high_open else '<='}{_text(self.high or 0.0)}"


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last`, both included; None for no bound."""

    first: date | None = None
    last: date | None = None

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        if self.first is not None and self.last is not None:
            return f"{self.first}..{self.last}"
        return f">={self.first}" if self.first is not None else f"<={self.last}"


@dataclass(frozen=True, slots=True)
class SampleQuery:
    """Which samples, in which order. Empty means: all that are readable or not, but not the excluded.

    Values of one field are alternatives; different fields must all hold.

    Attributes
    ----------
    labels
        Label names, each standing for itself and all labels below it; ``None`` among them stands for unlabelled.
    groups, tags
        Names; ``None`` among them stands for those without any.
    names
        Patterns with ``*`` and ``?`` on the file name; one without either matches anywhere in the path.
    sources
        Names of sources: the last part of their root, or all of it.
    findings
        Kinds of open findings.
    predicted
        Labels that the run predicts.
    states, reasons
        What a person said of the image, and the reason they gave.
    excluded
        False: hide the excluded; True: only them; None: both.
    unreadable, missing, labelled, pinned, wrong
        None: both; True or False: only, or none of, those that cannot be read, whose file is gone, whose labels are
        known, whose split is pinned, whose prediction is another than their label.
    confidence, size, days
        Of the prediction (0…1), of the longer side in pixels, and of the day the file was last written.
    run
        The run whose predictions are meant; None for the latest that has any.
    without
        Terms (field, value) of the query line that must not hold.
    ids
        Only these samples, in this order where nothing else is asked for; many as `SampleIds`.
    by
        What the samples are put under headings by; their order within is that of `sort`.
    """

    labels: tuple[str | None, ...] = ()
    splits: tuple[Split, ...] = ()
    groups: tuple[str | None, ...] = ()
    names: tuple[str, ...] = ()
    excluded: bool | None = False
    unreadable: bool | None = None
    ids: tuple[int, ...] | SampleIds | None = None
    sort: SortKey = SortKey.ADDED
    descending: bool = False
    tags: tuple[str | None, ...] = ()
    sources: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    predicted: tuple[str, ...] = ()
    states: tuple[SampleState, ...] = ()
    reasons: tuple[str, ...] = ()
    missing: bool | None = None
    labelled: bool | None = None
    pinned: bool | None = None
    wrong: bool | None = None
    confidence: Range | None = None
    size: Range | None = None
    days: Days | None = None
    run: int | None = None
    without: tuple[tuple[str, str], ...] = ()
    by: GroupBy | None = None

    def everything(self) -> SampleQuery:
        """Return the query that leaves nothing out that is normally shown, in this order and under these headings."""
        return SampleQuery(sort=self.sort, descending=self.descending, by=self.by)

    def is_filtered(self) -> bool:
        """Say whether anything is left out that is normally shown."""
        return replace(self, run=None) != self.everything()


USABLE_SAMPLES: Final = SampleQuery(unreadable=False, missing=False, states=(SampleState.NONE,))
"""What training and evaluation work on."""

_NUMBER: Final = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_FORM: Final = r"(?:(?P<sign>[<>]=?|=)?(?P<bound>{0})|(?P<low>{0})\.\.(?P<high>{0}))"
_RANGE: Final = re.compile(_FORM.replace("{0}", _NUMBER), re.ASCII)
_DAY: Final = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_DAYS: Final = re.compile(_FORM.replace("{0}", _DAY), re.ASCII)


def parse_range(text: str) -> Range:
    """Read ``<0.6``, ``>=0.9``, ``0.4..0.6`` or ``0.5``; raises `ValueError`."""
    found = _RANGE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    if found["low"] is not None:
        return Range(_number(found["low"]), _number(found["high"]))
    bound, sign = _number(found["bound"]), found["sign"] or "="
    if sign == "=":
        return Range(bound, bound)
    is_open = len(sign) == 1
    return Range(low=bound, low_open=is_open) if sign[0] == ">" else Range(high=bound, high_open=is_open)


def parse_days(text: str) -> Days:
    """Read ``2024-05-01``, ``2024-05``, ``>=2024-05-01``, ``<2025`` or ``2024-05..2024-07``; raises `ValueError`."""
    found = _DAYS.fullmatch(text)
    if found is None:
        raise ValueError(text)
    try:
        if found["low"] is not None:
            return Days(_span(found["low"])[0], _span(found["high"])[1])
        first, last = _span(found["bound"])
        day = timedelta(days=1)
        match found["sign"]:
            case ">":
                return Days(first=last + day)
            case ">=":
                return Days(first=first)
            case "<":
                return Days(last=first - day)
            case "<=":
                return Days(last=last)
        return Days(first, last)
    except OverflowError:
        raise ValueError(text) from None


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _text(number: float) -> str:
    """Write a number in as few digits as give it back."""
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def _span(text: str) -> tuple[date, date]:
    """Return the first and last day of a year, month or day."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return date(*parts), date(*parts)
    if len(parts) == 1:
        return date(parts[0], 1, 1), date(parts[0], 12, 31)
    year, month = parts
    first = date(year, month, 1)
    return first, (date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - timedelta(days=1))
