"""The images of a run as the loop and the judge need them: pixels to learn from, inputs to choose by, predictions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from core.backbones.classifier import Classifier
from core.backbones.device import Device
from core.domain.samples import SampleTable, Split
from core.embeddings.pipeline import embed_images
from core.errors import UnreadableImage, UserError
from core.images.formats import Raw
from core.images.pixel_cache import build_pixel_cache
from core.images.preprocess import Preprocess
from core.images.reader import ImageReader
from core.progress import Progress
from core.store.project import Project
from core.store.samples import digests
from core.store.sources import sources
from core.training.data import HeldOut, TrainSet
from core.training.dataset import Dataset
from core.training.head import head_of
from core.training.held_out import held_out_inputs
from core.translation import mark

Read = Callable[[int], Raw]


def train_set(
    project: Project, dataset: Dataset, preprocess: Preprocess, device: Device, progress: Progress
) -> TrainSet:
    """Return the training images, from the pixel cache; those that cannot be read any more are left out."""
    rows = dataset.rows(Split.TRAIN)
    table = dataset.table.take(rows)
    lost: list[int] = []

    def on_unreadable(row: int, error: UnreadableImage) -> None:
        lost.append(row)

    pixels = build_pixel_cache(
        project.cache_dir / "pixels",
        digests(project, table.ids),
        reading(project, table, preprocess),
        preprocess,
        progress,
        device.threads,
        on_unreadable=on_unreadable,
    )
    there = np.setdiff1d(np.arange(len(rows), dtype=np.int64), lost)
    soft = None if dataset.soft is None else dataset.soft[rows[there]]
    y, colour = dataset.y[rows[there]], preprocess.is_colour
    return TrainSet(pixels, there, y, preprocess.mean, preprocess.std, soft, colour)


def held_out(project: Project, dataset: Dataset, preprocess: Preprocess, device: Device, progress: Progress) -> HeldOut:
    """Return the network inputs of the validation images; raises `UserError` ``training_image_needed``."""
    rows = dataset.rows(Split.VAL)
    table = dataset.table.take(rows)
    read = reading(project, table, preprocess)
    folder = project.cache_dir / "validation"
    try:
        inputs = held_out_inputs(folder, digests(project, table.ids), read, preprocess, progress, device.threads)
    except UnreadableImage as error:  # its own sentence says why, but not which one
        path = error.params.get("path", "")
        raise UserError("training_image_needed", path=path, reason=error.message) from error
    return HeldOut(inputs, dataset.y[rows])


def predicted_logits(
    project: Project, table: SampleTable, model: Classifier, preprocess: Preprocess, device: Device, progress: Progress
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the logits (N, K) of the samples, from the images themselves, and (N,) which could be read.

    It is the arithmetic that the exported model is compared with: images resized on float, everything in float32.
    """
    head = head_of(model)
    logits = np.zeros((len(table), len(head.bias)), dtype=np.float32)
    readable = np.zeros(len(table), dtype=np.bool_)
    read = reading(project, table, preprocess)
    passes = embed_images(read, len(table), model, preprocess, device, progress, stage=mark("Judging images"))
    with closing(passes) as blocks:
        for block in blocks:
            logits[block.indexes] = head.logits(block.features)
            readable[block.indexes] = True
    return logits, readable


def reading(project: Project, table: SampleTable, preprocess: Preprocess) -> Read:
    """Return what reads a row of the table as `Preprocess.image` gives it; any thread may call it."""
    reader = ImageReader(sources(project))

    def read(row: int) -> Raw:
        return preprocess.image(reader.raw(int(table.source_ids[row]), table.paths[row]))

    return read
