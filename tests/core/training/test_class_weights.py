import numpy as np
import pytest

from core.training.class_weights import class_weights, positive_weights
from core.training.config import ClassWeights

Y = np.repeat([0, 1, 2], [900, 90, 10])


def test_all_labels_count_alike_without_weights():
    assert class_weights(Y, 3, ClassWeights.NONE) is None


def test_balanced_weights_give_every_label_the_same_sum():
    weights = class_weights(Y, 3, ClassWeights.BALANCED)
    assert np.allclose(np.bincount(Y) * weights, len(Y) / 3)


def test_effective_weights_lie_between_none_and_balanced():
    balanced, effective = (class_weights(Y, 3, kind) for kind in (ClassWeights.BALANCED, ClassWeights.EFFECTIVE))
    assert 1 < effective[2] / effective[0] < balanced[2] / balanced[0]


@pytest.mark.parametrize("kind", [ClassWeights.BALANCED, ClassWeights.EFFECTIVE])
def test_the_mean_weight_of_the_samples_is_one(kind):
    weights = class_weights(Y, 3, kind)
    assert weights.dtype == np.float32
    assert weights[Y].mean() == pytest.approx(1, rel=1e-5)


MANY = np.stack([np.arange(1000) < count for count in (900, 500, 10)], axis=1)


def test_a_rare_label_counts_more_where_it_is_than_where_it_is_not():
    assert positive_weights(MANY, ClassWeights.NONE) is None
    balanced, effective = (positive_weights(MANY, kind) for kind in (ClassWeights.BALANCED, ClassWeights.EFFECTIVE))
    assert balanced.tolist() == pytest.approx([1 / 9, 1, 99])
    assert 1 < effective[2] < balanced[2]
    assert effective[1] == pytest.approx(1)


def test_no_label_counts_more_than_a_hundred_times():
    once = np.arange(100_000)[:, None] < 1
    assert positive_weights(once, ClassWeights.BALANCED).tolist() == [100.0]
