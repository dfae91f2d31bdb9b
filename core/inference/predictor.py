"""A model as another team runs it: ONNX Runtime and nothing else.

    predictor = Predictor.open(Path("kit"))
    predictor.predict([image]).probabilities      # image: as decoded, any size

One thing must stay true: pixels go into the graph as they were decoded. Resizing, scaling and normalising happen
inside it and nowhere else.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.images.formats import Raw
from core.images.preprocess import Preprocess
from core.inference.providers import CPU, usable_providers
from core.inference.session import INPUT_TYPES, first_line, is_ours, open_session, runtime_errors
from core.kit.layout import MODEL
from core.kit.metadata import INPUT_NAME, OUTPUT_NAMES, KitMetadata, metadata_from_properties

if TYPE_CHECKING:
    import onnxruntime

# One run's images: enough to fill the hardware, few enough that the floats of a batch stay below some 100 MB.
MAX_BATCH: Final = 32
MAX_BATCH_PIXELS: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the model answered.

    Attributes
    ----------
    logits, probabilities
        (N, K) float32, in the order of the images; probabilities are calibrated and sum to 1.
    """

    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]


class Predictor:
    """An opened model. `predict` may be called from any thread, and from several at once."""

    def __init__(
        self, session: onnxruntime.InferenceSession, metadata: KitMetadata, path: Path, threads: int | None
    ) -> None:
        self.metadata = metadata
        self.path = path
        self.preprocess = Preprocess.from_json(metadata.preprocess)
        self._session = session
        self._threads = threads
        self._alone: Predictor | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, *, threads: int | None = None, gpu: bool = True) -> Predictor:
        """Open a kit folder or an `.onnx` made by Coverslip.

        Parameters
        ----------
        threads
            Threads of one run on the CPU; None: one per core.
        gpu
            False: never the GPU.

        Raises
        ------
        UserError
            ``model_missing``, ``model_damaged``, ``model_unusable``, ``model_foreign`` or ``kit_newer``.
        """
        model = path / MODEL if path.is_dir() else path
        session = open_session(model, usable_providers(gpu=gpu), threads)
        metadata = metadata_from_properties(session.get_modelmeta().custom_metadata_map, model)
        if not is_ours(session) or session.get_outputs()[0].shape[-1] != len(metadata.labels):
            raise UserError("model_foreign", path=str(model))
        # What a stranger wrote is checked before anything is done.
        preprocess = Preprocess.from_json(metadata.preprocess)
        image = session.get_inputs()[0]
        if image.type != INPUT_TYPES[preprocess.dtype] or image.shape[-1] != preprocess.source:
            raise UserError("model_foreign", path=str(model))
        return cls(session, metadata, model, threads)

    def single_threaded(self) -> Predictor:
        """Return the same model on the CPU, with runs that use the calling thread alone: for many runs at once."""
        with self._lock:
            if self._alone is None:
                self._alone = self if self._threads == 1 else Predictor.open(self.path, threads=1, gpu=False)
            return self._alone

    @property
    def labels(self) -> tuple[str, ...]:
        """The K label names, in the order of the outputs."""
        return self.metadata.label_names

    @property
    def provider(self) -> str:
        """The execution provider in use, such as ``CPUExecutionProvider``."""
        return str(self._session.get_providers()[0])

    def predict(self, images: Sequence[Raw]) -> Predictions:
        """Classify images of any sizes; those of one size go through the network together.

        Parameters
        ----------
        images
            (H, W) or (H, W, C), uint8, uint16 or floating, each as decoded; `Preprocess.image` brings them to the
            model's own type first.

        Raises
        ------
        UnreadableImage
            ``image_channels_wrong`` or ``image_depth_wrong``: the model was made for other images.
        UserError
            ``model_unusable`` where the run itself fails, for want of memory for instance.
        """
        images = [self.preprocess.image(image) for image in images]
        logits = np.zeros((len(images), len(self.labels)), np.float32)
        probabilities = np.zeros_like(logits)
        for rows in batches(images):
            probabilities[rows], logits[rows] = self._run(np.stack([images[row] for row in rows]))
        return Predictions(logits, probabilities)

    def _run(self, batch: Raw) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        try:
            return self._run_once(batch)
        except runtime_errors() as error:
            if self.provider == CPU:
                raise UserError("model_unusable", path=str(self.path), reason=first_line(error)) from error
        # A GPU that is full or lost: the CPU gives the same answer, only later.
        self._session = open_session(self.path, [CPU], self._threads)
        return self._run(batch)

    def _run_once(self, batch: Raw) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        probabilities, logits = self._session.run(list(OUTPUT_NAMES), {INPUT_NAME: batch})
        return probabilities, logits


def batches(images: Sequence[Raw]) -> Iterator[list[int]]:
    """Yield the rows of `images` in batches of equal size, within `MAX_BATCH` and `MAX_BATCH_PIXELS`."""
    by_size: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for row, image in enumerate(images):
        by_size[image.shape].append(row)
    for shape, rows in by_size.items():
        step = batch_limit(shape[0], shape[1])
        for start in range(0, len(rows), step):
            yield rows[start : start + step]


def batch_limit(height: int, width: int) -> int:
    """Return how many images of this size go through the network together; at least 1."""
    return max(1, min(MAX_BATCH, MAX_BATCH_PIXELS // max(1, height * width)))
