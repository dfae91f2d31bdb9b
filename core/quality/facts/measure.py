"""What is measured of one decoded image: pure functions of its pixels.

The work is bounded whatever the size of the image: levels are measured on a picture reduced to `_LEVELS_PX`, detail at
full resolution in up to nine windows spread over the image.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.images.contents import raw_digest
from core.images.formats import Raw
from core.quality.facts.contours import measure_contours
from core.quality.facts.sharpness import measure_detail

Luma = NDArray[np.float32]
_LEVELS_PX: Final = 256
_WINDOW_PX: Final = 128
_RING: Final = 0.05
_CORNER: Final = 0.1
_OBJECT_PX: Final = 48
_SIDES: Final = ("top", "right", "bottom", "left")
_COLOURS: Final = ("red", "green", "blue")


def measure_pixels(raw: Raw) -> tuple[dict[str, NDArray[np.uint8]], dict[str, float]]:
    """Return the arrays and the numbers of `core.quality.facts.columns` that the pixels alone give.

    Parameters
    ----------
    raw
        (H, W) or (H, W, C), uint8, uint16 or float32, as `core.images.decode.decode` gives it.
    """
    layers = raw[..., None] if raw.ndim == 2 else raw
    full = _scale(raw.dtype)
    picture = _reduced(layers, _LEVELS_PX)
    reduced = picture.astype(np.float32) / full
    luma = _luma(reduced)
    eight = _eight_bits(picture)
    arrays = {
        "small": _area(_eight_luma(eight), (32, 32)),
        "colours": _area(eight, (8, 8)),
        "pixel_digest": np.frombuffer(bytes.fromhex(raw_digest(raw)), dtype=np.uint8),
    }
    numbers = measure_levels(luma, reduced) | _clipped(layers) | measure_border(reduced, luma) | measure_object(reduced)
    windows = [_luma(window.astype(np.float32) / full) for window in _windows(layers)]
    numbers |= measure_detail(windows) | measure_contours(windows)
    numbers["entropy"] = _entropy(picture)
    numbers["tail"] = measure_tail(layers)
    return arrays, numbers


def measure_levels(luma: Luma, layers: NDArray[np.float32]) -> dict[str, float]:
    """Return the columns about levels of luma (H, W) and the channels (H, W, C) it was made of."""
    ordered = np.sort(luma, axis=None)
    at = {"p01": 0.01, "p05": 0.05, "median": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999}
    last = ordered.size - 1
    found = {name: float(ordered[round(share * last)]) for name, share in at.items()}
    red, green, blue = _planes(layers)
    found |= {"mean": float(ordered.mean()), "deviation": float(ordered.std())}
    found |= {"red": float(red.mean()), "green": float(green.mean()), "blue": float(blue.mean())}
    if layers.shape[2] == 1:
        return found | {"chroma": 0.0, "colourfulness": 0.0}
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    first, second = red - green, 0.5 * (red + green) - blue
    means, deviations = np.hypot(first.mean(), second.mean()), np.hypot(first.std(), second.std())
    return found | {"chroma": float(spread.mean()), "colourfulness": float(deviations + 0.3 * means)}


def measure_border(layers: NDArray[np.float32], luma: Luma) -> dict[str, float]:
    """Return the columns about the outer ring and the corners."""
    height, width = luma.shape
    y, x = max(1, round(height * _RING)), max(1, round(width * _RING))
    sides: tuple[Any, ...] = (np.s_[:y, :], np.s_[:, -x:], np.s_[-y:, :], np.s_[:, :x])
    planes, found = _planes(layers), dict[str, float]()
    for name, side in zip(_SIDES, sides, strict=True):
        for colour, plane in zip(_COLOURS, planes, strict=True):
            found[f"border_{name}_{colour}"] = float(plane[side].mean())
        found[f"border_{name}_deviation"] = float(luma[side].std())
    y, x = max(1, round(height * _CORNER)), max(1, round(width * _CORNER))
    corners: dict[str, Any] = {"nw": np.s_[:y, :x], "ne": np.s_[:y, -x:], "se": np.s_[-y:, -x:], "sw": np.s_[-y:, :x]}
    found |= {f"corner_{name}": float(luma[place].mean()) for name, place in corners.items()}
    ring = np.concatenate([luma[side].ravel() for side in sides])
    found["background"] = _mode(ring)
    found["background_noise"] = _noise(luma)
    return found


def measure_object(layers: NDArray[np.float32]) -> dict[str, float]:
    """Return how much of the image, and of each of its edges, the object covers.

    Object is the side of Otsu's threshold (1979) on the distance from the colour of the outer ring, in a picture of
    48 × 48; where the two sides hardly differ there is none.
    """
    three = _three(layers)
    small: NDArray[np.float32] = _area(three, (_OBJECT_PX, _OBJECT_PX))
    ring = np.concatenate([small[0], small[-1], small[1:-1, 0], small[1:-1, -1]])
    apart = small - np.median(ring, axis=0)
    distance = np.sqrt(apart[..., 0] ** 2 + apart[..., 1] ** 2 + apart[..., 2] ** 2)
    top = float(distance.max())
    if not top > 0 or not np.isfinite(top):
        return dict.fromkeys([f"touch_{side}" for side in _SIDES], 0.0) | {"object_share": 0.0}
    covered = distance > _otsu(distance / top) * top
    edges = (covered[0], covered[:, -1], covered[-1], covered[:, 0])
    found = {f"touch_{side}": float(edge.mean()) for side, edge in zip(_SIDES, edges, strict=True)}
    return found | {"object_share": float(covered.mean())}


def measure_tail(layers: NDArray[Any]) -> float:
    """Return the share of rows, from the last upwards, that are one flat colour, which is what cut-off data leave.

    0 where the colour goes on in the row above (a plain background), or where the whole image is flat.
    """
    last = layers[-1, -1]
    # The end of each row first: of most images nothing else is looked at.
    flat = (layers[:, -1] == last).all(1)
    rows = _trailing(flat)
    if rows in (0, len(layers)):
        return 0.0
    whole = (layers[-rows:] == last).all((1, 2))
    rows = _trailing(whole)
    if rows in (0, len(layers)):
        return 0.0
    above = (layers[-rows - 1] == last).all(1)
    # A background that the object merely stands on goes on for most of the row above it.
    started = _trailing(above) if rows * 20 >= len(layers) else len(above)
    return rows / len(layers) if above.sum() == started < len(above) else 0.0


def _trailing(flags: NDArray[np.bool_]) -> int:
    """Return how many at the end are set."""
    unset = np.flatnonzero(~flags)
    return len(flags) - 1 - int(unset[-1]) if len(unset) else len(flags)


def _scale(kind: np.dtype[Any]) -> float:
    return float(np.iinfo(kind).max) if kind.kind == "u" else 1.0


def _reduced(layers: Raw, longest: int) -> Raw:
    """Return the channels with no side longer than `longest`, by the mean of the pixels."""
    height, width = layers.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return np.nan_to_num(layers, copy=True) if layers.dtype.kind == "f" else layers
    return _area(layers, (max(1, round(height * scale)), max(1, round(width * scale))))


def _area(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Return (h, w) or (h, w, C) pixels at a size of (height, width), by the mean of what each covers."""
    import cv2

    clean = np.ascontiguousarray(np.nan_to_num(pixels) if pixels.dtype.kind == "f" else pixels)
    found: NDArray[Any] = cv2.resize(clean, size[::-1], interpolation=cv2.INTER_AREA)
    return found[..., None] if pixels.ndim == 3 and found.ndim == 2 else found


