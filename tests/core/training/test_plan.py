import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.config import Strategy
from core.training.plan import Draw, StageName, plan_stages, rate_factor, steps_per_epoch, stream_seed
from tests.core.training.tiny import tiny_config


def test_the_head_alone_has_no_stage_after_it():
    assert plan_stages(tiny_config(strategy="head"), 5) == ()


@given(st.sampled_from([Strategy.STAGED, Strategy.WHOLE]), st.integers(1, 60), st.integers(1, 20), st.integers(1, 8))
def test_the_stages_share_out_all_the_epochs(strategy, epochs, stages, there):
    plans = plan_stages(tiny_config(strategy=strategy, epochs=epochs, stages=stages), there)
    assert sum(plan.epochs for plan in plans) == epochs
    assert all(plan.epochs > 0 and 1 <= plan.learning <= there for plan in plans)


def test_the_whole_network_comes_last():
    plans = plan_stages(tiny_config(strategy="whole", epochs=20), 5)
    assert [(plan.name, plan.epochs, plan.learning) for plan in plans] == [
        (StageName.LAST_STAGES, 4, 2),
        (StageName.WHOLE, 16, 5),
    ]


@given(st.integers(1, 2000), st.floats(0, 0.5))
def test_the_rate_rises_to_its_peak_and_falls_to_next_to_nothing(steps, warmup):
    rates = [rate_factor(step, steps, warmup) for step in range(steps)]
    rising = round(steps * warmup)
    assert all(0 < rate <= 1 for rate in rates)
    assert rates[:rising] == sorted(rates[:rising])
    assert rates[rising:] == sorted(rates[rising:], reverse=True)
    assert max(rates) == 1.0
    assert rate_factor(steps, steps, warmup) == pytest.approx(0.01)


@pytest.mark.parametrize(("images", "batch", "steps"), [(40, 8, 5), (47, 8, 5), (7, 8, 1), (8, 8, 1)])
def test_an_epoch_is_made_of_whole_batches(images, batch, steps):
    assert steps_per_epoch(images, batch) == steps


def test_every_purpose_epoch_and_step_has_a_seed_of_its_own_that_never_changes():
    seeds = {
        stream_seed(draw, seed, epoch, step) for draw in Draw for seed in (0, 7) for epoch in (1, 2) for step in (0, 1)
    }
    assert len(seeds) == 24
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert stream_seed(Draw.ORDER, 7, 1) == 3590295894727386197
