"""The proof: the network as the application runs it, against the file as anybody else will.

One thing must stay true: both sides start from the same decoded pixels, and nothing is compared that has not gone the
whole way on both.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.errors import UserError
from core.evaluation.readout import Readout
from core.export.preprocess_graph import Probabilities
from core.images.formats import Raw
from core.images.network_input import to_network
from core.images.preprocess import Preprocess
from core.inference.predictor import Predictor
from core.kit.golden import golden_crop, write_expected, write_golden_image
from core.kit.proof import Comparison, Proof, Tolerance, compare
from core.progress import Progress
from core.version import VERSION

_CHUNK_IMAGES: Final = 16
_CHUNK_PIXELS: Final = 16_000_000


@dataclass(frozen=True, slots=True)
class Reference:
    """The network as the application runs it: PyTorch, float32, on the CPU."""

    network: nn.Module
    preprocess: Preprocess
    readout: Readout

    def answer(self, images: list[Raw]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return probabilities and logits, (N, K) float32 each, for images as `Preprocess.image` gives them."""
        with torch.inference_mode():
            logits = self.network(to_network(images, self.preprocess))
            probabilities = Probabilities(self.readout)(logits)
        return probabilities.numpy(), logits.numpy()


class Prover:
    """Compares images one chunk after the other, leaving them in the kit as golden samples.

    A large image is compared whole, and once more as the crop of it that goes into the kit.
    """

    def __init__(self, reference: Reference, predictor: Predictor, kit: Path, tolerance: Tolerance) -> None:
        self._reference = reference
        self._predictor = predictor
        self._kit = kit
        self._tolerance = tolerance
        self._whole: list[Comparison] = []
        self._crops: list[Comparison] = []
        self._names: list[str] = []
        self._answers: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []

    def run(self, images: Iterable[Raw], progress: Progress) -> Proof:
        """Compare `images`, write the golden samples, and return the proof.

        Raises
        ------
        UserError
            ``export_unproven`` where an image gets other labels, or a probability differs by more than allowed.
        """
        for chunk in _chunks(images):
            answers = self._compare(chunk, self._whole)
            for image, probabilities, logits in zip(chunk, *answers, strict=True):
                self._keep(image, probabilities, logits)
            progress.advance(len(chunk))
        probabilities, logits = (np.stack(part) for part in zip(*self._answers, strict=True))
        write_expected(self._kit, self._names, logits, probabilities)
        return self._proof()

    def _compare(self, images: list[Raw], results: list[Comparison]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        probabilities, logits = self._reference.answer(images)
        found = self._predictor.predict(images).probabilities
        results.append(compare(probabilities, found, self._tolerance.tie, self._reference.readout.thresholds))
        return probabilities, logits

    def _keep(self, image: Raw, probabilities: NDArray[np.float32], logits: NDArray[np.float32]) -> None:
        crop = golden_crop(image)
        if crop is not image:
            (probabilities,), (logits,) = self._compare([np.ascontiguousarray(crop)], self._crops)
        index = len(self._names)
        self._names.append(write_golden_image(self._kit, index, crop))
        self._answers.append((probabilities, logits))

    def _proof(self) -> Proof:
        everything = [*self._whole, *self._crops]
        n = sum(len(part.distance) for part in self._whole)
        distance = max(float(part.distance.max()) for part in everything)
        unequal = sum(int((~part.same_label).sum()) for part in everything)
        if unequal or distance > self._tolerance.probability:
            shown = {"distance": f"{distance:.2g}", "tolerance": self._tolerance.probability}
            raise UserError("export_unproven", unequal=unequal, n=n, **shown)
        return Proof(
            n=n,
            argmax_equal=sum(int(part.same_label.sum()) for part in self._whole),
            ties=sum(int(part.tied.sum()) for part in self._whole),
            max_abs_dp=distance,
            tolerance=self._tolerance.probability,
            tie_margin=self._tolerance.tie,
            environment=environment(self._predictor),
        )


def environment(predictor: Predictor) -> dict[str, str]:
    """Return the versions of what computes here."""
    packages = {name: version(name) for name in ("torch", "onnx", "numpy")}
    import onnxruntime

    return {
        "coverslip": VERSION,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **packages,
        "onnxruntime": onnxruntime.__version__,
        "provider": predictor.provider,
    }


def _chunks(images: Iterable[Raw]) -> Iterator[list[Raw]]:
    """Yield the images some at a time, a few when they are large."""
    chunk: list[Raw] = []
    pixels = 0
    for image in images:
        chunk.append(image)
        pixels += image.shape[0] * image.shape[1]
        if len(chunk) == _CHUNK_IMAGES or pixels >= _CHUNK_PIXELS:
            yield chunk
            chunk, pixels = [], 0
    if chunk:
        yield chunk
