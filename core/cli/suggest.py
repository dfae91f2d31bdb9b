"""``coverslip suggest``."""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from core.backbones.device import pick_device
from core.cli.arguments import add_project, whole_number
from core.cli.console import Console, Result
from core.cli.table import text_table
from core.domain.metrics import Metric
from core.embeddings.bank import PoolFeatures
from core.embeddings.labelled import LabelledPool, read_pool
from core.embeddings.suggestions import Guesses, Learned, appraise, guess, learn, open_samples, useful_first
from core.errors import UserError
from core.progress import Progress
from core.store.accepted import accept_suggestions
from core.store.project import Project
from core.training.suggesting import PoolEmbedder
from core.translation import tr, tr_n

_ORDERS = ("useful", "confident")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument(
        "--accept-above",
        type=_share,
        metavar="P",
        help=tr("give the suggested label to every image whose suggestion has at least this confidence, 0 to 1"),
    )
    parser.add_argument(
        "--limit", type=whole_number, default=20, metavar="N", help=tr("how many suggestions to list at the most")
    )
    parser.add_argument(
        "--order",
        choices=_ORDERS,
        default=_ORDERS[0],
        help=tr("list first what would teach the most, or what is the surest"),
    )


def run(args: argparse.Namespace, console: Console) -> Result:
    """Suggest labels for the images that have none."""
    progress = console.progress()
    device = pick_device()
    device.use_threads()
    with Project.open(args.project) as project:
        pool = read_pool(project)
        features = PoolEmbedder(project, device).embed(pool, progress)
        learned = learn(features.bank, features.rows, pool, progress=progress)
        if learned is None:
            raise UserError("suggestions_need_labels", count=int(pool.labelled.sum()))
        learned = appraise(features.bank, features.rows, pool, learned, progress)
        found = _Found(pool, features, learned, progress)
        accepted = found.accept(project, args.accept_above) if args.accept_above is not None else {}
    return found.result(found.listed(args.order, args.limit), accepted, args.accept_above)


class _Found:
    """The suggestions for the unlabelled images of a project."""

    def __init__(self, pool: LabelledPool, features: PoolFeatures, learned: Learned, progress: Progress) -> None:
        self._pool, self._features, self._learned, self._progress = pool, features, learned, progress
        self._open = open_samples(pool, features.rows)
        self._guesses: Guesses = guess(features.bank, features.rows[self._open], learned.head, progress)
        names = {label.id: label.name for label in pool.labels}
        self._names = [names[label_id] for label_id in learned.head.label_ids.tolist()]
        self._taken = np.zeros(len(self._open), dtype=np.bool_)

    def accept(self, project: Project, above: float) -> dict[str, int]:
        """Accept what is sure enough; returns how many images by label."""
        self._taken = (self._guesses.confidence >= above) & self._guesses.labels.any(axis=1)
        rows = np.flatnonzero(self._taken)
        label_ids = self._learned.head.label_ids
        given = [label_ids[self._guesses.labels[row]].tolist() for row in rows.tolist()]
        accept_suggestions(project, self._pool.table.ids[self._open[rows]], given)
        return dict(Counter("; ".join(self._labels(row)) for row in rows.tolist()))

    def listed(self, order: str, limit: int) -> NDArray[np.int64]:
        """Return the rows to list."""
        left = np.flatnonzero(~self._taken)
        if order == "confident":
            return left[np.argsort(-self._guesses.confidence[left], kind="stable")][:limit]
        rows = self._features.rows[self._open[left]]
        return left[useful_first(self._features.bank, rows, self._learned.head, progress=self._progress)][:limit]

    def result(self, listed: NDArray[np.int64], accepted: dict[str, int], above: float | None) -> Result:
        """Return the command's result."""
        rows = [self._row(row) for row in listed.tolist()]
        judgement = self._learned.judgement
        assert judgement is not None
        data = {
            "labelled": int(self._pool.labelled.sum()),
            "unlabelled": len(self._open) - int(self._taken.sum()),
            "accuracy": judgement.accuracy.to_json() | {"n": judgement.n, "groups": judgement.groups},
            "accepted": accepted,
            "suggestions": rows,
        }
        table = text_table(
            [tr("image"), tr("label"), tr("confidence"), "id"],
            [[str(r["path"]), "; ".join(_words(r["labels"])), f"{r['confidence']:.3f}", str(r["id"])] for r in rows],
        )
        lines = [right_words(judgement.accuracy, judgement.n)]
        if above is not None:
            lines.append(tr_n("{n} suggestion accepted", "{n} suggestions accepted", int(self._taken.sum())))
        return Result(data, [*lines, "", *table] if rows else lines)

    def _row(self, row: int) -> dict[str, object]:
        at = int(self._open[row])
        return {
            "id": int(self._pool.table.ids[at]),
            "path": self._pool.table.paths[at],
            "labels": list(self._labels(row)),
            "confidence": round(float(self._guesses.confidence[row]), 4),
        }

    def _labels(self, row: int) -> tuple[str, ...]:
        return tuple(self._names[i] for i in np.flatnonzero(self._guesses.labels[row]).tolist())


def right_words(accuracy: Metric, n: int) -> str:
    """Say how right suggestions were on the user's own labels."""
    share = f"{accuracy.value:.0%}"
    if accuracy.low != accuracy.low:
        return tr("On your own {n} labels, suggestions were right {share} of the time.", n=f"{n:,}", share=share)
    return tr(
        "On your own {n} labels, suggestions were right {share} of the time ({low}–{high}).",
        n=f"{n:,}",
        share=share,
        low=f"{accuracy.low:.0%}",
        high=f"{accuracy.high:.0%}",
    )


def _words(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(tr("“{text}” is no number from 0 to 1", text=text))
    return value
