"""What an embedding pass costs over the bare forward pass: images per second, from files to features.

    python -m tests.benchmarks.bench_embed [--json] [--backbone NAME] [--size PX] [--images N] [--folder DIR]

The ceiling is the slower of decoding alone and of the bare forward pass alone (the network as it is, on tensors in
memory, in the same layout and batches), measured in the same process, in turns. The ratio is the median over the turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
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
from core.embeddings.pipeline import batch_size, embed_images
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

    def read(index: int) -> NDArray[np.uint8]:
        return read_file(files[index])

    def decode_all() -> None:
        with ThreadPoolExecutor(device.threads) as pool:
            list(pool.map(read, range(len(files)), chunksize=8))

    def embed_all() -> None:
        list(embed_images(read, len(files), placed, preprocess, device, Progress()))

    found: dict[str, list[float]] = {"decode": [], "forward": [], "embed": [], "ratio": []}
    bare_forward(placed, some[: 2 * batch], batch)
    for _ in range(turns):
        found["decode"].append(rate(decode_all, len(files)))
        found["forward"].append(rate(lambda: bare_forward(placed, some, batch), len(some)))
        found["embed"].append(rate(embed_all, len(files)))
        found["ratio"].append(found["embed"][-1] / min(found["decode"][-1], found["forward"][-1]))
    return {name: round(statistics.median(values), 3) for name, values in found.items()}


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
    for name in ("decode", "forward", "embed"):
        print(f"  {name:8} {found[name]:9.1f} images/s")
    print(f"  embed / min(decode, forward) = {found['ratio']:.2f} (at least {FLOOR})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
