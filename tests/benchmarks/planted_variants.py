"""Copies of images as they come about in a laboratory: turned, mirrored, cut, saved again, resized, lit otherwise."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Change = Callable[[Picture, np.random.Generator], Picture]


def quarter_turn(image: Picture, random: np.random.Generator) -> Picture:
    return np.ascontiguousarray(np.rot90(image, random.integers(1, 4)))


def small_turn(image: Picture, random: np.random.Generator) -> Picture:
    """Turn by 2 to 15 degrees; the corners black, white, mirrored or repeated."""
    height, width = image.shape[:2]
    degrees = random.uniform(2, 15) * random.choice([-1, 1])
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    border = int(random.choice([cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT, cv2.BORDER_REPLICATE]))
    value = [int(random.choice([0, 255]))] * 3
    return cv2.warpAffine(image, matrix, (width, height), borderMode=border, borderValue=value)


def flip(image: Picture, random: np.random.Generator) -> Picture:
    return np.ascontiguousarray(image[:, ::-1] if random.random() < 0.5 else image[::-1])


def crop(image: Picture, random: np.random.Generator) -> Picture:
    """Keep 80 to 95 % of each side, anywhere."""
    height, width = (max(8, round(side * random.uniform(0.8, 0.95))) for side in image.shape[:2])
    y, x = random.integers(0, image.shape[0] - height + 1), random.integers(0, image.shape[1] - width + 1)
    return image[y : y + height, x : x + width].copy()


def jpeg(image: Picture, random: np.random.Generator) -> Picture:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=int(random.integers(40, 91)))
    return np.array(Image.open(file))


def png(image: Picture, _: np.random.Generator) -> Picture:
    return image.copy()


def resize(image: Picture, random: np.random.Generator) -> Picture:
    factor = random.uniform(0.5, 1.5)
    height, width = (max(8, round(side * factor)) for side in image.shape[:2])
    return np.array(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def relight(image: Picture, random: np.random.Generator) -> Picture:
    contrast, brightness = random.uniform(0.7, 1.3), random.uniform(-40, 40)
    return np.clip((image.astype(float) - 128) * contrast + 128 + brightness, 0, 255).astype(np.uint8)


CHANGES: Final[Mapping[str, Change]] = {
    "quarter_turn": quarter_turn,
    "small_turn": small_turn,
    "flip": flip,
    "crop": crop,
    "jpeg": jpeg,
    "png": png,
    "resize": resize,
    "relight": relight,
}


def plant(
    images: Sequence[Picture],
    count: int,
    seed: int,
    *,
    twice: float = 0.0,
    changes: Mapping[str, Change] = CHANGES,
) -> tuple[NDArray[np.int64], list[Picture], list[str]]:
    """Return the originals' indexes (count,), their variants, and what was done; a share `twice` was changed twice."""
    random = np.random.default_rng(seed)
    originals = random.choice(len(images), count, replace=False)
    variants, names = [], []
    for original in originals.tolist():
        done = random.choice(list(changes), 2 if random.random() < twice else 1, replace=False).tolist()
        image = images[original]
        for name in done:
            image = changes[name](image, random)
        variants.append(image)
        names.append("+".join(sorted(done)))
    return originals, variants, names
