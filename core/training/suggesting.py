"""The features that suggestions stand on: the project's images through the bundled backbone, kept in a bank.

They are made with the size and the normalisation that a first training takes, so that the one finds the other's
embeddings. The intensity window of 16-bit images is decided once and kept in the cache: another window would be other
features, for every image.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np

from core.backbones.classifier import Classifier, build_classifier
from core.backbones.device import Device
from core.backbones.table import get_backbone
from core.backbones.weights import load_weights
from core.embeddings.bank import FeatureBank, PoolFeatures
from core.embeddings.extract import embed_project
from core.embeddings.labelled import LabelledPool
from core.embeddings.store import EmbeddingStore
from core.errors import UserError
from core.images.preprocess import Preprocess
from core.paths import atomic_write, user_cache_dir
from core.progress import Progress, ProgressReport
from core.store.project import Project
from core.training.config import TrainConfig
from core.training.dataset import Dataset
from core.training.facts import choose_preprocess
from core.translation import mark

_AT_ONCE: Final = 16_384
"""Samples embedded before their features go to the bank: 84 MB of 1,280 numbers."""
_KEPT: Final = "suggestions.json"
_FINGERPRINTS: Final = "fingerprints.json"


class PoolEmbedder:
    """Embeds the samples of a project for suggestions; the network is loaded where an image is new.

    Parameters
    ----------
    config
        Which backbone, and the size it is given; None takes those of a first training.
    """

    def __init__(self, project: Project, device: Device, config: TrainConfig | None = None) -> None:
        self._project, self._device = project, device
        self._config = config or TrainConfig()
        self._spec = get_backbone(self._config.backbone)
        self._network: Classifier | None = None
        self._bank: FeatureBank | None = None

    @property
    def name(self) -> str:
        """The backbone."""
        return self._spec.name

    def embed(self, pool: LabelledPool, progress: Progress) -> PoolFeatures:
        """Return the features of all samples of the pool; what is known costs nothing.

        Raises
        ------
        UserError
            ``weights_missing``, ``disk_full``; what was finished is kept.
        Cancelled
            The user stopped; what was finished is kept.
        """
        preprocess = self._preprocess(pool)
        known = self._known(pool, preprocess)
        if known is not None:
            return known
        network = self._classifier(progress, preprocess.width)
        if self._bank is None:
            fingerprint = network.fingerprint()
            self._bank = self._bank_of(fingerprint, preprocess)
            self._remember(fingerprint, preprocess.width)
        rows = self._bank.rows(pool.keys)
        missing = np.flatnonzero(rows < 0)
        if not len(missing):
            return PoolFeatures(self._bank, rows)
        part = _Part(progress, len(missing))
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            table = pool.table.take(some)
            found = embed_project(self._project, table, network, preprocess, self._device, part.progress())
            good = np.flatnonzero(found.readable)
            self._bank.add([pool.keys[i] for i in some[good].tolist()], found.features[good])
            part.done(start + len(some))
        return PoolFeatures(self._bank, self._bank.rows(pool.keys))

    def _known(self, pool: LabelledPool, preprocess: Preprocess) -> PoolFeatures | None:
        """Return the features where all are known, as they are on most days: loading the network takes seconds."""
        fingerprint = self._fingerprints().get(self._weights(preprocess.width))
        bank = self._bank or (self._bank_of(fingerprint, preprocess) if fingerprint else None)
        if bank is None:
            return None
        rows = bank.rows(pool.keys)
        if (rows < 0).any():
            return None
        self._bank = bank
        return PoolFeatures(bank, rows)

    def _bank_of(self, fingerprint: str, preprocess: Preprocess) -> FeatureBank:
        store = EmbeddingStore(self._project.cache_dir, fingerprint, preprocess, self._spec.features)
        return FeatureBank.beside(store, self._spec.features)

    def _weights(self, channels: int) -> str:
        """Return what the fingerprint of the network follows from: the file of its weights, and how it was adapted."""
        return f"{self._spec.name} {self._spec.sha256_prefix} {channels}"

    def _fingerprints(self) -> dict[str, str]:
        try:
            kept = json.loads((self._project.cache_dir / _FINGERPRINTS).read_bytes())
        except (OSError, ValueError):
            return {}
        return {key: value for key, value in kept.items() if isinstance(value, str)} if isinstance(kept, dict) else {}

    def _remember(self, fingerprint: str, channels: int) -> None:
        kept = self._fingerprints() | {self._weights(channels): fingerprint}
        with atomic_write(self._project.cache_dir / _FINGERPRINTS) as part:
            part.write_text(json.dumps(kept), encoding="utf-8")

    def _classifier(self, progress: Progress, channels: int) -> Classifier:
        if self._network is None:
            progress.begin(mark("Loading the network"))
            weights = load_weights(self._spec, user_cache_dir(), progress=progress)
            self._network = build_classifier(self._spec, 1, weights, channels=channels)
        return self._network

    def _preprocess(self, pool: LabelledPool) -> Preprocess:
        path = self._project.cache_dir / _KEPT
        kept = _read(path)
        config = self._config
        if kept is not None and (kept.size, kept.resize) == (config.size, config.resize):
            return kept
        dataset = Dataset((), pool.table, np.zeros(len(pool.table), dtype=np.int64))
        chosen = choose_preprocess(self._project, dataset, config, self._spec)
        with atomic_write(path) as part:
            part.write_text(json.dumps(chosen.to_json()), encoding="utf-8")
        return chosen


class _Part:
    """Reports the parts of a long embedding as one."""

    def __init__(self, whole: Progress, total: int) -> None:
        self._whole, self._done = whole, 0
        whole.begin(mark("Computing embeddings"), total)

    def progress(self) -> Progress:
        """Return the progress of the next part, which stops when the whole is to stop."""
        start = self._done

        def report(report: ProgressReport) -> None:
            if report.total:
                self.done(start + report.done)

        return Progress(report, self._whole.token)

    def done(self, count: int) -> None:
        """Say that `count` of the whole are done."""
        if count > self._done:
            self._whole.advance(count - self._done)
            self._done = count


def _read(path: Path) -> Preprocess | None:
    try:
        return Preprocess.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, UserError):
        return None
