"""Images held back until enough of one size are there to run together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from core.errors import UserError
from core.images.formats import Raw
from core.inference.predictor import Predictor, batch_limit
from core.inference.results import PredictionTable
from core.progress import Progress

# At most so many pixels (0.1 GB as decoded) and so many images are held.
HELD_PIXELS: Final = 32_000_000
HELD_IMAGES: Final = 256


@dataclass(slots=True)
class Gatherer:
    """Takes decoded images one by one, runs them in batches, and fills in the table."""

    predictor: Predictor
    table: PredictionTable
    progress: Progress
    _held: dict[tuple[int, ...], list[tuple[int, Raw]]] = field(default_factory=dict)
    _pixels: int = 0
    _images: int = 0
    _largest: int = 1

    def room_for(self, image: Raw, workers: int) -> int:
        """Return how many images like the largest so far may be decoded ahead."""
        self._largest = max(self._largest, image.shape[0] * image.shape[1])
        return min(HELD_PIXELS // self._largest, 8 * workers)

    def take(self, row: int, decoded: Raw | UserError) -> None:
        """Take one decoded image (H, W, C), or why there is none."""
        if isinstance(decoded, UserError):
            self.table.fill(row, decoded)
            self.progress.advance()
            return
        self.progress.checkpoint()
        size = decoded.shape
        bucket = self._held.setdefault(size, [])
        bucket.append((row, decoded))
        self._pixels += size[0] * size[1]
        self._images += 1
        if len(bucket) >= batch_limit(size[0], size[1]):
            self._run(size)
        while self._pixels > HELD_PIXELS or self._images > HELD_IMAGES:
            self._run(max(self._held, key=lambda held: len(self._held[held])))

    def finish(self) -> None:
        """Run what is still held."""
        while self._held:
            self._run(next(iter(self._held)))

    def _run(self, size: tuple[int, ...]) -> None:
        bucket = self._held.pop(size)
        self._pixels -= len(bucket) * size[0] * size[1]
        self._images -= len(bucket)
        try:
            answers = self.predictor.predict([image for _, image in bucket]).probabilities
            for (row, _), answer in zip(bucket, answers, strict=True):
                self.table.fill(row, answer)
        except UserError:
            self._run_alone(bucket)
        self.progress.advance(len(bucket), detail=self.table.paths[bucket[-1][0]])

    def _run_alone(self, bucket: list[tuple[int, Raw]]) -> None:
        """Find out which image the network cannot take, an immense one for instance, and keep the others."""
        for row, image in bucket:
            try:
                self.table.fill(row, self.predictor.predict([image]).probabilities[0])
            except UserError as error:
                self.table.fill(row, error)
