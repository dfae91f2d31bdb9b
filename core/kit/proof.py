"""The proof in a kit: what was compared before it was written, and how close the two paths came."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UserError

TOLERANCES: Final[dict[str, float]] = {"fp32": 1e-4, "fp16": 2e-2}


class Proof(BaseModel):
    """What an export compared: the network in PyTorch against the file in ONNX Runtime, on real images.

    Attributes
    ----------
    n
        Images compared. `argmax_equal` of them have the same most probable label; `ties` of these were decided by the
        rule for ties (see `compare`).
    max_abs_dp
        Largest absolute difference of any probability; at most `tolerance`.
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
    tolerance: Annotated[float, Field(gt=0, allow_inf_nan=False)]
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
        (N,) bool, whether the most probable label is the same, ties included.
    tied
        (N,) bool, whether it differs but only by a tie.
    distance
        (N,) float64, largest absolute difference of a probability; infinite where one is not a number.
    """

    same_label: NDArray[np.bool_]
    tied: NDArray[np.bool_]
    distance: NDArray[np.float64]


def compare(expected: NDArray[np.float32], found: NDArray[np.float32], tolerance: float) -> Comparison:
    """Compare probabilities (N, K) with those expected (N, K).

    A tie: where the most probable labels differ, but *both* paths give the two labels probabilities no further apart
    than a tenth of `tolerance`, neither path decides, and they count as the same. With fp32 that is 1e-5, far below
    anything a probability is read for.
    """
    rows = np.arange(len(expected))
    wanted, got = expected.argmax(axis=1), found.argmax(axis=1)
    margin = tolerance / 10
    undecided = (np.abs(expected[rows, wanted] - expected[rows, got]) <= margin) & (
        np.abs(found[rows, wanted] - found[rows, got]) <= margin
    )
    distance = np.abs(expected.astype(np.float64) - found).max(axis=1, initial=0.0)
    distance = np.where(np.isfinite(distance), distance, np.inf)
    tied = (wanted != got) & undecided
    return Comparison(same_label=(wanted == got) | tied, tied=tied, distance=distance)


def read_proof(path: Path) -> Proof:
    """Read a ``proof.json``; raises `UserError` ``kit_damaged`` where it is not what was written."""
    try:
        return Proof.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError, RecursionError):
        raise UserError("kit_damaged", path=str(path.parent), name=path.name) from None
