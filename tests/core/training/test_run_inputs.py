from dataclasses import replace

import numpy as np
import pytest
import torch

from core.domain.samples import Split
from core.errors import UserError
from core.images.network_input import to_network
from core.images.preprocess import Preprocess, ResizeMode
from core.progress import Progress
from core.training.dataset import Dataset, choose_dataset
from core.training.run_inputs import held_out, predicted_logits, reading, train_set
from tests.core.training.tiny import CPU, SIDE, tiny_model

HALF = (0.5, 0.5, 0.5)
PREPROCESS = Preprocess(SIDE, ResizeMode.STRETCH, HALF, HALF)


@pytest.fixture
def dataset(project):
    return choose_dataset(project)[0]


def without(dataset: Dataset, row: int) -> Dataset:
    """Return the dataset with the file of a row gone, and unknown to every cache."""
    paths = list(dataset.table.paths)
    paths[row] = "gone.png"
    return Dataset(dataset.labels, replace(dataset.table, paths=paths), dataset.y)


def images_of(project, dataset, rows):
    read = reading(project, dataset.table.take(rows), PREPROCESS)
    return [read(row) for row in range(len(rows))]


def test_the_training_images_are_within_a_grey_level_of_the_exact_ones(project, dataset):
    train = train_set(project, dataset, PREPROCESS, CPU, Progress())
    rows = dataset.rows(Split.TRAIN)
    exact = to_network(images_of(project, dataset, rows), PREPROCESS).numpy()
    seen = (train.pixels[train.rows].transpose(0, 3, 1, 2) / 255 - 0.5) / 0.5
    assert np.abs(seen - exact).max() <= 1.01 / 255
    assert np.array_equal(train.y, dataset.y[rows])


def test_a_training_image_that_is_gone_is_left_out(project, dataset):
    rows = dataset.rows(Split.TRAIN)
    train = train_set(project, without(dataset, int(rows[3])), PREPROCESS, CPU, Progress())
    assert len(train) == len(rows) - 1
    assert np.array_equal(train.y, np.delete(dataset.y[rows], 3))
    assert 3 not in train.rows


def test_a_validation_image_that_is_gone_is_an_error_that_names_it(project, dataset):
    rows = dataset.rows(Split.VAL)
    with pytest.raises(UserError):
        held_out(project, without(dataset, int(rows[0])), PREPROCESS, CPU, Progress())


def test_validation_inputs_come_with_their_labels(project, dataset):
    val = held_out(project, dataset, PREPROCESS, CPU, Progress())
    rows = dataset.rows(Split.VAL)
    exact = to_network(images_of(project, dataset, rows), PREPROCESS).numpy()
    assert np.abs(val.inputs.astype(np.float32) - exact).max() < 1e-3
    assert np.array_equal(val.y, dataset.y[rows])


def test_predictions_are_the_models_own_and_skip_what_is_gone(project, dataset):
    rows = dataset.rows(Split.VAL)
    model = tiny_model()
    table = without(dataset, int(rows[1])).table.take(rows)
    logits, readable = predicted_logits(project, table, model, PREPROCESS, CPU, Progress())
    assert np.flatnonzero(~readable).tolist() == [1]
    with torch.inference_mode():
        expected = model(to_network(images_of(project, dataset, rows), PREPROCESS)).numpy()
    assert np.allclose(logits[readable], expected[readable], atol=1e-4)
