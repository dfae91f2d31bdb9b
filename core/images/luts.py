"""Colour tables for looking at measured intensities: grey, pure colours, and perceptually uniform ones kept as data.

The tables of matplotlib (viridis, magma, inferno, cividis) are in the public domain (CC0) and lie in
``resources/luts``. They are for the eye only; nothing that is trained or exported passes through them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.translation import mark

Lut = NDArray[np.uint8]
"""(256, 3) RGB."""

GREY: Final = "grey"
INVERTED: Final = "inverted"
PURE: Final[dict[str, tuple[int, int, int]]] = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "yellow": (255, 255, 0),
}
LUT_NAMES: Final[dict[str, str]] = {
    GREY: mark("Grey"),
    INVERTED: mark("Inverted grey"),
    "viridis": mark("Viridis"),
    "magma": mark("Magma"),
    "inferno": mark("Inferno"),
    "cividis": mark("Cividis"),
    "red": mark("Red"),
    "green": mark("Green"),
    "blue": mark("Blue"),
    "cyan": mark("Cyan"),
    "magenta": mark("Magenta"),
    "yellow": mark("Yellow"),
}
"""What can be chosen, in this order, with the name to show."""

MIXED: Final = ("blue", "green", "red", "magenta", "cyan", "yellow", "grey")
"""The colours of the channels of an image that has several, from the first on."""

_HEX: Final = re.compile(r"#[0-9A-Fa-f]{6}")


@lru_cache(maxsize=64)
def lut(name: str) -> Lut:
    """Return the (256, 3) uint8 table called `name`: one of `LUT_NAMES`, or a colour as ``#RRGGBB``; else grey."""
    ramp = np.arange(256)
    if name in PURE or _HEX.fullmatch(name):
        top = np.array(PURE.get(name) or _components(name))
        table = (ramp[:, None] * top + 127) // 255
    elif name in LUT_NAMES and name not in (GREY, INVERTED):
        table = np.array([_components("#" + entry) for entry in _source(name).split()])
    else:
        table = np.repeat((255 - ramp if name == INVERTED else ramp)[:, None], 3, axis=1)
    made: Lut = table.astype(np.uint8)
    made.flags.writeable = False
    return made


def _components(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _source(name: str) -> str:
    return (resources.files("resources") / "luts" / f"{name}.txt").read_text("ascii")
