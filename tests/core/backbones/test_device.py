from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import torch

from core.backbones.classifier import build_classifier
from core.backbones.device import DeviceKind, is_out_of_memory, likes_channels_last, pick_device
from core.backbones.table import BACKBONES
from core.errors import UserError


@pytest.fixture(autouse=True)
def threads_as_before():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_the_cpu_is_always_there_and_computes_in_float32() -> None:
    device = pick_device("cpu")
    assert device.kind is DeviceKind.CPU
    assert device.threads >= 1
    assert device.precision is None
    assert not device.scales_gradients
    with device.autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.float32


def test_auto_takes_the_best_that_works() -> None:
    kind = pick_device("auto").kind
    if torch.cuda.is_available():
        assert kind is DeviceKind.CUDA
    elif not torch.backends.mps.is_available():
        assert kind is DeviceKind.CPU


def test_a_spare_core_is_left_where_there_are_several() -> None:
    every, spare = pick_device("cpu").threads, pick_device("cpu", spare_core=True).threads
    assert spare == max(1, every - 1)


@pytest.mark.parametrize("name", ["tpu", "cuda", "mps"])
def test_a_device_that_is_not_there_is_refused_in_one_line(name: str) -> None:
    if (name == "cuda" and torch.cuda.is_available()) or (name == "mps" and torch.backends.mps.is_available()):
        pytest.skip(f"{name} is there")
    with pytest.raises(UserError, match=f"“{name}” cannot be used here") as caught:
        pick_device(name)
    assert caught.value.code == "device_unavailable"


def test_threads_are_set_where_the_work_is_done() -> None:
    device = replace(pick_device("cpu"), threads=1)
    seen: list[int] = []

    def work() -> None:
        device.use_threads()
        seen.append(torch.get_num_threads())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [1]


@pytest.mark.parametrize("last", [False, True])
def test_networks_and_batches_are_laid_out_as_the_device_says(last: bool) -> None:
    device = replace(pick_device("cpu"), channels_last=last)
    classifier = build_classifier(BACKBONES["mobilenet_v3_small"], 2, None)
    device.place(classifier)
    batch = device.move(torch.zeros(2, 3, 32, 32))
    weight = classifier.body[0][0][0].weight
    assert batch.is_contiguous(memory_format=device.memory_format)
    assert weight.is_contiguous(memory_format=device.memory_format)
    assert classifier(batch).shape == (2, 2)


def test_bfloat16_is_used_where_the_device_says_so() -> None:
    device = replace(pick_device("cpu"), precision=torch.bfloat16)
    with device.autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.bfloat16


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 17.00 GB, other allocations: 1 GB)"), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"), True),
        (MemoryError(), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_an_error_for_want_of_memory_is_told_from_others(error: BaseException, expected: bool) -> None:
    assert is_out_of_memory(error) is expected


def test_really_asking_for_too_much_is_recognised() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 50)
    assert is_out_of_memory(caught.value)


def test_releasing_memory_is_harmless_on_the_cpu() -> None:
    pick_device("cpu").release_memory()


def test_networks_of_depthwise_convolutions_are_guessed_to_like_channels_last() -> None:
    assert likes_channels_last(BACKBONES["efficientnet_lite0"])
    assert not likes_channels_last(BACKBONES["resnet18"])
