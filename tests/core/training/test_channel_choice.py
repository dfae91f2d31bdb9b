"""Which channels and windows a training gets, from its configuration and the images there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile

from core.backbones.table import get_backbone
from core.errors import UserError
from core.images.display import Display, default_display
from core.images.intensity import Window
from core.ingest.importer import import_source
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from core.store.display import display, set_display
from core.store.project import Project
from core.training.channel_choice import choose_channels, chosen_channels
from core.training.config import TrainConfig
from core.training.dataset import choose_dataset
from core.training.facts import choose_preprocess

Make = Callable[..., Project]


def write(path: Path, channels: int, dtype: str = "uint16", low: float = 1000, high: float = 5000) -> None:
    """Write a TIFF of noise, different for every name."""
    pixels = np.random.default_rng(int(path.stem)).uniform(low, high, (12, 12, channels)).astype(dtype)
    path.parent.mkdir(parents=True, exist_ok=True)
    if channels == 1:
        tifffile.imwrite(path, pixels[..., 0])
    elif channels == 3:
        tifffile.imwrite(path, pixels, photometric="rgb")
    else:
        extra = ["unspecified"] * (channels - 1)
        tifffile.imwrite(path, pixels, photometric="minisblack", planarconfig="contig", extrasamples=extra)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Return what makes a project of images of given (channels, dtype, low, high)."""
    opened: list[Project] = []

    def of(*kinds: tuple, n: int = 12) -> Project:
        for number in range(n):
            write(tmp_path / "in" / "ab"[number % 2] / f"{number}.tif", *kinds[number // 2 % len(kinds)])
        project = Project.create(tmp_path / "p")
        opened.append(project)
        import_source(project, tmp_path / "in", labels=parse_label_rule("folder"), progress=Progress())
        return project

    yield of
    for project in opened:
        project.close()


def chosen(project: Project, **config):
    return choose_channels(project, choose_dataset(project)[0], TrainConfig(**config))


def test_plain_images_need_no_map_unless_something_is_asked_for(make):
    project = make((3, "uint8", 0, 255))
    assert chosen(project) is None
    assert chosen(project, channels="rgb", window="full") is None
    grey = chosen(project, channels="grey")
    assert (grey.luma, grey.width, grey.dtype) == (True, 1, "uint8")
    assert grey.windows == (Window(0, 255),) * 3
    assert chosen(project, channels="1,0", window="10..200").windows == (Window(10, 200),) * 2


def test_grey_of_16_bits_goes_in_three_times_or_once(make):
    project = make((1, "uint16"))
    found = chosen(project)
    assert (found.source, found.channels, found.dtype) == (1, (0, 0, 0), "uint16")
    assert 900 <= found.windows[0].low <= 1100
    assert 4900 <= found.windows[0].high <= 5100
    assert chosen(project, channels="grey").channels == (0,)
    assert chosen(project, window="full").windows == (Window(0, 65535),) * 3


def test_five_channels_all_go_in_each_through_its_own_window(make):
    project = make((5, "float32", -1, 2))
    found = chosen(project)
    assert found.channels == (0, 1, 2, 3, 4)
    assert found.dtype == "float32"
    assert all(-1 <= window.low < -0.9 and 1.9 < window.high <= 2 for window in found.windows)
    full = chosen(project, channels="4,0", window="full")
    assert (full.channels, full.width) == ((4, 0), 2)
    assert full.windows[0].low < found.windows[4].low


def test_the_preprocess_has_a_mean_for_every_channel(make):
    project = make((5, "uint16"))
    spec = get_backbone("efficientnet_lite0")
    dataset = choose_dataset(project)[0]
    made = choose_preprocess(project, dataset, TrainConfig(channels="0,1,2,3"), spec)
    assert made.mean == (*spec.mean, spec.mean[0])
    assert choose_preprocess(project, dataset, TrainConfig(channels="3"), spec).mean == pytest.approx(
        (sum(spec.mean) / 3,)
    )


def test_the_choice_is_the_same_every_time(make):
    project = make((2, "uint16"))
    assert chosen(project) == chosen(project)


def test_windows_that_a_person_chose_for_the_project_are_those_of_training(make):
    project = make((1, "uint16"))
    measured = display(project)
    assert not measured.chosen
    set_display(project, Display(default_display([Window(7, 777)]).channels, chosen=True))
    assert chosen(project).windows == (Window(7, 777),) * 3
    assert chosen(project, window="1..2").windows == (Window(1, 2),) * 3


def test_grey_and_rgb_of_different_depths_go_together(make):
    found = chosen(make((1, "uint8", 0, 255), (3, "uint16")))
    assert (found.source, found.dtype, found.channels) == (3, "uint16", (0, 1, 2))
    assert found.windows[0].low >= 900  # measured on the deep ones


def test_images_that_differ_in_channels_are_counted(make):
    with pytest.raises(UserError) as caught:
        chosen(make((1, "uint16"), (5, "uint16")))
    assert caught.value.code == "channels_differ"
    assert "1: 6, 5: 6" in caught.value.message


@pytest.mark.parametrize(
    ("config", "code", "told"),
    [
        ({"channels": "0,5"}, "channel_beyond", "from 0 to 4"),
        ({"channels": "grey"}, "channels_no_grey", "5"),
        ({"window": "0..1,0..2"}, "window_count", "2 windows for 5"),
    ],
)
def test_what_the_images_do_not_have_is_said(make, config, code, told):
    with pytest.raises(UserError) as caught:
        chosen(make((5, "uint16")), **config)
    assert caught.value.code == code
    assert told in caught.value.message


def test_two_channels_are_no_rgb():
    with pytest.raises(UserError):
        chosen_channels("rgb", 2)
    assert chosen_channels("auto", 2) == ((0, 1), False)
    assert chosen_channels("rgb", 5) == ((0, 1, 2), False)
