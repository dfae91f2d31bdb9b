"""From stain on glass to a file: light, lens and camera."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.ingest.sample_set.painter import Painting
from core.ingest.sample_set.stains import Slide
from core.ingest.sample_set.textures import Canvas, Plane

Image = NDArray[np.uint8]


def photograph(rng: Generator, painting: Painting, slide: Slide, *, defocus_um: float = 0.0) -> Image:
    """Return the picture of a painting on a slide, (H, W, 3) uint8 RGB.

    Parameters
    ----------
    defocus_um
        Blur beyond the slide's own, as a deviation in micrometres.
    """
    canvas = painting.canvas
    stain = painting.planes + slide.plasma[:, None, None]
    light = np.exp(-np.tensordot(stain, slide.density, axes=(0, 0))) * slide.lamp
    light *= _shade(rng, canvas, slide)[..., None]
    blur_um = float(np.hypot(slide.blur_um * rng.uniform(0.7, 1.5), defocus_um))
    light = cv2.GaussianBlur(light, (0, 0), max(0.35, blur_um * canvas.px_per_um))
    light = _fringe(light, slide.fringe_px)
    return _expose(rng, light, slide.noise)


def encode(image: Image, quality: int) -> tuple[str, bytes]:
    """Return a file's suffix and bytes: JPEG of a quality 1 to 100, or PNG where it is 0."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    if quality == 0:
        return ".png", cv2.imencode(".png", bgr)[1].tobytes()
    return ".jpg", cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def _shade(rng: Generator, canvas: Canvas, slide: Slide) -> Plane:
    """Return how bright the lamp is across the crop, about 1: a slope that differs with the place on the slide."""
    angle = slide.shade_angle + rng.normal(0, 0.4)
    across = (canvas.x * np.cos(angle) + canvas.y * np.sin(angle)) / np.float32(12)
    level = 1 - slide.shade * rng.uniform(0, 0.8)
    return np.asarray(level * (1 - slide.shade * across), np.float32)


def _fringe(light: NDArray[np.float32], fringe_px: float) -> NDArray[np.float32]:
    """Part the colours: red slightly larger, blue slightly smaller than green, as through a cheap lens."""
    height, width = light.shape[:2]
    parted = light.copy()
    for channel, sign in ((0, 1.0), (2, -1.0)):
        scale = 1 + sign * 2 * fringe_px / max(height, width)
        matrix = np.array([[scale, 0, (1 - scale) * width / 2], [0, scale, (1 - scale) * height / 2]])
        parted[..., channel] = cv2.warpAffine(
            light[..., channel], matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    return parted


def _expose(rng: Generator, light: NDArray[np.float32], noise: float) -> Image:
    """Add the noise of photons (as the root of the light) and of a colour mosaic, and round to 8 bits."""
    grain = rng.standard_normal(light.shape, dtype=np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), 0.6) * np.float32(1.8)
    noisy = light + np.float32(noise) * np.sqrt(np.clip(light, 0, 1)) * grain
    picture: Image = np.clip(np.round(noisy * 255), 0, 255).astype(np.uint8)
    return picture
