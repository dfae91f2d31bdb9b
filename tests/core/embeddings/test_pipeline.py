from __future__ import annotations

import platform
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from core.backbones.classifier import Classifier
from core.backbones.device import Device, pick_device
from core.embeddings.pipeline import Block, embed_images, network_of
from core.errors import Cancelled, UnreadableImage
from core.images.network_input import to_network
from core.images.preprocess import Preprocess, ResizeMode
from core.progress import CancelToken, Progress, ProgressReport
from tests.support.backbones import lively

PREPROCESS = Preprocess(32, ResizeMode.STRETCH, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return lively("mobilenet_v3_small")


@pytest.fixture
def device() -> Device:
    return replace(pick_device("cpu"), threads=2)


def image(index: int) -> NDArray[np.uint8]:
    """Return a picture of a size and content of its own."""
    random = np.random.default_rng(index)
    return random.integers(0, 256, (20 + index % 7, 30 + index % 5, 3), dtype=np.uint8)


def gather(blocks: list[Block], count: int) -> NDArray[np.float32]:
    out = np.full((count, 1024), np.nan, dtype=np.float32)
    for block in blocks:
        out[block.indexes] = block.features
    return out


@pytest.mark.parametrize("batch", [1, 4, 64])
def test_features_are_those_of_the_bare_backbone(classifier: Classifier, device: Device, batch: int) -> None:
    blocks = list(embed_images(image, 19, classifier, PREPROCESS, device, Progress(), batch=batch))
    with torch.inference_mode():
        expected = classifier.features(to_network([image(i) for i in range(19)], PREPROCESS)).numpy()
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(gather(blocks, 19), expected, rtol=1e-3, atol=1e-4)


def test_blocks_come_in_order(classifier: Classifier, device: Device) -> None:
    blocks = embed_images(image, 30, classifier, PREPROCESS, device, Progress(), batch=4)
    assert [int(i) for block in blocks for i in block.indexes] == list(range(30))


def test_no_image_is_no_block(classifier: Classifier, device: Device) -> None:
    assert list(embed_images(image, 0, classifier, PREPROCESS, device, Progress())) == []


def test_unreadable_images_are_recorded_with_their_reason_and_stop_nothing(
    classifier: Classifier, device: Device
) -> None:
    def read(index: int) -> NDArray[np.uint8]:
        if index in (2, 4, 5):
            raise UnreadableImage("image_missing", path=f"{index}.png")
        return image(index)

    blocks = list(embed_images(read, 9, classifier, PREPROCESS, device, Progress(), batch=2))
    problems = {index: reason for block in blocks for index, reason in block.problems.items()}
    assert sorted(problems) == [2, 4, 5]
    assert all("no such file" in reason for reason in problems.values())
    assert np.flatnonzero(np.isnan(gather(blocks, 9)[:, 0])).tolist() == [2, 4, 5]


def test_progress_counts_every_image(classifier: Classifier, device: Device) -> None:
    reports: list[ProgressReport] = []
    list(embed_images(image, 11, classifier, PREPROCESS, device, Progress(reports.append, interval_s=0), batch=3))
    assert (reports[-1].done, reports[-1].total) == (11, 11)


def test_a_stop_takes_effect_within_a_batch(classifier: Classifier, device: Device) -> None:
    token, read_from = CancelToken(), []

    def read(index: int) -> NDArray[np.uint8]:
        read_from.append(index)
        if index == 40:
            token.cancel()
        return image(index)

    with pytest.raises(Cancelled):
        list(embed_images(read, 10_000, classifier, PREPROCESS, device, Progress(token=token), batch=32))
    assert len(read_from) <= 41 + 32


def test_an_error_of_ours_comes_through_and_leaves_no_thread(classifier: Classifier, device: Device) -> None:
    def read(index: int) -> NDArray[np.uint8]:
        if index == 7:
            raise ZeroDivisionError
        return image(index)

    with pytest.raises(ZeroDivisionError):
        list(embed_images(read, 1000, classifier, PREPROCESS, device, Progress(), batch=2))


def test_whoever_stops_listening_leaves_no_thread(classifier: Classifier, device: Device) -> None:
    blocks = embed_images(image, 1000, classifier, PREPROCESS, device, Progress(), batch=2)
    next(blocks)
    blocks.close()


def test_the_threads_of_arithmetic_are_given_back(classifier: Classifier, device: Device) -> None:
    list(embed_images(image, 4, classifier, PREPROCESS, device, Progress()))
    assert torch.get_num_threads() == device.threads


def test_the_classifier_is_neither_moved_nor_changed(classifier: Classifier, device: Device) -> None:
    classifier.train()
    before = classifier.fingerprint()
    list(embed_images(image, 4, classifier, PREPROCESS, device, Progress()))
    assert classifier.training
    assert classifier.fingerprint() == before
    classifier.eval()


class Hungry(nn.Module):
    """A stage that runs out of memory with more than two images."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if len(x) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return x


def test_a_batch_that_does_not_fit_is_halved_until_it_does(classifier: Classifier, device: Device) -> None:
    hungry = lively("mobilenet_v3_small")
    hungry.body.insert(0, Hungry())
    expected = gather(list(embed_images(image, 7, classifier, PREPROCESS, device, Progress())), 7)
    found = gather(list(embed_images(image, 7, hungry, PREPROCESS, device, Progress(), batch=7)), 7)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_an_image_that_does_not_fit_alone_is_an_error(classifier: Classifier, device: Device) -> None:
    starved = lively("mobilenet_v3_small")

    class Starved(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    starved.body.insert(0, Starved())
    with pytest.raises(torch.OutOfMemoryError):
        list(embed_images(image, 3, starved, PREPROCESS, device, Progress()))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives the memory back")
def test_the_memory_of_a_batch_is_used_again_by_the_next(classifier: Classifier, device: Device) -> None:
    import resource

    network = network_of(classifier, device)
    batch = torch.zeros(48, 3, 128, 128)
    for _ in range(3):
        network(batch)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        network(batch)
    fresh_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) * resource.getpagesize() / 2**20
    assert fresh_mb < 8
