"""Images of one size run together; what is held stays within bounds; one bad image spoils no other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from core.inference.gather import HELD_IMAGES, Gatherer
from core.inference.predictor import MAX_BATCH, Predictions, Predictor
from core.inference.results import PredictionTable
from core.progress import Progress


class Recording:
    """Answers like the predictor it stands for, remembers its batches, and refuses images of one width."""

    def __init__(self, predictor: Predictor) -> None:
        self.inner = predictor
        self.batches: list[int] = []

    def predict(self, images: list[np.ndarray]) -> Predictions:
        self.batches.append(len(images))
        if any(image.shape[1] == 13 and image[0, 0, 0] == 255 for image in images):
            raise UserError("model_unusable", path="model.onnx", reason="out of memory")
        return self.inner.predict(images)


@pytest.fixture
def recording(built_kit: Path) -> Recording:
    return Recording(Predictor.open(built_kit))


def gather(recording: Recording, images: list[np.ndarray]) -> PredictionTable:
    table = PredictionTable.empty(Path(), [f"{i:04d}.png" for i in range(len(images))], recording.inner.labels)
    gatherer = Gatherer(recording, table, Progress())
    for row, image in enumerate(images):
        gatherer.take(row, image)
    gatherer.finish()
    return table


def test_full_batches_run_at_once_and_the_rest_at_the_end(recording):
    table = gather(recording, [np.full((9, 9, 3), i, np.uint8) for i in range(MAX_BATCH + 3)])
    assert recording.batches == [MAX_BATCH, 3]
    assert np.isfinite(table.probabilities).all()


def test_when_too_many_are_held_the_largest_group_runs(recording):
    images = [np.zeros((1, 1 + i % 60 if i % 3 else 99, 3), np.uint8) for i in range(HELD_IMAGES + 40)]
    table = gather(recording, images)
    assert max(recording.batches) > 1
    assert sum(recording.batches) == len(images)
    assert np.isfinite(table.probabilities).all()


def test_an_image_the_network_cannot_take_is_alone_in_its_error(recording):
    images = [np.full((9, 13, 3), 255 if i == 2 else i, np.uint8) for i in range(5)]
    table = gather(recording, images)
    assert [error is not None for error in table.errors] == [False, False, True, False, False]
    assert "out of memory" in (table.errors[2] or "")
    assert recording.batches == [5, 1, 1, 1, 1, 1]
