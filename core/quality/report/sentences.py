"""What a report says in sentences: about wrong labels, leakage, confounds, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Final

from core.domain.edits import Edit, EditKind
from core.domain.findings import Finding, FindingKind, Json
from core.domain.metrics import Metric
from core.quality.kind_words import KIND_NAMES
from core.quality.report.contents import ReportContents
from core.quality.table import CHECKS
from core.quality.words import explain
from core.translation import mark_n, tr, tr_n

_DONE: Final[Mapping[EditKind, tuple[str, str]]] = {
    EditKind.LABEL: mark_n("{n} image given another label", "{n} images given another label"),
    EditKind.LABELS: mark_n("{n} image given other labels", "{n} images given other labels"),
    EditKind.EXCLUDE: mark_n("{n} image excluded", "{n} images excluded"),
    EditKind.INCLUDE: mark_n("{n} image included again", "{n} images included again"),
    EditKind.PIN: mark_n("{n} image pinned to a split", "{n} images pinned to a split"),
    EditKind.KEEP: mark_n("{n} case kept as it is", "{n} cases kept as they are"),
    EditKind.SETTLE: mark_n("{n} case settled otherwise", "{n} cases settled otherwise"),
}
_MOST_TOLD: Final = 6


def expected_words(contents: ReportContents) -> str:
    """Say how many labels are expected to be wrong, with the interval; empty where nobody looked."""
    expected = contents.expected_left
    if expected is None or not isfinite(expected.value):
        return ""
    numbers = interval(expected)
    if _of_many_labels(contents):
        return _of_answers(contents, numbers)
    if contents.expected_is_of_check:
        return tr(
            "Labels expected to be wrong, at the time of the check: {numbers} of {n}.", **numbers_of(contents, numbers)
        )
    return tr("Labels expected to be wrong still: {numbers} of {n}.", **numbers_of(contents, numbers))


def _of_many_labels(contents: ReportContents) -> bool:
    """Return whether what was judged are answers, one for each label of each image."""
    return contents.record is not None and "answers" in contents.record.summaries.get("label_suspects", {})


def _of_answers(contents: ReportContents, numbers: str) -> str:
    """Say how many answers are expected to be wrong."""
    told = {"numbers": numbers, "answers": f"{contents.judged:,}"}
    if contents.expected_is_of_check:
        return tr(
            "Labels expected to be wrong, missing ones too, at the time of the check: {numbers}"
            " of {answers} answers, one for each label of each image.",
            **told,
        )
    return tr(
        "Labels expected to be wrong still, missing ones too: {numbers}"
        " of {answers} answers, one for each label of each image.",
        **told,
    )


def numbers_of(contents: ReportContents, numbers: str) -> dict[str, str]:
    """Return what the sentences about expected errors take: of how many labels that could be judged."""
    return {"numbers": numbers, "n": f"{contents.judged:,}"}


def checked_words(contents: ReportContents, at: str) -> str:
    """Say how many images the last check looked at, and when (`at`), and which it could not see; empty without one."""
    if contents.record is None:
        return ""
    said = [tr_n("{n} image checked on {at}.", "{n} images checked on {at}.", contents.record.samples, at=at)]
    if contents.unseen:
        said.append(
            tr_n(
                "{n} image came in or was labelled since: not everything was looked for in it.",
                "{n} images came in or were labelled since: not everything was looked for in them.",
                contents.unseen,
            )
        )
    if contents.missing:
        said.append(
            tr_n(
                "{n} image is missing and cannot be looked at.",
                "{n} images are missing and cannot be looked at.",
                contents.missing,
            )
        )
    return " ".join(said)


def interval(metric: Metric) -> str:
    """Return ``12 (7–19)``, or the value alone where the interval is not known."""
    if not (isfinite(metric.low) and isfinite(metric.high)):
        return f"{metric.value:,.0f}"
    return f"{metric.value:,.0f} ({metric.low:,.0f}–{metric.high:,.0f})"


def whole_sentences(contents: ReportContents) -> list[str]:
    """Return what there is to say of the data set as a whole, the worst first; at most a handful."""
    said = [words for one in _ordered(contents.whole) if (words := explain(one))]
    said = list(dict.fromkeys(said))
    shown = said[:_MOST_TOLD]
    if len(said) > len(shown):
        shown.append(tr_n("{n} more of this kind.", "{n} more of these kinds.", len(said) - len(shown)))
    leak = inflation_words(contents.record.summaries.get("leakage", {}) if contents.record is not None else {})
    return [*([leak] if leak else []), *shown]


def _ordered(found: Sequence[Finding]) -> list[Finding]:
    first = {FindingKind.LEAKAGE: 0, FindingKind.CONFOUND: 1}
    return sorted(found, key=lambda one: (first.get(one.kind, 2), -one.score))


def inflation_words(summary: Mapping[str, Json]) -> str:
    """Say by how much leakage flatters the score; empty where that could not be measured."""
    inflation = summary.get("inflation")
    measured = inflation.get("of_split") if isinstance(inflation, dict) else None
    difference = measured.get("difference") if isinstance(measured, dict) else None
    if not isinstance(difference, dict):
        return ""
    value, low, high = (difference.get(name) for name in ("value", "low", "high"))
    if not all(isinstance(number, int | float) for number in (value, low, high)):
        return ""
    return tr(
        "Leakage across the split raises the macro-F1 by about {value} ({low} to {high}).",
        value=f"{value:.3f}",
        low=f"{low:.3f}",
        high=f"{high:.3f}",
    )


def decision_words(contents: ReportContents) -> list[str]:
    """Return what was decided while cleaning, how often, and by whom."""
    totals: dict[EditKind, int] = {}
    for edit in contents.decisions:
        for kind, count in _deeds(edit):
            totals[kind] = totals.get(kind, 0) + count
    said = [tr_n(*words, totals[kind]) for kind, words in _DONE.items() if kind in totals]
    other = sum(count for kind, count in totals.items() if kind not in _DONE)
    if other:
        said.append(tr_n("{n} other change", "{n} other changes", other))
    return said


def _deeds(edit: Edit) -> list[tuple[EditKind, int]]:
    """Return what an edit did to how many images: one decision may give some another label and exclude others."""
    if edit.kind is not EditKind.SETTLE or edit.params.get("did") != "label":
        return [(edit.kind, edit.count)]
    excluded = str(edit.params.get("excluded", "")).replace(",", "")
    return [(EditKind.LABEL, edit.count), (EditKind.EXCLUDE, int(excluded) if excluded.isdecimal() else 0)]


def deciders(contents: ReportContents) -> str:
    """Return who decided, in alphabetical order."""
    return ", ".join(sorted({edit.user for edit in contents.decisions if edit.user}))


def nothing_found(contents: ReportContents) -> str:
    """Name what was looked for and not found; empty where something of every kind was."""
    if contents.record is None:
        return ""
    unknown = {kind for spec in CHECKS if spec.id in contents.record.notes for kind in spec.kinds}
    without = [
        tr(KIND_NAMES[kind])
        for kind in contents.record.kinds
        if kind not in contents.counts and kind not in unknown and not contents.found.get(kind)
    ]
    return tr("Looked for and not found: {kinds}.", kinds=", ".join(without)) if without else ""
