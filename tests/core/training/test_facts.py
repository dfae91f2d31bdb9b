import numpy as np
import pytest
import tifffile

from core.backbones.table import get_backbone
from core.errors import UserError
from core.images.intensity import Window
from core.images.preprocess import Preprocess, ResizeMode
from core.ingest.importer import import_source
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from core.store.project import Project
from core.training.config import TrainConfig
from core.training.dataset import choose_dataset
from core.training.facts import RunFacts, choose_preprocess, keep_facts, kept_facts

SPEC = get_backbone("efficientnet_lite0")


def test_facts_come_back_as_they_were_kept(tmp_path):
    assert kept_facts(tmp_path, 1) is None
    preprocess = Preprocess(64, ResizeMode.PAD, SPEC.mean, SPEC.std, Window(10, 4000))
    keep_facts(tmp_path, RunFacts(preprocess, channels_last=True))
    assert kept_facts(tmp_path, 1) == RunFacts(preprocess, channels_last=True)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"preprocess": 1, "channels_last": true}', b"\xff"])
def test_damaged_facts_are_named(tmp_path, content):
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(UserError):
        kept_facts(tmp_path, 1)


def test_images_of_8_bits_need_no_window(project):
    dataset, _ = choose_dataset(project)
    preprocess = choose_preprocess(project, dataset, TrainConfig(size=48, resize="crop"), SPEC)
    assert preprocess == Preprocess(48, ResizeMode.CROP, SPEC.mean, SPEC.std, None)


def test_images_of_16_bits_share_one_window(tmp_path):
    rng = np.random.default_rng(7)
    for number in range(12):
        path = tmp_path / "deep" / "ab"[number % 2] / f"{number}.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(path, rng.integers(1000, 5000, (16, 16)).astype(np.uint16))
    with Project.create(tmp_path / "p") as project:
        import_source(project, tmp_path / "deep", labels=parse_label_rule("folder"), progress=Progress())
        dataset, _ = choose_dataset(project)
        channels = choose_preprocess(project, dataset, TrainConfig(), SPEC).channels
    assert (channels.source, channels.dtype, channels.channels) == (1, "uint16", (0, 0, 0))
    window = channels.windows[0]
    assert channels.windows == (window,) * 3
    assert 900 <= window.low <= 1100
    assert 4900 <= window.high <= 5100
