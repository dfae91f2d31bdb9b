import numpy as np
import pytest
import torch

from core.errors import Cancelled, UserError
from core.training.scores import EpochTally, held_out_logits, logit_scores
from tests.core.training.test_loop import Greedy
from tests.core.training.tiny import CPU, tiny_model, tiny_sets


def test_the_scores_of_an_epoch_are_those_of_all_its_steps():
    logits = torch.tensor([[2.0, 0.0], [0.0, 1.0], [3.0, 0.0], [0.0, 5.0]])
    y = torch.tensor([0, 1, 1, 1])
    tally = EpochTally(2, torch.device("cpu"))
    tally.add(torch.tensor(0.5), logits[:2], y[:2])
    tally.add(torch.tensor(1.5), logits[2:], y[2:])
    scores = tally.scores()
    assert scores.loss == 1.0
    assert scores.accuracy == 0.75
    assert scores.macro_f1 == pytest.approx((2 / 3 + 0.8) / 2)


def test_a_tally_goes_on_from_its_state():
    first, second = EpochTally(2, torch.device("cpu")), EpochTally(2, torch.device("cpu"))
    first.add(torch.tensor(0.25), torch.eye(2), torch.tensor([0, 1]))
    second.restore(first.state())
    assert second.scores() == first.scores()


def test_the_loss_of_held_out_images_is_the_plain_cross_entropy():
    logits = np.array([[2.0, 0.0], [1.0, 1.0]], dtype=np.float32)
    y = np.array([0, 1])
    expected = torch.nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(y)).item()
    assert logit_scores(logits, y).loss == pytest.approx(expected, rel=1e-6)


def test_held_out_images_are_judged_by_the_network_at_rest():
    model, (_, held_out) = tiny_model(), tiny_sets()
    model.train()
    logits = held_out_logits(model, held_out, CPU, 5, lambda: None)
    with torch.inference_mode():
        expected = model.eval()(torch.from_numpy(held_out.inputs.astype(np.float32))).numpy()
    assert np.allclose(logits, expected, atol=1e-5)


def test_judging_can_be_left_between_batches():
    def check():
        raise Cancelled

    with pytest.raises(Cancelled):
        held_out_logits(tiny_model(), tiny_sets()[1], CPU, 5, check)


def test_judging_goes_on_in_smaller_batches_where_memory_ends():
    model, (_, held_out) = tiny_model(), tiny_sets()
    expected = held_out_logits(model, held_out, CPU, 12, lambda: None)
    model.body[0] = torch.nn.Sequential(Greedy(model.body[0], 3))
    assert np.allclose(held_out_logits(model, held_out, CPU, 12, lambda: None), expected, atol=1e-5)
    model.body[0][0].limit = 0
    with pytest.raises(UserError):
        held_out_logits(model, held_out, CPU, 12, lambda: None)
