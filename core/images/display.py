"""How a data set's measured channels are looked at: one window, colour and visibility per channel, for all its images.

One thing must stay true: every image of a project is shown through the same windows, so that a dim one looks dim.
Images of 8 bits, grey or RGB, are shown as they are and need none of this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.images import rendering as rendered
from core.images.channels import MAX_CHANNELS, ChannelMap, Pixels
from core.images.intensity import Window
from core.images.rendering import render

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_WHITE: Final = "#ffffff"
_RGB: Final = ("#ff0000", "#00ff00", "#0000ff")
# Fluorescence in the order of the usual stains: nuclei blue, then green, red and what can be told from them.
_MANY: Final = ("#0000ff", "#00ff00", "#ff0000", "#ff00ff", "#00ffff", "#ffff00", _WHITE)


@dataclass(frozen=True, slots=True)
class ChannelDisplay:
    """How one channel is shown.

    Attributes
    ----------
    window
        The values shown as black and as full.
    colour
        ``#rrggbb`` of full.
    visible
        Whether it is shown at all.
    name
        For people; empty where the images give none.
    """

    window: Window
    colour: str = _WHITE
    visible: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        if not _COLOUR.fullmatch(self.colour):
            raise UserError("preprocess_invalid", field="colour", value=self.colour)


@dataclass(frozen=True, slots=True)
class Display:
    """How the images of a data set are shown.

    Attributes
    ----------
    channels
        One for each channel of the images.
    chosen
        Whether a person chose the windows. They are then those of training too; otherwise a training measures its
        own, on its own images.
    """

    channels: tuple[ChannelDisplay, ...]
    chosen: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.channels) <= MAX_CHANNELS:
            raise UserError("preprocess_invalid", field="channels", value=len(self.channels))

    @property
    def windows(self) -> tuple[Window, ...]:
        """The window of each channel."""
        return tuple(channel.window for channel in self.channels)

    @property
    def key(self) -> str:
        """A short text that is the same for the same look: part of the names of cached pictures."""
        parts = [f"{c.window.low:g},{c.window.high:g}{c.colour[1:]}" for c in self.channels if c.visible]
        return f"{len(self.channels)}_" + "_".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, which `from_json` reads back."""
        channels = [
            {"window": [c.window.low, c.window.high], "colour": c.colour, "visible": c.visible, "name": c.name}
            for c in self.channels
        ]
        return {"channels": channels, "chosen": self.chosen}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Display:
        """Read what `to_json` wrote; anything else raises `UserError`, `KeyError`, `TypeError` or `ValueError`."""
        channels = []
        for channel in values["channels"]:
            low, high = channel["window"]
            window = Window(float(low), float(high))
            channels.append(
                ChannelDisplay(window, str(channel["colour"]), bool(channel["visible"]), str(channel["name"]))
            )
        return cls(tuple(channels), bool(values.get("chosen", False)))


def default_display(windows: Sequence[Window], names: Sequence[str] = ()) -> Display:
    """Return the usual colours for channels with these windows: grey, RGB, or colours that can be told apart."""
    palette = {1: (_WHITE,), 3: _RGB}.get(len(windows), _MANY)
    given = [*names, *[""] * len(windows)]
    return Display(
        tuple(
            ChannelDisplay(window, palette[index % len(palette)], name=given[index])
            for index, window in enumerate(windows)
        )
    )


def display_of(channels: ChannelMap) -> Display:
    """Return how to look at the images of a map, through its windows; channels that it leaves out are hidden."""
    window_of = dict(zip(channels.channels, channels.windows, strict=True))
    every = default_display([window_of.get(index, Window(0, 1)) for index in range(channels.source)], channels.names)
    shown = tuple(
        ChannelDisplay(channel.window, channel.colour, index in window_of, channel.name)
        for index, channel in enumerate(every.channels)
    )
    return Display(shown)


def composite(raw: Pixels, display: Display) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8: the visible channels through their windows, each in its colour, added up.

    Parameters
    ----------
    raw
        (H, W) or (H, W, C), uint8, uint16 or floating. An 8-bit grey or RGB image is shown as it is among deeper ones.
        One with other channels than `display` is shown through the windows it has in common.
    """
    image = raw[..., None] if raw.ndim == 2 else raw
    if image.shape[2] == 1 and len(display.channels) == 3:
        image = np.repeat(image, 3, axis=2)
    if image.dtype == np.uint8 and image.shape[2] in (1, 3) and len(display.channels) == image.shape[2]:
        return np.ascontiguousarray(np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image)
    return render(image, rendering(display))


def rendering(display: Display) -> tuple[rendered.ChannelDisplay, ...]:
    """Return the same in the terms in which pictures are painted."""
    return tuple(
        rendered.ChannelDisplay(channel.window.low, channel.window.high, channel.colour, channel.visible)
        for channel in display.channels
    )
