"""What a case says, in a sentence or two for the person who works through them, in the language in use.

A row per kind of case; whoever adds a kind adds its row. Each sentence is built from the case's evidence alone, so that
a finding that was kept years ago can still be explained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Protocol

from core.domain.findings import FindingKind, Json
from core.quality.duplicates.words import explain_conflict, explain_duplicates
from core.translation import mark, tr, tr_n
from core.words import said

Evidence = Mapping[str, Json]


class Explained(Protocol):
    """A case of a check, or a finding that was made of one."""

    @property
    def kind(self) -> FindingKind:
        """What is suspected."""

    @property
    def evidence(self) -> Evidence:
        """Why."""


def explain(case: Explained) -> str:
    """Return why this is suspected; "" for a kind that says nothing beyond its name, or evidence that is incomplete."""
    return _said(_SENTENCES.get(case.kind), case.evidence)


def explain_merged(case: Explained) -> str:
    """Return the same of duplicates whose labels contradict, where an image can have all of them: none is asked for."""
    return _said(partial(explain_conflict, asks=False), case.evidence)


def _said(explained: Callable[[Evidence], str] | None, evidence: Evidence) -> str:
    try:
        return explained(evidence) if explained is not None else ""
    except (KeyError, TypeError, ValueError, IndexError):
        # Evidence of another version: the case stands, and its picture and its kind still say most.
        return ""


def number(evidence: Json | Evidence, *path: str | int) -> float:
    """Return a number deep in the evidence; raises `KeyError` or `TypeError` where there is none."""
    found: object = evidence
    for step in path:
        found = found[step]  # type: ignore[index]
    if not isinstance(found, int | float):
        raise TypeError(path)
    return float(found)


def _outlier(evidence: Evidence) -> str:
    if evidence["unlike"] == "label":
        return tr("Unlike the other images of its label, but like {label}.", label=evidence["like"])
    return tr(
        "Unlike every other image: the nearest ones are at a distance of {distance}, where {low} to {high} is usual.",
        distance=f"{number(evidence, 'distance'):.2f}",
        low=f"{number(evidence, 'usual', 0):.2f}",
        high=f"{number(evidence, 'usual', 1):.2f}",
    )


_TORN: Final = {
    "duplicate": mark("Images that show the same are on both sides of the split ({splits})."),
    "group": mark("Images of one group are on both sides of the split ({splits})."),
    "taken_minute": mark("Images taken in the same minute are on both sides of the split ({splits})."),
    "taken_day": mark("Images taken on the same day are on both sides of the split ({splits})."),
}
_IGNORED: Final = {
    "group": mark("The split takes no notice of groups: {n} of them are on both sides."),
    "taken_minute": mark("The split takes no notice of when images were taken: {n} minutes are on both sides."),
    "taken_day": mark("The split takes no notice of when images were taken: {n} days are on both sides."),
}


def _leakage(evidence: Evidence) -> str:
    why = str(evidence["why"])
    if "values" in evidence:
        return tr(_IGNORED[why], n=f"{number(evidence, 'values'):,.0f}")
    splits = evidence["splits"]
    counts = splits.items() if isinstance(splits, dict) else ()
    return tr(_TORN[why], splits=", ".join(f"{said(name)}: {count}" for name, count in counts))


def _imbalance(evidence: Evidence) -> str:
    return tr(
        "{commonest} has {ratio} times as many images as {rarest}: a classifier tends to neglect {rarest}.",
        commonest=evidence["commonest"],
        rarest=evidence["rarest"],
        ratio=f"{number(evidence, 'ratio'):.0f}",
    )


def _too_few(evidence: Evidence) -> str:
    label, why = evidence["label"], evidence["why"]
    reasons = why if isinstance(why, list) else []
    sentences = []
    if "images" in reasons:
        count = int(number(evidence, "images"))
        sentences.append(tr_n("{label} has only {n} image.", "{label} has only {n} images.", count, label=label))
    if "groups" in reasons:
        count = int(number(evidence, "groups"))
        sentences.append(
            tr_n(
                "All images of {label} come from {n} group: how it looks in another one is not known.",
                "All images of {label} come from {n} groups: how it looks in another one is hardly known.",
                count,
                label=label,
            )
        )
    curve = evidence.get("curve")
    if isinstance(curve, dict) and isinstance(curve["gain"], dict) and curve["gain"]["low"] is not None:
        sentences.append(_promise(evidence))
    return " ".join(sentences)


def _promise(evidence: Evidence) -> str:
    path = ("curve", "gain")
    return tr(
        "{more} more images of {label} would raise its F1 by about {gain} ({low} to {high}).",
        more=evidence["more"],
        label=evidence["label"],
        gain=f"{number(evidence, *path, 'value'):.3f}",
        low=f"{number(evidence, *path, 'low'):.3f}",
        high=f"{number(evidence, *path, 'high'):.3f}",
    )


def _similar_labels(evidence: Evidence) -> str:
    labels = evidence["labels"]
    first, second = (str(label) for label in labels) if isinstance(labels, list) else ("", "")
    return tr(
        "{first} and {second} are hard to tell apart (AUC {auc}): {one} of {first} is taken for {second}, and {other}"
        " of {second} for {first}.",
        first=first,
        second=second,
        auc=f"{number(evidence, 'auc', 'value'):.2f}",
        one=f"{number(evidence, 'taken_for', first):.0%}",
        other=f"{number(evidence, 'taken_for', second):.0%}",
    )


_TOLD_BY: Final = {
    "device": mark("Your labels differ by the device or its settings, AUC {auc}."),
    "date": mark("Your labels differ by acquisition date, AUC {auc}."),
    "encoding": mark("Your labels differ by how their files were encoded, AUC {auc}."),
    "border": mark("Your labels differ by the border and the background of the images, AUC {auc}."),
    "file_date": mark("Your labels differ by the date of their files, AUC {auc}."),
    "size": mark("Your labels differ by the size of the images, AUC {auc}."),
    "aspect": mark("Your labels differ by the shape of the images, AUC {auc}."),
    "name": mark("Your labels differ by parts of the file names, AUC {auc}."),
}
_ONE_TOLD_BY: Final = {
    "device": mark("{label} differs from the other labels by the device or its settings, AUC {auc}."),
    "date": mark("{label} differs from the other labels by acquisition date, AUC {auc}."),
    "encoding": mark("{label} differs from the other labels by how its files were encoded, AUC {auc}."),
    "border": mark("{label} differs from the other labels by the border and the background of the images, AUC {auc}."),
    "file_date": mark("{label} differs from the other labels by the date of its files, AUC {auc}."),
    "size": mark("{label} differs from the other labels by the size of the images, AUC {auc}."),
    "aspect": mark("{label} differs from the other labels by the shape of the images, AUC {auc}."),
    "name": mark("{label} differs from the other labels by parts of the file names, AUC {auc}."),
}
_COLUMNS: Final = {
    "make": mark("the maker"),
    "model": mark("the model"),
    "software": mark("the software"),
    "device": mark("the device"),
    "modality": mark("the protocol"),
    "pixel_size_um": mark("the size of a pixel in µm"),
    "exposure_s": mark("the exposure in seconds"),
    "iso": mark("the sensitivity"),
    "taken_day": mark("the day"),
    "taken_second": mark("the second of the day"),
    "file_day": mark("the day of the file"),
    "format": mark("the format"),
    "icc": mark("the colour profile"),
    "jpeg_quality": mark("the JPEG quality"),
    "channels": mark("the number of channels"),
    "bit_depth": mark("the bits a value"),
    "width": mark("the width in pixels"),
    "height": mark("the height in pixels"),
    "pixels": mark("the number of pixels"),
    "aspect": mark("width by height"),
    "background": mark("the brightness of the background"),
    "background_noise": mark("the noise of the background"),
    "word_1": mark("the first word"),
    "word_2": mark("the second word"),
    "number_1": mark("the first number"),
    "number_2": mark("the second number"),
}
"""What a column holds, where a typical value of it tells something."""
_BIOLOGY: Final = {
    "border": mark("That could be the biology, where what is shown reaches the border."),
    "size": mark(
        "That could be the biology, where images are cut to what they show; scaled to one size, it shows as blur."
    ),
    "aspect": mark("That could be the biology, where images are cut to what they show."),
}
_HARMLESS: Final = {
    "name": mark("A classifier does not see file names, but they may tell of an order in which images were taken."),
    "file_date": mark("Copying changes the date of files; it matters only if it is the date of the acquisition."),
}


def _confound(evidence: Evidence) -> str:
    family, one = str(evidence["family"]), evidence.get("of")
    auc = f"{number(evidence, 'auc', 'value'):.2f}"
    sentences = [tr(_TOLD_BY[family], auc=auc) if one is None else tr(_ONE_TOLD_BY[family], label=one, auc=auc)]
    sentences += _typically(evidence)
    sentences += [tr(table[family]) for table in (_BIOLOGY, _HARMLESS) if family in table]
    if evidence.get("groups_respected") is False:
        sentences.append(tr("A label comes from one group alone, so that groups could not be kept together here."))
    return " ".join(sentences)


def column_words(evidence: Evidence) -> str:
    """Return what the typical values of a confound are values of; nothing where that has no words."""
    words = _COLUMNS.get(str(evidence.get("column")), "")
    return tr(words) if words else ""


def _typically(evidence: Evidence) -> list[str]:
    labels, typical, column = evidence["labels"], evidence["typical"], str(evidence["column"])
    if not (isinstance(labels, list) and isinstance(typical, dict) and len(labels) == 2 and column in _COLUMNS):
        return []
    first, second = (typical.get(str(label)) for label in labels)
    if first is None or second is None or first == second:
        return []
    text = tr(
        "Most of it lies in {column}: typically {one} for {first} and {other} for {second}.",
        column=tr(_COLUMNS[column]),
        first=labels[0],
        second=labels[1],
        one=_value(first),
        other=_value(second),
    )
    return [text]


def _value(value: Json) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


_SENTENCES: Final[Mapping[FindingKind, Callable[[Evidence], str]]] = {
    FindingKind.CONFLICTING_DUPLICATE: explain_conflict,
    FindingKind.EXACT_DUPLICATE: explain_duplicates,
    FindingKind.NEAR_DUPLICATE: explain_duplicates,
    FindingKind.OUTLIER: _outlier,
    FindingKind.LEAKAGE: _leakage,
    FindingKind.IMBALANCE: _imbalance,
    FindingKind.TOO_FEW: _too_few,
    FindingKind.SIMILAR_LABELS: _similar_labels,
    FindingKind.CONFOUND: _confound,
}
