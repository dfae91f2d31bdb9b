"""What an embedding pass costs over the bare forward pass: images per second, from files to features.

    python -m tests.benchmarks.bench_embed [--json] [--backbone NAME] [--size PX] [--images N] [--folder DIR]

The ceiling is the slower of decoding alone and of the bare forward pass alone (the network as it is, on tensors in
memory, in the same layout and batches), measured in the same process, in turns. The ratio is the median over the turns.
On the CPU the forward pass alone is measured both with one batch spread over all threads, and with a batch on each
thread as the embedding pass does it; the quicker of the two counts.

Beside that, what one image costs in processor time, stage by stage, on one thread with the next image in its turn, and
in the whole pass, all threads and everything between the stages included. Where the processor does all of it, no
pass can be quicker than the threads over the sum of the stages, however it is scheduled: that is ``attainable``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.backbones.classifier import Classifier, build_classifier
from core.backbones.device import Device, DeviceKind, pick_device
from core.backbones.table import DEFAULT_BACKBONE, get_backbone
from core.backbones.weights import load_weights
from core.embeddings.pipeline import batch_size, embed_images, network_of
from core.images.decode import decode
from core.images.intensity import to_rgb8
from core.images.network_input import to_network
from core.images.preprocess import Preprocess, ResizeMode
from core.paths import user_cache_dir
from core.progress import Progress

FLOOR: Final = 0.9


def draw_cells(folder: Path, count: int) -> list[Path]:
    """Write JPEG crops of about the size of single cells."""
    random = np.random.default_rng(7)
    files = []
    for number in range(count):
        height, width = random.integers(60, 140, 2)
        rough = random.integers(0, 256, (height // 6 + 2, width // 6 + 2, 3), dtype=np.uint8)
        file = folder / f"{number:05}.jpg"
        cv2.imwrite(str(file), cv2.resize(rough, (int(width), int(height)), interpolation=cv2.INTER_CUBIC))
        files.append(file)
    return files


def bare_forward(classifier: Classifier, inputs: torch.Tensor, batch: int) -> None:
    """Run the forward passes alone; the features stay on the device."""
    with torch.inference_mode():
        for start in range(0, len(inputs), batch):
            out = classifier.features(inputs[start : start + batch])
    if out.is_cuda:
        torch.cuda.synchronize()


def forward_in_threads(classifier: Classifier, inputs: torch.Tensor, batch: int, device: Device) -> None:
    """Run the forward passes alone, each on a thread of its own as in the pass."""

    def forward(start: int) -> None:
        with torch.inference_mode():
            classifier.features(inputs[start : start + batch])

    with ThreadPoolExecutor(device.threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        list(pool.map(forward, range(0, len(inputs), batch)))
    device.use_threads()


def stage_ms(files: Sequence[Path], classifier: Classifier, preprocess: Preprocess, device: Device) -> dict[str, float]:
    """Return the milliseconds of processor time that an image takes in each stage of the pass, on one thread."""
    network, batch, taken = network_of(classifier, device), batch_size(preprocess.size, device), Counter()

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        start = time.thread_time()
        yield
        taken[stage] += time.thread_time() - start

    torch.set_num_threads(1)
    network(torch.cat([to_network([read_file(file)], preprocess) for file in files[:batch]]))
    for start in range(0, len(files), batch):
        inputs = []
        for file in files[start : start + batch]:
            with timed("decode"):
                pixels = read_file(file)
            with timed("resize"):
                inputs.append(to_network([pixels], preprocess))
        with timed("forward"):
            network(torch.cat(inputs))
    device.use_threads()
    return {stage: 1000 * seconds / len(files) for stage, seconds in taken.items()}


def rate(work: Callable[[], object], count: int) -> float:
    """Return images per second."""
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def measure(files: list[Path], classifier: Classifier, preprocess: Preprocess, device: Device, turns: int) -> dict:
    """Return the medians of all rates, in images per second, and of the ratio."""
    batch = batch_size(preprocess.size, device)
    layout = torch.contiguous_format if device.kind is DeviceKind.MPS else torch.channels_last
    placed = classifier.to(device.torch_device).to(memory_format=layout)
    some = to_network([read_file(file) for file in files[:256]], preprocess).to(device.torch_device)
    some = some.contiguous(memory_format=layout)

    on_cpu = device.kind is DeviceKind.CPU
    found: dict[str, list[float]] = defaultdict(list)
    bare_forward(placed, some[: 2 * batch], batch)
    for _ in range(turns):
        found["decode"].append(rate(lambda: decode_all(files, device), len(files)))
        forward = rate(lambda: bare_forward(placed, some, batch), len(some))
        found["forward_spread"].append(forward)
        if on_cpu:
            forward = max(forward, rate(lambda: forward_in_threads(placed, some, batch, device), len(some)))
        found["forward"].append(forward)
        used = time.process_time()
        found["embed"].append(rate(lambda: embed_all(files, placed, preprocess, device), len(files)))
        found["embed_ms"].append(1000 * (time.process_time() - used) / len(files))
        found["ratio"].append(found["embed"][-1] / min(found["decode"][-1], found["forward"][-1]))
        found["ratio_spread"].append(found["embed"][-1] / min(found["decode"][-1], found["forward_spread"][-1]))
        if on_cpu:
            costs = stage_ms(files, classifier, preprocess, device)
            for stage, cost in costs.items():
                found[f"{stage}_ms"].append(cost)
            found["attainable"].append(1000 * device.threads / sum(costs.values()))
    return {name: round(statistics.median(values), 3) for name, values in found.items()}


def decode_all(files: Sequence[Path], device: Device) -> None:
    """Decode every file with the threads of the pass, and keep no more than it does."""
    with ThreadPoolExecutor(device.threads) as pool:
        list(pool.map(lambda file: read_file(file).shape, files))


def embed_all(files: Sequence[Path], classifier: Classifier, preprocess: Preprocess, device: Device) -> None:
    list(embed_images(lambda at: read_file(files[at]), len(files), classifier, preprocess, device, Progress()))


def told(found: Mapping[str, float]) -> list[str]:
    """Return what was measured, line by line."""
    rates = "  ".join(f"{name} {found[name]:.1f}" for name in ("decode", "forward", "embed"))
    spread = f"; forward passes spread over the threads {found['forward_spread']:.1f}: {found['ratio_spread']:.2f}"
    lines = [f"images/s: {rates}", f"embed by the slower {found['ratio']:.2f} (at least {FLOOR}{spread})"]
    if "attainable" in found:
        costs = {name: found[f"{name}_ms"] for name in ("decode", "resize", "forward")}
        stages = "  ".join(f"{name} {cost:.2f}" for name, cost in costs.items())
        # From processor time alone: true also where other programs take part of the processor.
        part = max(costs["decode"], costs["forward"]) / sum(costs.values())
        lines.append(f"processor time, ms an image: {stages}  whole pass {found['embed_ms']:.2f}")
        lines.append(f"attainable with idle cores {found['attainable']:.1f} images/s, {part:.2f} of the slower stage")
    return lines


def read_file(file: Path) -> NDArray[np.uint8]:
    return to_rgb8(decode(file), None)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--backbone", default=DEFAULT_BACKBONE)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--folder", type=Path, help="use the .jpg files under this folder")
    options = parser.parse_args(argv)
    spec = get_backbone(options.backbone)
    device = pick_device(options.device)
    device.use_threads()
    classifier = build_classifier(spec, 2, load_weights(spec, user_cache_dir()))
    preprocess = Preprocess(options.size, ResizeMode.STRETCH, spec.mean, spec.std)
    with tempfile.TemporaryDirectory() as folder:
        given = sorted(options.folder.rglob("*.jpg"))[: options.images] if options.folder else None
        files = given or draw_cells(Path(folder), options.images)
        found = measure(files, classifier, preprocess, device, options.turns)
    found |= {"images": len(files), "size": options.size, "backbone": spec.name, "device": device.name, "floor": FLOOR}
    if options.json:
        print(json.dumps(found))
        return 0
    print(f"{spec.name}, {options.size} px, {len(files)} images, {device.name} ({device.threads} threads)")
    for line in told(found):
        print(f"  {line}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
