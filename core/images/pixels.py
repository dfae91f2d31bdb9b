"""Bringing what a decoder gives to plain grey or RGB: alpha over white, palettes, CMYK and single bits unfolded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.images.formats import Raw


def over_white(colours: Raw, alpha: Raw) -> Raw:
    """Composite over white.

    Parameters
    ----------
    colours
        (H, W) or (H, W, 3), not premultiplied.
    alpha
        (H, W) of the same type; its maximum is opaque.
    """
    top = int(np.iinfo(colours.dtype).max)
    wide = np.uint32  # the largest sum, top² + top/2, just fits
    opacity = alpha.astype(wide) if colours.ndim == 2 else alpha.astype(wide)[..., None]
    mixed = (colours.astype(wide) * opacity + top * (top - opacity) + top // 2) // top
    return mixed.astype(colours.dtype)


def from_pil(image: Image.Image, channels: int) -> NDArray[np.uint8]:
    """Return the pixels of a Pillow image of any 8-bit mode, (H, W) for one channel or (H, W, 3)."""
    if image.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        layers = np.asarray(image.convert("RGBA"))
        flat = over_white(layers[..., :3], layers[..., 3])
        return np.ascontiguousarray(flat[..., 0] if channels == 1 else flat, dtype=np.uint8)
    mode = "L" if channels == 1 else "RGB"
    plain = image if image.mode == mode else image.convert(mode)
    # A copy, as what Pillow hands out cannot be written to, and torch warns of that.
    return np.asarray(plain, dtype=np.uint8).copy()


def cmyk_to_rgb(inks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (H, W, 3) for (H, W, 4) inks, without a colour profile."""
    wide = 255 - inks.astype(np.uint32)
    return ((wide[..., :3] * wide[..., 3:] + 127) // 255).astype(np.uint8)


def finite_float(samples: NDArray[Any]) -> NDArray[np.float32]:
    """Return samples of any type of number as float32 without what is no number.

    What is not a number, and minus infinity, become the least of the others, and infinity the greatest: masked pixels
    are the background, and must not spread through a network. Whole numbers above 2²⁴ are rounded.
    """
    with np.errstate(over="ignore"):
        floats = samples.astype(np.float32)
    finite = np.isfinite(floats)
    if not finite.all():
        least, most = (floats[finite].min(), floats[finite].max()) if finite.any() else (0, 0)
        floats = np.nan_to_num(floats, copy=False, nan=least, posinf=most, neginf=least)
    return floats
