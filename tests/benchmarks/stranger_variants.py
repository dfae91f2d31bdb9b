"""Copies of images as a stranger makes them: marked, pasted on a frame, cut deep, noisy, blurred, saved badly, lit."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.benchmarks.planted_variants import CHANGES, Change, Picture


def scale_bar(image: Picture, random: np.random.Generator) -> Picture:
    """Draw a bar and its length into a lower corner, black, white or yellow."""
    picture = Image.fromarray(image)
    drawn = ImageDraw.Draw(picture)
    width, height = picture.size
    colour = [(0, 0, 0), (255, 255, 255), (255, 255, 0)][int(random.integers(3))]
    left = 3 if random.random() < 0.5 else max(3, round(width * 0.55))
    drawn.text((left, height - 15), "10 um", fill=colour)
    drawn.line([left, height - 3, left + width // 3, height - 3], fill=colour, width=2)
    return np.array(picture)


def screenshot(image: Picture, random: np.random.Generator) -> Picture:
    """Paste on a plain frame, up to a fifth of a side wide on each side."""
    height, width = image.shape[:2]
    top, bottom = (int(random.integers(1, max(3, round(0.2 * height)))) for _ in range(2))
    left, right = (int(random.integers(1, max(3, round(0.2 * width)))) for _ in range(2))
    found = np.full((height + top + bottom, width + left + right, 3), int(random.choice([0, 30, 240, 255])), np.uint8)
    found[top : top + height, left : left + width] = image
    return found


def middle_crop(image: Picture, random: np.random.Generator) -> Picture:
    """Keep the middle 60 to 90 % of each side."""
    share = random.uniform(0.6, 0.9)
    height, width = (max(8, round(side * share)) for side in image.shape[:2])
    y, x = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return image[y : y + height, x : x + width].copy()


def noise(image: Picture, random: np.random.Generator) -> Picture:
    return _levels(image + random.normal(0, random.uniform(4, 12), image.shape))


def blur(image: Picture, random: np.random.Generator) -> Picture:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), random.uniform(0.8, 2.0)), dtype=np.uint8)


def bad_jpeg(image: Picture, random: np.random.Generator) -> Picture:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=int(random.integers(15, 31)))
    return np.array(Image.open(file))


def half_and_back(image: Picture, _: np.random.Generator) -> Picture:
    height, width = image.shape[:2]
    half = Image.fromarray(image).resize((max(4, width // 2), max(4, height // 2)), Image.Resampling.BILINEAR)
    return np.array(half.resize((width, height), Image.Resampling.BILINEAR))


def gamma(image: Picture, random: np.random.Generator) -> Picture:
    return _levels(255 * (image / 255.0) ** random.choice([random.uniform(0.5, 0.8), random.uniform(1.25, 2.0)]))


def white_balance(image: Picture, random: np.random.Generator) -> Picture:
    return _levels(image * random.uniform(0.8, 1.2, 3))


def grey(image: Picture, _: np.random.Generator) -> Picture:
    return np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def any_turn(image: Picture, random: np.random.Generator) -> Picture:
    """Turn by 15 to 345 degrees; the corners black, white, mirrored or repeated."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), random.uniform(15, 345), 1)
    border = int(random.choice([cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT, cv2.BORDER_REPLICATE]))
    value = [int(random.choice([0, 255]))] * 3
    turned = cv2.warpAffine(image, matrix, (width, height), borderMode=border, borderValue=value)
    return np.asarray(turned, dtype=np.uint8)


def _levels(values: NDArray[np.floating]) -> Picture:
    return np.clip(values, 0, 255).astype(np.uint8)


STRANGE: Final[Mapping[str, Change]] = {
    "scale_bar": scale_bar,
    "screenshot": screenshot,
    "middle_crop": middle_crop,
    "noise": noise,
    "blur": blur,
    "bad_jpeg": bad_jpeg,
    "half_and_back": half_and_back,
    "gamma": gamma,
    "white_balance": white_balance,
    "grey": grey,
    "any_turn": any_turn,
    "relight": CHANGES["relight"],
}
