"""What was done to a copy, and why one of a cluster is worth keeping, in the language in use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.domain.findings import Json
from core.translation import mark, tr

_DONE: Final = {
    "same_pixels": mark("the same pixels"),
    "retaken": mark("taken or cut out again"),
    "re_encoded": mark("saved again"),
    "mirrored": mark("mirrored"),
    "rotated": mark("rotated by {degrees}°"),
    "rotated_90": mark("rotated by 90°"),
    "rotated_180": mark("rotated by 180°"),
    "rotated_270": mark("rotated by 270°"),
    "cropped": mark("cropped to {shown} of the area"),
    "wider": mark("shows more around it"),
    "resized": mark("resized"),
    "brighter": mark("brighter"),
    "darker": mark("darker"),
    "more_contrast": mark("more contrast"),
    "less_contrast": mark("less contrast"),
}
_KEPT: Final = {
    "resolution": mark("The first one has the most pixels."),
    "depth": mark("The first one has the most bits a value."),
    "sharpness": mark("The first one is the sharpest."),
    "encoding": mark("The first one lost least to its encoding."),
    "size": mark("The first one has the largest file."),
}


def relation_words(member: Mapping[str, Json]) -> str:
    """Return how a member of a cluster comes from another, such as “mirrored, brighter”; "" where nothing is known."""
    words = member.get("words")
    degrees, shown = member.get("degrees"), member.get("shown")
    numbers = {
        "degrees": f"{degrees:.0f}" if isinstance(degrees, int | float) else "",
        "shown": f"{shown:.0%}" if isinstance(shown, int | float) else "",
    }
    codes = words if isinstance(words, list) else []
    return ", ".join(tr(_DONE[code], **numbers) for code in codes if isinstance(code, str) and code in _DONE)


def explain_duplicates(evidence: Mapping[str, Json]) -> str:
    """Return a sentence or two about a cluster."""
    members = evidence["members"]
    listed = [member for member in members if isinstance(member, dict)] if isinstance(members, list) else []
    done = list(dict.fromkeys(filter(None, map(relation_words, listed))))
    sentences = []
    if done:
        said = "; ".join(done[:3]) + ("; …" if len(done) > 3 else "")
        sentences.append(tr("They show the same: {how}.", how=said))
    reason = _KEPT.get(str(evidence["keep_reason"]))
    if reason is not None:
        sentences.append(tr(reason))
    return " ".join(sentences)


def explain_conflict(evidence: Mapping[str, Json], *, asks: bool = True) -> str:
    """Return what is to be said of copies whose labels contradict each other: which label is likelier, and why.

    `asks` is whether one has to be chosen where none is likelier.
    """
    believed, labels = evidence.get("likelier"), evidence.get("labels")
    sentences = [explain_duplicates(evidence)] if "members" in evidence else []
    if isinstance(believed, dict) and "label" in believed:
        words = tr("{label} is likelier (P {p}), by other images that look like these.", **_numbers(believed))
    elif evidence.get("merged_label") is not None and isinstance(labels, dict):
        label = str(evidence["merged_label"])
        total = sum(count for count in labels.values() if isinstance(count, int))
        words = tr("{n} of {total} are called {label}.", n=labels[label], total=total, label=label)
    elif not asks:
        words = ""
    elif isinstance(believed, dict):
        words = tr("None of their labels is clearly likelier: choose one.")
    else:
        words = tr("Nothing is known that speaks for one of their labels: choose one.")
    return " ".join(filter(None, [words, *sentences]))


def _numbers(believed: Mapping[str, Json]) -> dict[str, str]:
    p = believed["p"]
    return {"label": str(believed["label"]), "p": f"{p:.2f}" if isinstance(p, int | float) else ""}
