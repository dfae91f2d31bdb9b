"""What is done for suggestions off the GUI thread, and what comes back from there.

Nothing heavy is imported with this module: torch comes with the first call on a worker thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, UserError
from core.progress import CancelToken, Progress

if TYPE_CHECKING:
    from core.domain.metrics import Metric
    from core.embeddings.bank import PoolFeatures
    from core.embeddings.labelled import LabelledPool
    from core.embeddings.suggestions import Guesses, Learned
    from core.store.project import Project
    from core.training.suggesting import PoolEmbedder

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Labels suggested for a sample, empty for none of them, and how likely it is that they are right, 0 to 1."""

    label_ids: tuple[int, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What was learnt from the labels, and what is suggested for the others.

    Attributes
    ----------
    made
        (N,) whether a suggestion was made for the pool's sample; those touched since have theirs taken back.
    labels, confidence
        (N, K) and (N,) the suggestions.
    """

    pool: LabelledPool
    features: PoolFeatures
    learned: Learned
    labels: NDArray[np.bool_]
    confidence: NDArray[np.float32]
    made: NDArray[np.bool_] = field(compare=False)

    @property
    def labelled(self) -> int:
        """How many labelled samples it was learnt from."""
        return self.learned.head.n

    @property
    def accuracy(self) -> Metric | None:
        """Share of the user's own labels for which the suggestion was right; None until it is known."""
        return self.learned.judgement.accuracy if self.learned.judgement is not None else None

    def suggestion(self, sample_id: int) -> Suggestion | None:
        """Return what is suggested for a sample, if anything."""
        row = self._row(sample_id)
        if row < 0 or not self.made[row]:
            return None
        label_ids = tuple(self.learned.head.label_ids[self.labels[row]].tolist())
        # Where an image can have several labels, none of them is a suggestion too.
        return Suggestion(label_ids, float(self.confidence[row])) if label_ids or self._none_is_said else None

    def top(self, sample_id: int, count: int) -> list[tuple[int, float]]:
        """Return the likeliest labels by id with their probabilities; nothing where there is no suggestion."""
        row = self._row(sample_id)
        if row < 0 or not self.made[row]:
            return []
        head = self.learned.head
        found = head.probabilities(self.features.bank.take(self.features.rows[row : row + 1]))[0]
        best = np.argsort(-found, kind="stable")[:count]
        return [(int(head.label_ids[i]), float(found[i])) for i in best.tolist()]

    def above(self, confidence: float) -> Ids:
        """Return the samples whose suggestion is at least this sure."""
        return self.pool.table.ids[self.made & (self.confidence >= confidence) & self._says_something]

    def settle(self, sample_ids: Ids) -> None:
        """Take back the suggestions for samples that somebody has just touched."""
        self.made[np.isin(self.pool.table.ids, sample_ids)] = False

    def useful(self, progress: Progress) -> Ids:
        """Return the unlabelled samples, what would teach the most first."""
        from core.embeddings.suggestions import open_samples, useful_first

        where = open_samples(self.pool, self.features.rows)
        rows, head = self.features.rows[where], self.learned.head
        return self.pool.table.ids[where[useful_first(self.features.bank, rows, head, progress=progress)]]

    def by_label(self) -> Ids:
        """Return the samples with a suggestion: by the suggested label, and the surest first within it."""
        where = np.flatnonzero(self.made & self._says_something)
        labels = self.labels[where]
        first = np.where(labels.any(axis=1), labels.argmax(axis=1), labels.shape[1])  # none of them comes last
        return self.pool.table.ids[where[np.lexsort((-self.confidence[where], first))]]

    @property
    def _none_is_said(self) -> bool:
        return self.learned.head.independent

    @property
    def _says_something(self) -> NDArray[np.bool_]:
        return np.asarray(self.labels.any(axis=1) | self._none_is_said, np.bool_)

    def _row(self, sample_id: int) -> int:
        ids = self.pool.table.ids
        row = int(np.searchsorted(ids, sample_id))
        return row if row < len(ids) and int(ids[row]) == sample_id else -1


class SuggestionWork:
    """The samples of one project, their features and the head; its long methods are called on worker threads."""

    def __init__(self, project: Project, device: str) -> None:
        self._project, self._device = project, device
        self._guard, self._working = Lock(), Lock()
        self._embedder: PoolEmbedder | None = None
        self._pool: LabelledPool | None = None
        self._features: PoolFeatures | None = None
        self._learned: Learned | None = None
        self._touched: list[Ids] = []
        self._labels_touched = False
        # How often samples came in, and how often they had when they were read last.
        self._wanted, self._read = 1, 0
        self._rest = CancelToken()
        self.in_sight: tuple[int, ...] = ()

    @property
    def is_outdated(self) -> bool:
        """Whether the samples have to be read again, and the new ones to be embedded."""
        return self._read != self._wanted

    @property
    def labelled(self) -> int:
        """How many samples were labelled when the work looked last."""
        return int(self._pool.labelled.sum()) if self._pool is not None else 0

    def read_again(self) -> None:
        """Say that samples came in, or files changed."""
        self._wanted += 1

    def touch(self, sample_ids: Ids | None) -> None:
        """Say which samples an edit changed; None where only the list of labels changed."""
        with self._guard:
            self._labels_touched = True
            if sample_ids is not None:
                self._touched.append(sample_ids)

    def hurry(self) -> None:
        """Let the work under way leave what comes after the fit: labels have changed."""
        self._rest.cancel()

    def embed(self, progress: Progress) -> None:
        """Read the samples, and embed those that are new."""
        from core.backbones.device import pick_device
        from core.embeddings.labelled import read_pool
        from core.training.suggesting import PoolEmbedder

        with self._working:
            if not self.is_outdated:
                return
            wanted = self._wanted
            with self._guard:
                self._touched, self._labels_touched = [], False
            if self._embedder is None:
                self._embedder = PoolEmbedder(self._project, pick_device(self._device, spare_core=True))
            pool = read_pool(self._project)
            self._features = self._embedder.embed(pool, progress)
            self._pool, self._read = pool, wanted

    def learn(self, progress: Progress, tell: Callable[[Knowledge | None], object]) -> None:
        """Bring everything up to date, telling what is known as soon as it is: the samples in sight first."""
        from core.embeddings.suggestions import appraise, learn

        with self._working:
            self._rest = CancelToken()
            if not self._update():
                self.read_again()
                return
            pool, features = self._at_hand()
            self._learned = learn(features.bank, features.rows, pool, self._learned, progress)
            if self._learned is None:
                tell(None)
                return
            tell(self._known(self._rows_of(self.in_sight), progress))
            try:
                rest = Progress(token=self._rest)
                if self._learned.outdated:
                    self._learned = appraise(features.bank, features.rows, pool, self._learned, rest)
                tell(self._known(None, rest))
            except Cancelled:
                progress.checkpoint()

    def similar(self, like: Ids, progress: Progress) -> Ids:
        """Return all samples, those most like `like` first; embeds those that are new."""
        from core.embeddings.similarity import similarity_order

        self.embed(progress)
        pool, features = self._at_hand()
        where = np.flatnonzero(features.rows >= 0)
        ids = pool.table.ids[where]
        chosen = np.flatnonzero(np.isin(ids, like)).astype(np.int64)
        if not len(chosen):
            raise UserError("similarity_needs_images")
        return ids[similarity_order(features.bank, features.rows[where], chosen, progress=progress)]

    def _at_hand(self) -> tuple[LabelledPool, PoolFeatures]:
        assert self._pool is not None
        assert self._features is not None
        return self._pool, self._features

    def _update(self) -> bool:
        """Take in what was touched; False where samples came in, so that all has to be read again."""
        from core.embeddings.bank import PoolFeatures
        from core.embeddings.labelled import updated_pool

        with self._guard:
            touched, changed = self._touched, self._labels_touched
            self._touched, self._labels_touched = [], False
        if not changed:
            return True
        pool, features = self._at_hand()
        found = updated_pool(self._project, pool, np.unique(np.concatenate(touched)) if touched else None)
        if found is None:
            return False
        self._pool, keep = found
        if not keep.all():
            self._features = PoolFeatures(features.bank, features.rows[keep])
        return True

    def _rows_of(self, sample_ids: Iterable[int]) -> NDArray[np.int64]:
        from core.embeddings.suggestions import open_samples

        pool, features = self._at_hand()
        where = open_samples(pool, features.rows)
        return where[np.isin(pool.table.ids[where], np.fromiter(sample_ids, dtype=np.int64))]

    def _known(self, where: NDArray[np.int64] | None, progress: Progress) -> Knowledge:
        """Make the suggestions for some samples of the pool, or for all that are unlabelled."""
        from core.embeddings.suggestions import guess, open_samples

        pool, features = self._at_hand()
        learned = self._learned
        assert learned is not None
        if where is None:
            where = open_samples(pool, features.rows)
        guesses: Guesses = guess(features.bank, features.rows[where], learned.head, progress)
        labels = np.zeros((len(pool), len(learned.head.label_ids)), dtype=np.bool_)
        confidence = np.zeros(len(pool), dtype=np.float32)
        made = np.zeros(len(pool), dtype=np.bool_)
        labels[where], confidence[where], made[where] = guesses.labels, guesses.confidence, True
        return Knowledge(pool, features, learned, labels, confidence, made)
