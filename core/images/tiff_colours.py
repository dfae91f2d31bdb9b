"""The samples of a TIFF directory to grey, RGB or channels, and their numbers to uint8, uint16 or float32."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.images.formats import Fault, Raw
from core.images.pixels import cmyk_to_rgb, finite_float, over_white

if TYPE_CHECKING:
    from tifffile import TiffPage

MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6
COLOURS: Final = {MIN_IS_WHITE: 1, MIN_IS_BLACK: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3}
"""How many samples make a pixel's colour; more than that are extra samples."""

_ASSOCIATED, _UNASSOCIATED = 1, 2
_MAX_EXTRA: Final = 1024


def check_colours(page: TiffPage) -> None:
    """Make sure that `to_raw` knows what the samples of a directory mean; raises `Fault`."""
    photometric, dtype = int(page.photometric), page.dtype
    colours = COLOURS.get(photometric, 0)
    if dtype is None or dtype.kind not in "buif" or not colours or page.imagedepth != 1:
        raise Fault("image_unsupported")
    if page.samplesperpixel != colours + len(page.extrasamples) or len(page.extrasamples) > _MAX_EXTRA:
        raise Fault("image_unsupported")
    if not _is_plain(page) and photometric not in (MIN_IS_BLACK, RGB):
        raise Fault("image_unsupported")
    if photometric == CMYK and page.bitspersample != 8:
        raise Fault("image_unsupported")
    if photometric in (PALETTE, CMYK, YCBCR) and len(page.extrasamples) > 1:
        raise Fault("image_unsupported")


def channels_of(page: TiffPage) -> int:
    """Return how many channels `to_raw` gives."""
    photometric = int(page.photometric)
    if photometric in (PALETTE, CMYK, YCBCR):
        return 3
    return COLOURS[photometric] + len(page.extrasamples) - (1 if _alpha_kind(page) else 0)


def depth_of(page: TiffPage) -> int:
    """Return the bit depth of what `to_raw` gives: 8, 12 or 16, or 32 for floats."""
    if not _is_plain(page):
        return 32
    if int(page.photometric) == PALETTE or page.bitspersample <= 8:
        return 8
    return 12 if page.bitspersample <= 12 else 16


def to_raw(page: TiffPage, pixels: Any) -> Raw:
    """Return grey, RGB or channels for (H, W, samples) as stored."""
    photometric = int(page.photometric)
    colours = COLOURS[photometric]
    if photometric == PALETTE:
        return _from_palette(page, pixels[..., 0])
    if photometric == CMYK:
        return cmyk_to_rgb(pixels[..., :4].astype(np.uint8))
    if photometric == YCBCR:
        return np.asarray(pixels[..., :3])
    samples: Raw = _numbers(page, pixels)
    alpha = _alpha_kind(page)
    if photometric == MIN_IS_WHITE:
        top = samples.dtype.type((1 << max(8, page.bitspersample)) - 1)
        samples = np.concatenate([top - samples[..., :1], samples[..., 1:]], axis=-1)
    if alpha:
        flat = samples[..., 0] if colours == 1 else samples[..., :3]
        return _add_white(flat, samples[..., colours]) if alpha == _ASSOCIATED else over_white(flat, samples[..., -1])
    return samples[..., 0] if samples.shape[-1] == 1 else samples


def _is_plain(page: TiffPage) -> bool:
    """Whether the samples are unsigned and of at most 16 bits, the ones that stay whole numbers."""
    return page.dtype is not None and (page.dtype.kind == "b" or (page.dtype.kind == "u" and page.dtype.itemsize <= 2))


def _alpha_kind(page: TiffPage) -> int:
    """Return how the one extra sample is an alpha, or 0: several extra samples, and those of floats, are channels."""
    extra = [int(kind) for kind in page.extrasamples]
    return extra[0] if len(extra) == 1 and extra[0] in (_ASSOCIATED, _UNASSOCIATED) and _is_plain(page) else 0


def _numbers(page: TiffPage, samples: Any) -> Raw:
    """Spread 1 to 7 bits over 0…255; 9 to 16 bits stay what was measured; what is signed or longer becomes float."""
    if not _is_plain(page):
        return finite_float(samples)
    if page.bitspersample >= 8:
        return np.asarray(samples)
    spread: Raw = samples.astype(np.uint8) * np.uint8(255 // (2**page.bitspersample - 1))
    return spread


def _from_palette(page: TiffPage, indexes: Any) -> Raw:
    if page.colormap is None:
        raise Fault("image_damaged")
    entries = np.asarray(page.colormap)
    if entries.max() > 255:  # as the standard says; some writers give 8 bits all the same
        entries = entries >> 8
    colours: Raw = entries.astype(np.uint8).T[indexes.astype(np.intp)]
    return colours


def _add_white(premultiplied: Raw, alpha: Raw) -> Raw:
    top = int(np.iinfo(premultiplied.dtype).max)
    rest = top - alpha.astype(np.uint32)
    mixed = premultiplied + (rest if premultiplied.ndim == 2 else rest[..., None])
    flat: Raw = np.minimum(mixed, top).astype(premultiplied.dtype)
    return flat
