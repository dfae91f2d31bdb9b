import numpy as np
import pytest

from core.training.class_weights import class_weights
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
