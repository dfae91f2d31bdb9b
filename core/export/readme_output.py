"""What the page of a kit says of the answers: one label an image, or any number."""

from __future__ import annotations

from typing import Final

from core.domain.task import Task
from core.export.readme_input import cell
from core.kit.metadata import KitMetadata

_READ_LABELS: Final = 'labels = open("labels.txt", encoding="utf-8").read().splitlines()'
_BEST: Final = """    best = int(probabilities.argmax())
    print(path, labels[best], f"{probabilities[best]:.3f}")"""
_GIVEN: Final = """    given = [(name, p) for name, p, least in zip(labels, probabilities, thresholds) if p >= least]
    print(path, *(f"{name} {p:.3f}" for name, p in given))"""

_SINGLE: Final = """The probabilities are calibrated (temperature {temperature:.4g}) and sum to 1. Decide on a threshold
below which nobody should trust the answer, and have a person look at those images."""
_MULTI: Final = """An image can have any number of these labels, or none. Each probability is the calibrated answer to a
question of its own; they do not sum to 1. A label is given where its probability is at least its threshold, which was
chosen on validation images for the best F1 (they are in `metadata.json` too):

| label | threshold |
|---|---|
{rows}

Where it matters, have a person look at the images with a probability near its threshold."""


def output_texts(metadata: KitMetadata, tie: float) -> dict[str, str]:
    """Return what the page says of the answers; `tie` as in `core.kit.proof.Tolerance`."""
    if metadata.task is Task.SINGLE:
        return {
            "what": "the label",
            "reading": _SINGLE.format(temperature=metadata.temperature),
            "limits": "It always answers with one of its labels, also for an image that shows none of them.",
            "ties": f"where two\nlabels are no further apart than {tie:.0e}, either may come first.",
        }
    pairs = zip(metadata.label_names, metadata.thresholds, strict=True)
    return {
        "what": "exactly the labels",
        "reading": _MULTI.format(rows="\n".join(f"| {cell(name)} | {least:.4g} |" for name, least in pairs)),
        "limits": "What has no label here it cannot tell.",
        "ties": f"a label\nno further than {tie:.0e} from its threshold may be given or not.",
    }


def with_decision(python: str, metadata: KitMetadata) -> str:
    """Return the Python example `python`, which takes the most probable label, deciding as this model does."""
    if metadata.task is Task.SINGLE:
        return python
    thresholds = f"{_READ_LABELS}\nthresholds = {list(metadata.thresholds)!r}"
    return python.replace(_READ_LABELS, thresholds).replace(_BEST, _GIVEN)
