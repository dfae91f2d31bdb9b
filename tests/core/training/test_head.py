import numpy as np
import pytest
import torch

from core.domain.samples import SPLIT_CODES, Split
from core.domain.split import parse_ratios
from core.embeddings.quick_head import QuickHead
from core.errors import UserError
from core.images.preprocess import Preprocess, ResizeMode
from core.progress import Progress
from core.store.splits import assign_project_splits
from core.training.config import TrainConfig
from core.training.dataset import choose_dataset
from core.training.head import embed_dataset, fit_head, head_of, put_head
from core.training.scores import logit_scores
from tests.core.training.tiny import CPU, SIDE, tiny_model

HALF = (0.5, 0.5, 0.5)
PREPROCESS = Preprocess(SIDE, ResizeMode.STRETCH, HALF, HALF)


def embedded(project, strategy="head"):
    dataset, _ = choose_dataset(project)
    return embed_dataset(project, dataset, tiny_model(), PREPROCESS, CPU, TrainConfig(strategy=strategy), Progress())


def test_a_head_fitted_to_embeddings_knows_its_training_images(project):
    found = embedded(project)
    head = fit_head(found, TrainConfig(), Progress())
    train = found.dataset.rows(Split.TRAIN)
    assert logit_scores(head.logits(found.features[train]), found.dataset.y[train]).macro_f1 > 0.9


@pytest.mark.parametrize(("strategy", "judged"), [("head", True), ("staged", False)])
def test_test_images_are_embedded_only_where_the_head_judges_them(project, strategy, judged):
    assign_project_splits(project, ratios=parse_ratios("50/25/25"))
    found = embedded(project, strategy)
    assert np.isfinite(found.features[found.dataset.table.splits != SPLIT_CODES[Split.TEST]]).all()
    assert np.isfinite(found.features[found.dataset.table.splits == SPLIT_CODES[Split.TEST]]).all() == judged


def test_a_head_put_into_a_model_is_the_models_head():
    model = tiny_model()
    head = QuickHead(np.ones((3, 12), np.float32), np.array([1, 2, 3], np.float32), 1, 0.0)
    put_head(model, head)
    features = torch.rand(5, 12)
    assert np.allclose(model.head(features).detach().numpy(), head.logits(features.numpy()))
    assert np.array_equal(head_of(model).weight, head.weight)
    assert np.array_equal(head_of(model).bias, head.bias)


def test_nothing_readable_in_val_is_said(project, monkeypatch, tmp_path):
    dataset, _ = choose_dataset(project)
    broken = [
        "missing.png" if split == SPLIT_CODES[Split.VAL] else path
        for path, split in zip(dataset.table.paths, dataset.table.splits.tolist(), strict=True)
    ]
    dataset.table.paths[:] = broken
    with pytest.raises(UserError) as caught:
        embed_dataset(project, dataset, tiny_model(), PREPROCESS, CPU, TrainConfig(strategy="head"), Progress())
    assert caught.value.code in ("training_needs_val", "training_label_not_in_train")
