"""The proof in a kit: what was compared before it was written, and how close the two paths came."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UserError


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What still counts as the same answer.

    Attributes
    ----------
    probability
        Largest allowed absolute difference of a probability.
    tie
        Two labels whose probabilities are no further apart than this, on both sides, are tied.
    """

    probability: float
    tie: float


# By precision. float32 rounds far below what a probability is read for; with float16 the second decimal is uncertain.
TOLERANCES: Final = {"fp32": Tolerance(1e-4, 1e-5), "fp16": Tolerance(2e-2, 2e-2)}


class Proof(BaseModel):
    """What an export compared: the network in PyTorch against the file in ONNX Runtime, on real images.

    Attributes
    ----------
    n
        Images compared. `argmax_equal` of them have the same most probable label, or, where an image can have many
        labels, the same decision on every one of them; `ties` of these were decided by the rule for ties (see
        `compare`).
    max_abs_dp
        Largest absolute difference of any probability; at most `tolerance`.
    tie_margin
        Labels whose probabilities are no further apart are tied.
    environment
        Versions of what computed it.
    files
        SHA-256 of every file of the kit but ``proof.json``, by relative POSIX path.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: Annotated[int, Field(ge=1)]
    argmax_equal: Annotated[int, Field(ge=0)]
    ties: Annotated[int, Field(ge=0)] = 0
    max_abs_dp: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    tolerance: Annotated[float, Field(gt=0, lt=1)]
    tie_margin: Annotated[float, Field(ge=0, lt=1)]
    environment: dict[str, str] = {}
    files: dict[str, str] = {}

    def to_text(self) -> str:
        """Return the JSON text of ``proof.json``."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far two sets of probabilities agree, image by image.

    Attributes
    ----------
    same_label
        (N,) bool, whether the most probable label, or the decision on every label, is the same, ties included.
    tied
        (N,) bool, whether it differs but only by a tie.
    distance
        (N,) float64, largest absolute difference of a probability; infinite where one is not a number.
    """

    same_label: NDArray[np.bool_]
    tied: NDArray[np.bool_]
    distance: NDArray[np.float64]


def compare(
    expected: NDArray[np.float32], found: NDArray[np.float32], tie: float, thresholds: Sequence[float] = ()
) -> Comparison:
    """Compare probabilities (N, K) with those expected (N, K).

    A tie: where the most probable labels differ, but *both* sides give the two labels probabilities no further apart
    than `tie`, neither side decides, and they count as the same. With `thresholds` (K), each label is decided on its
    own, and a tie is where both sides stand no further than `tie` from the threshold.
    """
    distance = np.abs(expected.astype(np.float64) - found).max(axis=1, initial=0.0)
    distance = np.where(np.isfinite(distance), distance, np.inf)
    if len(thresholds):
        same, tied = _same_decisions(expected, found, tie, np.asarray(thresholds, np.float64))
    else:
        same, tied = _same_best(expected, found, tie)
    return Comparison(same_label=same, tied=tied, distance=distance)


def _same_decisions(
    expected: NDArray[np.float32], found: NDArray[np.float32], tie: float, thresholds: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    # As `Readout.given` decides: at the precision of the probabilities.
    at = thresholds.astype(np.float32)
    equal = (expected >= at) == (found >= at)
    undecided = (np.abs(expected - thresholds) <= tie) & (np.abs(found - thresholds) <= tie)
    same = (equal | undecided).all(axis=1)
    return same, same & ~equal.all(axis=1)


def _same_best(
    expected: NDArray[np.float32], found: NDArray[np.float32], tie: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    rows = np.arange(len(expected))
    wanted, got = expected.argmax(axis=1), found.argmax(axis=1)
    undecided = (np.abs(expected[rows, wanted] - expected[rows, got]) <= tie) & (
        np.abs(found[rows, wanted] - found[rows, got]) <= tie
    )
    tied = (wanted != got) & undecided
    return (wanted == got) | tied, tied


def read_proof(path: Path) -> Proof:
    """Read a ``proof.json``; raises `UserError` ``kit_damaged`` where it is not what was written."""
    try:
        return Proof.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError, RecursionError):
        raise UserError("kit_damaged", path=str(path.parent), name=path.name) from None
