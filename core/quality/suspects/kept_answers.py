"""What the check keeps of every answer where several labels may hold at once: two columns a label, by its id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.suspects.answers import AnswerRows, answer_session
from core.quality.suspects.multilabel import Answers

_WRONG: Final = "wrong_"
_HELD: Final = "held_"


def answers_to_keep(
    each: Answers, held: NDArray[np.bool_], label_ids: NDArray[np.int64]
) -> dict[str, NDArray[np.generic]]:
    """Return the columns of answers (N, K): P(wrong) of each, NaN where nothing can be said, and what was said."""
    kept: dict[str, NDArray[np.generic]] = {}
    for column, label in enumerate(label_ids.tolist()):
        kept[f"{_WRONG}{label}"] = each[:, column]
        kept[f"{_HELD}{label}"] = held[:, column]
    return kept


def answered_labels(kept: Mapping[str, NDArray[np.generic]]) -> list[int]:
    """Return the ids of the labels that there are answers about; none where one label an image was judged."""
    return [int(name.removeprefix(_WRONG)) for name in kept if name.startswith(_WRONG)]


def kept_answers(
    kept: Mapping[str, NDArray[np.generic]], label_ids: NDArray[np.int64]
) -> tuple[Answers, NDArray[np.bool_]]:
    """Return (N, K) P(wrong), and what was said, of these labels."""
    each = [np.asarray(kept[f"{_WRONG}{label}"], np.float32) for label in label_ids.tolist()]
    held = [np.asarray(kept[f"{_HELD}{label}"], np.bool_) for label in label_ids.tolist()]
    n = len(kept["given"])
    if not each:
        return np.empty((n, 0), np.float32), np.empty((n, 0), np.bool_)
    return np.stack(each, axis=1), np.stack(held, axis=1)


def session_of_answers(
    kept: Mapping[str, NDArray[np.generic]],
    label_ids: NDArray[np.int64],
    in_question: NDArray[np.bool_] | None = None,
) -> AnswerRows:
    """Return the session over kept answers; `in_question` (N, K) leaves some of them out."""
    each, held = kept_answers(kept, label_ids)
    if in_question is not None:
        each = np.where(in_question, each, np.float32(np.nan))
    unsure = float(np.asarray(kept["unsure"], np.float64)[0]) if len(kept["unsure"]) else 0.0
    neighbours = kept.get("neighbours")
    return answer_session(each, held, unsure, None if neighbours is None else np.asarray(neighbours, np.int64))
