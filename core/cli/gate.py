"""Limits on findings, such as ``label_suspect>20``: what makes a check a gate in somebody's pipeline."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.findings import Finding, FindingKind
from core.translation import tr

ANY: Final = "any"
EXPECTED_ERRORS: Final = "expected_errors"
_FORM: Final = re.compile(r"(?P<name>[a-z_]+)(?:>(?P<most>\d{1,12}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many findings of a kind may be open: `name` is a kind, ``any``, or ``expected_errors``."""

    name: str
    most: int = 0

    def __str__(self) -> str:
        return f"{self.name}>{self.most}"


def limits(text: str) -> list[Limit]:
    """Read limits separated by commas, at least one; used as an argument's type."""
    return [limit(part.strip()) for part in text.split(",")]


def limit(text: str) -> Limit:
    """Read ``KIND`` or ``KIND>N``; raises `argparse.ArgumentTypeError`."""
    found = _FORM.fullmatch(text)
    known = [*FindingKind, ANY, EXPECTED_ERRORS]
    if found is None or found["name"] not in known:
        raise argparse.ArgumentTypeError(
            tr("“{text}” is no limit such as label_suspect>20; known are: {known}", text=text, known=", ".join(known))
        )
    return Limit(found["name"], int(found["most"] or 0))


def broken_limits(
    asked: Sequence[Limit],
    found: Sequence[Finding],
    expected_errors: Mapping[str, float] | None,
    looked_for: Collection[FindingKind],
    missing: int = 0,
) -> list[Limit]:
    """Return the limits that open findings exceed; so does whatever nobody has looked for, or could look for.

    Parameters
    ----------
    expected_errors
        ``value``, and its interval; None where it was never made.
    looked_for
        The kinds of which it is known how many there are.
    missing
        How many images are gone: none of them can be read.
    """
    return [one for one in asked if _count(one.name, found, expected_errors, looked_for, missing) > one.most]


def _count(
    name: str,
    found: Sequence[Finding],
    expected_errors: Mapping[str, float] | None,
    looked_for: Collection[FindingKind],
    missing: int,
) -> float:
    unknown = float("inf")
    if name == ANY:
        return len(found) + missing if set(FindingKind) <= set(looked_for) else unknown
    if name == EXPECTED_ERRORS:
        # Errors come whole: a hundred-thousandth of one is none.
        return unknown if expected_errors is None else round(expected_errors["value"])
    gone = missing if name == FindingKind.UNREADABLE else 0
    return sum(one.kind == name for one in found) + gone if name in looked_for else unknown
