"""What the intensities of a project's images are: measured on some of them, once, for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.changes import Changes
from core.errors import UserError
from core.images.channels import Pixels, estimate_windows, extreme_windows
from core.images.display import default_display
from core.images.intensity import Window
from core.images.reader import ImageReader
from core.progress import Progress
from core.store.display import display, set_display
from core.store.pixel_kinds import PixelKind, pixel_kinds
from core.store.project import Project
from core.store.samples import samples_by_id
from core.store.sources import sources
from core.translation import mark

_LOOKED_AT: Final = 512
MEASURED: Final = 48
"""How many images are read: enough for a percentile that no image decides alone."""


def measure_windows(
    project: Project,
    ids: NDArray[np.int64],
    kinds: Sequence[PixelKind],
    progress: Progress,
    *,
    seed: int = 0,
    extremes: bool = False,
) -> tuple[Window, ...] | None:
    """Return the window of each channel of these images: the middle 99.8 % of the values of some of the deepest.

    Parameters
    ----------
    kinds
        What `core.store.pixel_kinds.pixel_kinds` says of them.
    extremes
        From the least to the greatest value met instead.

    Returns
    -------
    tuple or None
        As many as the images have channels; None where none of them can be read.
    """
    if not kinds:
        return None
    source, depth = max(kind.channels for kind in kinds), max(kind.bit_depth for kind in kinds)
    raws = _deep_images(project, ids, depth, progress, seed)
    return (extreme_windows if extremes else estimate_windows)(raws, source, seed=seed)


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often a channel's values occur: `counts` (B,) in bins of equal width from `low` to `high`."""

    low: float
    high: float
    counts: NDArray[np.int64]


def histograms(
    project: Project, ids: NDArray[np.int64], kinds: Sequence[PixelKind], progress: Progress, *, bins: int = 64
) -> list[Histogram]:
    """Return the histogram of each channel over some of these images, for people to set windows by.

    It spans 1.3 times what `measure_windows` would choose, so that a few bright specks do not flatten it.
    """
    source, depth = max(kind.channels for kind in kinds), max(kind.bit_depth for kind in kinds)
    raws = [thinned(raw) for raw in _deep_images(project, ids, depth, progress, 0)]
    windows = estimate_windows(raws, source) or ()
    found = []
    for index, window in enumerate(windows):
        margin = 0.15 * (window.high - window.low)
        low, high = window.low - margin, window.high + margin
        counts = np.zeros(bins, dtype=np.int64)
        for raw in raws:
            layers = raw if raw.ndim == 3 else raw[..., None]
            layer = layers[..., min(index, layers.shape[2] - 1)]
            counts += np.histogram(layer[np.isfinite(layer)], bins, (low, high))[0]
        found.append(Histogram(low, high, counts))
    return found


def thinned(raw: Pixels) -> Pixels:
    """Return an image with at most some 65,000 of its pixels, evenly spread."""
    step = max(1, round((raw.shape[0] * raw.shape[1] / 2**16) ** 0.5))
    return np.ascontiguousarray(raw[::step, ::step])


def ensure_display(project: Project, progress: Progress | None = None) -> Changes:
    """Choose how the project's images are shown, where that is not settled: measured on some of them, kept for all.

    Projects of 8-bit grey and RGB images need nothing. What is kept stays, whatever is imported later, unless the
    images have more channels now.
    """
    kinds = pixel_kinds(project)
    if all(kind.plain for kind in kinds):
        return Changes()
    # The kind that most of the images have: others are shown through what they have in common with it.
    main = next(kind for kind in kinds if not kind.plain)
    known = display(project)
    if known is not None and len(known.channels) >= main.channels:
        return Changes()
    progress = progress or Progress()
    ids = _ids_of(project, main)
    windows = measure_windows(project, ids, [main], progress)
    if windows is None:
        return Changes()
    if main.bit_depth <= 8:
        windows = (Window(0, 255),) * main.channels
    return set_display(project, default_display(windows))


def _ids_of(project: Project, kind: PixelKind) -> NDArray[np.int64]:
    rows = project.db.read().execute(
        "SELECT id FROM sample WHERE problem IS NULL AND channels = ? AND bit_depth = ?",
        (kind.channels, kind.bit_depth),
    )
    return np.array([row[0] for row in rows], dtype=np.int64)


def _deep_images(
    project: Project, ids: NDArray[np.int64], depth: int, progress: Progress, seed: int
) -> Iterator[Pixels]:
    """Yield some of the images that have `depth` bits, chosen by the seed."""
    looked_at = np.random.default_rng(seed).permutation(ids)[:_LOOKED_AT]
    deep = [sample for sample in samples_by_id(project, looked_at) if sample.bit_depth == depth][:MEASURED]
    reader = ImageReader(sources(project))
    progress.begin(mark("Measuring intensities"), len(deep))
    for sample in deep:
        try:
            yield reader.raw(sample.source_id, sample.path)
        except UserError:  # it is reported, with its reason, where all images are read
            continue
        finally:
            progress.advance()
