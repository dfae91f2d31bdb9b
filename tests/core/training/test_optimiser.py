import pytest

from core.training.optimiser import build_optimiser, set_rate
from tests.core.training.tiny import tiny_config, tiny_model


def test_each_stage_learns_slower_than_the_one_above_and_the_head_fastest():
    model = tiny_model()
    model.freeze(1)
    optimiser = build_optimiser(model, tiny_config(learning_rate=0.1, stage_decay=0.5))
    rate_of = {id(p): group["peak"] for group in optimiser.param_groups for p in group["params"]}
    assert rate_of[id(model.head.weight)] == 0.1
    assert rate_of[id(model.body[2][0][0].weight)] == pytest.approx(0.05)
    assert rate_of[id(model.body[1][0][0].weight)] == pytest.approx(0.025)


def test_what_is_frozen_is_left_out_and_everything_else_is_in_once():
    model = tiny_model()
    model.freeze(2)
    chosen = [id(p) for group in build_optimiser(model, tiny_config()).param_groups for p in group["params"]]
    learning = [id(p) for p in model.parameters() if p.requires_grad]
    assert sorted(chosen) == sorted(learning)


def test_biases_and_normalisation_do_not_decay():
    model = tiny_model()
    model.freeze(0)
    for group in build_optimiser(model, tiny_config(weight_decay=0.1)).param_groups:
        for parameter in group["params"]:
            assert group["weight_decay"] == (0.1 if parameter.dim() > 1 else 0.0)


def test_the_rate_follows_the_factor_in_every_group():
    model = tiny_model()
    model.freeze(0)
    optimiser = build_optimiser(model, tiny_config(learning_rate=0.2))
    assert set_rate(optimiser, 0.5) == pytest.approx(0.1)
    assert all(group["lr"] == pytest.approx(group["peak"] / 2) for group in optimiser.param_groups)