def _three(layers: NDArray[Any]) -> NDArray[Any]:
    """Return (H, W, 3): grey thrice, the first three of more; of two channels the second is green and blue."""
    count = layers.shape[2]
    return layers[..., :3] if count >= 3 else layers[..., [0, count - 1, count - 1]]


def _planes(layers: NDArray[np.float32]) -> tuple[Luma, Luma, Luma]:
    """Return red, green and blue, (H, W) each, as `_three` has them."""
    count = layers.shape[2]
    chosen = (0, 1, 2) if count >= 3 else (0, count - 1, count - 1)
    first, second, third = (layers[..., index] for index in chosen)
    return first, second, third


def _luma(layers: NDArray[np.float32]) -> Luma:
    if layers.shape[2] == 1:
        return layers[..., 0]
    if layers.shape[2] == 3:
        red, green, blue = _planes(layers)
        weighted: Luma = 0.299 * red + 0.587 * green + 0.114 * blue
        return weighted
    mean: Luma = layers.mean(2, dtype=np.float32)
    return mean


def _eight_bits(reduced: Raw) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8; measured channels each from its own least to its greatest 0.1 %, for looks only."""
    if reduced.dtype != np.uint8:
        values = reduced.reshape(-1, reduced.shape[2]).astype(np.float32)
        ordered = np.sort(values, axis=0)
        low, high = (ordered[round(share * (len(values) - 1))] for share in (0.001, 0.999))
        span = np.maximum(high - low, np.finfo(np.float32).tiny)
        reduced = (np.clip((reduced - low) / span, 0, 1) * 255 + 0.5).astype(np.uint8)
    found: NDArray[np.uint8] = _three(reduced)
    return found


def _eight_luma(eight: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    found: NDArray[np.uint8] = cv2.cvtColor(np.ascontiguousarray(eight), cv2.COLOR_RGB2GRAY)
    return found


def _windows(layers: Raw, size: int = _WINDOW_PX) -> list[Raw]:
    """Return the whole of a small image, nine windows at full resolution of a large one."""
    height, width = layers.shape[:2]
    if height * width <= 9 * size * size:
        return [layers]
    tops = sorted({round((height - min(size, height)) * step / 2) for step in range(3)})
    lefts = sorted({round((width - min(size, width)) * step / 2) for step in range(3)})
    return [layers[top : top + size, left : left + size] for top in tops for left in lefts]


def _clipped(layers: Raw) -> dict[str, float]:
    """Return the shares of values at the ends of the type, and of pixels at the image's own greatest."""
    step = max(1, layers.shape[0] * layers.shape[1] // 2**18)
    some = layers[::step]
    greatest = some.max()
    reached = some[..., 0] == greatest
    for index in range(1, some.shape[2]):
        reached |= some[..., index] == greatest
    at_maximum = np.count_nonzero(reached) / reached.size if greatest > some.min() else 0.0
    if some.dtype.kind == "f":
        return {"clipped_low": 0.0, "clipped_high": 0.0, "at_maximum": at_maximum}
    low, high = np.count_nonzero(some == 0), np.count_nonzero(some == np.iinfo(some.dtype).max)
    return {"clipped_low": low / some.size, "clipped_high": high / some.size, "at_maximum": at_maximum}


def _entropy(values: Raw) -> float:
    """Return the entropy of 256 levels, 0 to 1; of 16 bits by their square roots, in which shot noise is even."""
    grey = values[..., 0] if values.shape[2] == 1 else _luma(values.astype(np.float32))
    if values.dtype == np.uint16:
        levels = np.sqrt(grey.astype(np.float32))
    elif values.dtype.kind == "f":
        low, high = float(grey.min()), float(grey.max())
        levels = (grey - low) * (255 / (high - low)) if high > low else np.zeros_like(grey)
    else:
        levels = grey
    counts = np.bincount(np.clip(levels, 0, 255).astype(np.uint8).ravel(), minlength=256)
    share = counts[counts > 0] / counts.sum()
    return max(0.0, float(-(share * np.log2(share)).sum() / 8))


def _mode(values: Luma) -> float:
    """Return the middle of the shortest interval that holds half of the values (Robertson and Cryer 1974)."""
    ordered = np.sort(values)
    half = max(1, len(ordered) // 2)
    start = int(np.argmin(ordered[half:] - ordered[: len(ordered) - half]))
    return float(ordered[start + half // 2])


def _noise(luma: Luma) -> float:
    """Return the deviation of the noise in the flattest patches, from differences of neighbours."""
    patch = max(2, min(luma.shape) // 8)
    across = np.abs(luma[:, 1:] - luma[:, :-1]) if luma.shape[1] > 1 else np.zeros_like(luma)
    rows, columns = across.shape[0] // patch, across.shape[1] // patch
    if not rows or not columns:
        return float(across.mean()) * 0.886
    blocks = across[: rows * patch, : columns * patch].reshape(rows, patch, columns, patch).mean((1, 3))
    # Of two independent normal values, the mean distance is 2 / √π deviations.
    return float(np.quantile(blocks, 0.1)) * 0.886


def _otsu(values: NDArray[np.float32]) -> float:
    """Return the threshold between two classes of values in 0 to 1 that are furthest apart (Otsu 1979)."""
    counts, edges = np.histogram(values, 64, (0, 1))
    centres = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts), counts.sum()
    first = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (first[-1] * below / total - first) ** 2 / (below * (total - below))
    return float(edges[1:][int(np.nanargmax(np.where(np.isfinite(between), between, -1)))])
