import numpy as np
import pytest
import torch
from torch.nn import functional

from core.domain.task import Task
from core.training.data import HeldOut, TrainSet
from core.training.loss import Loss
from core.training.scores import EpochTally, logit_scores
from tests.core.training.tiny import HALF, run_fit, tiny_config, tiny_model, tiny_pixels

LOGITS = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
MANY = (torch.rand(7, 3, generator=torch.Generator().manual_seed(1)) > 0.5).float()


@pytest.mark.parametrize("weights", [None, torch.tensor([0.5, 2.0, 1.0])])
def test_one_label_an_image_is_the_cross_entropy(weights):
    y = torch.arange(7) % 3
    loss = Loss(Task.SINGLE, weights, 0.1)
    expected = functional.cross_entropy(LOGITS, y, weight=weights, label_smoothing=0.1)
    assert (loss.summed(LOGITS, y) / loss.mass(y)).item() == pytest.approx(expected.item(), rel=1e-6)


def test_votes_that_all_agree_are_the_same_as_the_label():
    y, weights = torch.arange(7) % 3, torch.tensor([0.5, 2.0, 1.0])
    loss, votes = Loss(Task.SINGLE, weights, 0.0), functional.one_hot(torch.arange(7) % 3, 3).float()
    assert loss.summed(LOGITS, votes).item() == pytest.approx(loss.summed(LOGITS, y).item(), rel=1e-6)
    assert loss.mass(votes).item() == pytest.approx(loss.mass(y).item())


def test_many_labels_are_questions_of_their_own_with_the_target_smoothed_to_both_sides():
    weights = torch.tensor([3.0, 1.0, 0.5])
    loss = Loss(Task.MULTI, weights, 0.1)
    expected = functional.binary_cross_entropy_with_logits(LOGITS, MANY * 0.9 + 0.05, pos_weight=weights)
    assert (loss.summed(LOGITS, MANY) / loss.mass(MANY)).item() == pytest.approx(expected.item(), rel=1e-6)


def test_a_batch_in_pieces_has_the_loss_of_the_whole():
    loss = Loss(Task.MULTI, torch.tensor([3.0, 1.0, 0.5]), 0.1)
    pieces = sum(loss.summed(part, y) for part, y in zip(LOGITS.split(2), MANY.split(2), strict=True))
    assert (pieces / loss.mass(MANY)).item() == pytest.approx((loss.summed(LOGITS, MANY) / 7).item(), rel=1e-6)


def test_an_epoch_of_many_labels_is_scored_over_all_its_steps():
    tally, whole = (EpochTally(3, torch.device("cpu"), Task.MULTI) for _ in range(2))
    tally.add(torch.tensor(1.0), LOGITS[:4], MANY[:4])
    tally.add(torch.tensor(3.0), LOGITS[4:], MANY[4:])
    whole.restore(tally.state())
    scores = logit_scores(LOGITS.numpy(), MANY.numpy() > 0.5)
    assert whole.scores() == tally.scores()
    assert tally.scores().loss == 2.0
    assert (tally.scores().accuracy, tally.scores().macro_f1) == (scores.accuracy, scores.macro_f1)
    expected = functional.binary_cross_entropy_with_logits(LOGITS, MANY).item()
    assert scores.loss == pytest.approx(expected, rel=1e-6)
    assert scores.score == scores.mean_average_precision


def test_epochs_of_many_labels_without_any_in_val_are_compared_by_their_loss():
    scores = logit_scores(LOGITS.numpy(), np.zeros((7, 3), bool))
    assert (scores.mean_average_precision, scores.score) == (None, 0.0)


def test_many_labels_are_learnt():
    pixels, tint = tiny_pixels(48)
    held, held_tint = tiny_pixels(24, seed=1)
    many, held_many = (np.stack([y > 0, y > 1], axis=1) for y in (tint, held_tint))
    inputs = ((held.transpose(0, 3, 1, 2).astype(np.float32) / 255 - 0.5) / 0.5).astype(np.float16)
    sets = TrainSet(pixels, np.arange(48), many, HALF, HALF), HeldOut(inputs, held_many)
    fitted = run_fit(tiny_config(epochs=8), model=tiny_model(2), sets=sets)
    assert fitted.result.best.val.mean_average_precision > 0.9
