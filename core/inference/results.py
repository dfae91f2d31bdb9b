"""The table of predictions: what was answered for each image, and the file it becomes.

One thing must stay true: the columns are ``path, label, confidence, decision, p_<label>…, error``, or with ``labels``
in place of ``label`` where an image can have many (``a;b``). A column that has shipped is not renamed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import ABSTAIN, LABEL_SEPARATOR, NONE_GIVEN
from core.domain.spreadsheet import safe_cell
from core.errors import UserError
from core.evaluation.readout import certainty


@dataclass(frozen=True, slots=True)
class PredictionTable:
    """What a model answered for the images of a folder, one row per image.

    Attributes
    ----------
    root
        The folder.
    paths
        N relative POSIX paths, sorted.
    labels
        K label names, the columns of `probabilities`.
    probabilities
        (N, K) float32; a row of NaN where there is an error.
    errors
        N reasons why an image has no prediction, or None.
    thresholds
        K, where an image can have any number of labels: it is given those whose probability is at least theirs.
    """

    root: Path
    paths: list[str]
    labels: tuple[str, ...]
    probabilities: NDArray[np.float32]
    errors: list[str | None]
    thresholds: tuple[float, ...] = ()

    @classmethod
    def empty(
        cls, root: Path, paths: list[str], labels: tuple[str, ...], thresholds: tuple[float, ...] = ()
    ) -> PredictionTable:
        """Return a table without any answer yet."""
        probabilities = np.full((len(paths), len(labels)), np.nan, np.float32)
        return cls(root, paths, labels, probabilities, [None] * len(paths), thresholds)

    def __len__(self) -> int:
        return len(self.paths)

    def fill(self, row: int, answer: NDArray[np.float32] | UserError) -> None:
        """Enter the probabilities (K,) of one image, or why there are none."""
        if isinstance(answer, UserError):
            self.errors[row] = answer.message
        else:
            self.probabilities[row] = answer

    @property
    def multi(self) -> bool:
        """Whether an image can have any number of labels."""
        return bool(self.thresholds)

    @property
    def given(self) -> NDArray[np.bool_]:
        """(N, K) the labels each image is given, whatever its confidence; none where there is an error."""
        if self.multi:
            return np.asarray(self.probabilities >= np.array(self.thresholds, np.float32))
        return np.asarray(self.best[:, None] == np.arange(len(self.labels)))

    @property
    def best(self) -> NDArray[np.intp]:
        """(N,) the index of the most probable label, the first of equals; -1 where there is an error."""
        found = np.where(np.isnan(self.probabilities), -1.0, self.probabilities).argmax(axis=1)
        return np.where([error is None for error in self.errors], found, -1)

    @property
    def confidence(self) -> NDArray[np.float32]:
        """(N,) float32, how sure the answer is; NaN where there is an error.

        The probability of the most probable label; with many labels an image, that of the least sure of its decisions
        (of a label that is not given: one minus its probability).
        """
        if self.multi:
            sure: NDArray[np.float32] = certainty(self.probabilities, self.given).astype(np.float32)
            return np.where(np.isnan(self.probabilities).any(axis=1), np.float32(np.nan), sure)
        confidence: NDArray[np.float32] = self.probabilities.max(axis=1)
        return confidence

    def decisions(self, threshold: float | None = None) -> list[str]:
        """Return, per image, its labels' names, `ABSTAIN` below `threshold`, or nothing where there is an error.

        With many labels an image they are joined by `LABEL_SEPARATOR`, or `NONE_GIVEN` where there is none.

        Raises
        ------
        UserError
            ``threshold_invalid`` where `threshold` is not between 0 and 1.
        """
        return [LABEL_SEPARATOR.join(names) for names in self.decided(threshold)]

    def decided(self, threshold: float | None = None) -> list[tuple[str, ...]]:
        """Return the same as `decisions`, not joined; () where there is an error."""
        check_threshold(threshold)
        decided: list[tuple[str, ...]] = []
        names, confidence = self.names(), self.confidence.tolist()
        for row, error in enumerate(self.errors):
            if error is not None:
                decided.append(())
            elif threshold is not None and confidence[row] < threshold:
                decided.append((ABSTAIN,))
            else:
                decided.append(names[row] or (NONE_GIVEN,))
        return decided

    def names(self) -> list[tuple[str, ...]]:
        """Return, per image, the names of the labels it is given; () where there is an error."""
        if not self.multi:
            return [(self.labels[index],) if index >= 0 else () for index in self.best.tolist()]
        return [tuple(compress(self.labels, row)) for row in self.given.tolist()]

    def counts(self, threshold: float | None = None) -> dict[str, int]:
        """Return how many images were decided for each label, in the order of the labels (zeros too)."""
        found = Counter(name for names in self.decided(threshold) for name in names)
        return {label: found.get(label, 0) for label in self.labels}

    def without_label(self, threshold: float | None = None) -> int:
        """Return how many images were decided to have no label."""
        return sum(names == (NONE_GIVEN,) for names in self.decided(threshold))

    def abstained(self, threshold: float | None = None) -> int:
        """Return how many images stay below `threshold`."""
        if threshold is None:
            return 0
        return int(np.sum((self.best >= 0) & (self.confidence < threshold)))


def columns(labels: Sequence[str], *, multi: bool = False) -> list[str]:
    """Return the header of the table."""
    return [
        "path",
        "labels" if multi else "label",
        "confidence",
        "decision",
        *(f"p_{label}" for label in labels),
        "error",
    ]


def rows(table: PredictionTable, threshold: float | None = None) -> Iterator[list[str]]:
    """Yield the table's rows as text, in the order of `columns`; numbers with six significant digits."""
    decisions, names, confidence = table.decisions(threshold), table.names(), table.confidence
    for row, path in enumerate(table.paths):
        if table.errors[row] is not None:
            blank = [""] * len(table.labels)
            yield [safe_cell(path), "", "", "", *blank, safe_cell(table.errors[row] or "")]
        else:
            shown = [f"{p:.6g}" for p in table.probabilities[row]]
            label = safe_cell(LABEL_SEPARATOR.join(names[row]))
            yield [safe_cell(path), label, f"{confidence[row]:.6g}", safe_cell(decisions[row]), *shown, ""]


def check_threshold(threshold: float | None) -> None:
    """Raise `UserError` ``threshold_invalid`` where `threshold` is not None and not between 0 and 1."""
    if threshold is not None and not 0 <= threshold <= 1:
        raise UserError("threshold_invalid", value=threshold)
