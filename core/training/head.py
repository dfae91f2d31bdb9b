"""The head stage: a linear classifier on the embeddings of the frozen network, at its best in about a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.backbones.classifier import Classifier
from core.backbones.device import Device
from core.domain.samples import Split
from core.domain.task import Task
from core.embeddings.extract import embed_project
from core.embeddings.quick_head import QuickHead, fit_quick_head
from core.images.preprocess import Preprocess
from core.progress import Progress
from core.store.project import Project
from core.training.class_weights import class_weights, positive_weights
from core.training.config import Strategy, TrainConfig
from core.training.dataset import Dataset, check_splits


@dataclass(frozen=True, slots=True)
class Embedded:
    """A dataset with its features.

    Attributes
    ----------
    dataset
        Without the images that could not be read.
    features
        (N, F) float32; NaN for test images where the head alone does not judge them.
    computed, skipped
        How many images went through the network now, and how many could not be read.
    """

    dataset: Dataset
    features: NDArray[np.float32]
    computed: int
    skipped: int


def embed_dataset(
    project: Project,
    dataset: Dataset,
    model: Classifier,
    preprocess: Preprocess,
    device: Device,
    config: TrainConfig,
    progress: Progress,
) -> Embedded:
    """Embed what the head needs: train and val, and under the strategy ``head`` also test.

    Raises
    ------
    UserError
        Where without the unreadable images a label is not in train, or nothing is in val; ``disk_full``.
    """
    device.use_threads()
    test = [Split.TEST] if config.strategy is Strategy.HEAD else []
    rows = dataset.rows(Split.TRAIN, Split.VAL, *test)
    found = embed_project(project, dataset.table.take(rows), model, preprocess, device, progress)
    features = np.full((len(dataset.table), found.features.shape[1]), np.nan, dtype=np.float32)
    features[rows] = found.features
    keep = np.ones(len(features), dtype=np.bool_)
    keep[rows[~found.readable]] = False
    kept = dataset.keep(keep)
    check_splits(kept)
    return Embedded(kept, features[keep], found.computed, int((~keep).sum()))


def fit_head(embedded: Embedded, config: TrainConfig, progress: Progress) -> QuickHead:
    """Fit the head to the training images."""
    train, n_labels = embedded.dataset.rows(Split.TRAIN), len(embedded.dataset.labels)
    dataset = embedded.dataset
    y = dataset.y[train]
    if dataset.task is Task.MULTI:
        weights = positive_weights(y, config.class_weights)
    else:
        weights = class_weights(y, n_labels, config.class_weights)
    return fit_quick_head(
        embedded.features[train],
        y if dataset.soft is None else dataset.soft[train],
        n_labels,
        task=dataset.task,
        class_weights=weights,
        progress=progress,
    )


def put_head(model: Classifier, head: QuickHead) -> None:
    """Make `head` the head of the model."""
    with torch.no_grad():
        model.head.weight.copy_(torch.from_numpy(head.weight))
        model.head.bias.copy_(torch.from_numpy(head.bias))


def head_of(model: Classifier) -> QuickHead:
    """Return the model's head as arrays."""
    weight, bias = (tensor.detach().float().cpu().numpy() for tensor in (model.head.weight, model.head.bias))
    return QuickHead(weight, bias, iterations=0, gradient=0.0)
