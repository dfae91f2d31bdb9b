import threading
from contextlib import closing

import numpy as np
import pytest
import torch

from core.training import data
from core.training.data import BatchPlan, ahead
from tests.core.training.tiny import tiny_sets


def batch_plan(**changes):
    train, _ = tiny_sets(train=20)
    return BatchPlan(train, **{"batch_size": 6, "strengths": {"rotation": 30.0}, "seed": 7, **changes})


def test_every_epoch_has_an_order_of_its_own_that_repeats():
    plan = batch_plan()
    assert sorted(plan.rows(1)) == list(range(20))
    assert np.array_equal(plan.rows(1), batch_plan().rows(1))
    assert not np.array_equal(plan.rows(1), plan.rows(2))
    assert not np.array_equal(plan.rows(1), batch_plan(seed=8).rows(1))


def test_a_batch_holds_the_pixels_and_labels_of_its_rows():
    plan = batch_plan()
    order = plan.rows(1)
    pixels, y = plan.load(order, 1)
    assert np.array_equal(pixels.numpy(), plan.data.pixels[order[6:12]])
    assert np.array_equal(y.numpy(), plan.data.y[order[6:12]])


def test_only_the_rows_of_the_training_images_are_read():
    train, _ = tiny_sets(train=20)
    part = type(train)(train.pixels, np.array([3, 5, 7]), train.y[[3, 5, 7]], train.mean, train.std)
    pixels, _ = BatchPlan(part, 3, {}, 7).load(np.array([2, 0, 1]), 0)
    assert np.array_equal(pixels.numpy(), train.pixels[[7, 3, 5]])


def test_inputs_are_normalised_and_augmented_the_same_for_the_same_step():
    plan = batch_plan()
    pixels, _ = plan.load(plan.rows(1), 0)
    assert torch.equal(plan.finish(pixels, 1, 0), plan.finish(pixels, 1, 0))
    assert not torch.equal(plan.finish(pixels, 1, 0), plan.finish(pixels, 1, 1))
    plain = batch_plan(strengths={}).finish(pixels, 1, 0)
    assert torch.allclose(plain, (pixels.permute(0, 3, 1, 2) / 255 - 0.5) / 0.5)


def test_steps_come_in_their_order():
    assert list(ahead(lambda step: step * 2, range(3, 9))) == [6, 8, 10, 12, 14, 16]


def test_an_error_of_the_reading_thread_arrives_where_its_step_is_due():
    def load(step):
        if step == 2:
            raise OSError("gone")
        return step

    seen = []
    with pytest.raises(OSError, match="gone"):
        seen.extend(ahead(load, range(5)))


def test_leaving_early_ends_the_thread():
    with closing(ahead(lambda step: step, range(1000))) as steps:
        assert next(steps) == 0
        assert any(thread.name.startswith("batches") for thread in threading.enumerate())
    assert not any(thread.name.startswith("batches") for thread in threading.enumerate())


def test_a_batch_is_finished_in_parts_with_the_result_it_has_in_one(monkeypatch):
    plan = batch_plan(strengths={"rotation": 90.0, "hue": 20.0, "erase": 0.2})
    pixels, _ = plan.load(plan.rows(1), 0)
    whole = plan.finish(pixels, 1, 0)
    monkeypatch.setattr(data, "_PART_BYTES", 1)
    assert torch.allclose(plan.finish(pixels, 1, 0), whole, atol=1e-6)
