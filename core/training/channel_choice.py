"""Which channels a training sends into the network, and through which windows: as configured, from its images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.domain.samples import Split
from core.errors import UserError
from core.images.channels import FULL_WINDOWS, ChannelMap, parse_windows
from core.images.intensity import Window
from core.ingest.intensities import measure_windows
from core.progress import Progress
from core.store.display import display
from core.store.pixel_kinds import PixelKind, pixel_kinds
from core.store.project import Project
from core.training.config import AUTO, FULL, RGB, TrainConfig
from core.training.dataset import Dataset

_RGB_CHANNELS: Final = (0, 1, 2)


def choose_channels(
    project: Project, dataset: Dataset, config: TrainConfig, progress: Progress | None = None
) -> ChannelMap | None:
    """Return the map of a run, or None where 8-bit grey or RGB images go in as they are.

    Windows are measured on training images, unless someone chose them for the project or in the configuration.

    Raises
    ------
    UserError
        ``channels_differ``, ``channel_beyond``, ``channels_no_rgb``, ``channels_no_grey`` or ``window_count``.
    """
    kinds = pixel_kinds(project, dataset.table.ids)
    source = channels_of(kinds)
    channels, luma = chosen_channels(config.channels, source)
    dtype = _dtype(kinds)
    as_they_are = dtype == "uint8" and config.window in (AUTO, FULL)
    if as_they_are and source in (1, 3) and config.channels in (AUTO, RGB):
        return None
    look = display(project)
    names = tuple(channel.name for channel in look.channels) if look and len(look.channels) == source else ()
    windows = _windows(project, dataset, config, kinds, channels, progress or Progress())
    return ChannelMap(source, dtype, channels, windows, luma, names if all(names) else ())


def channels_of(kinds: Sequence[PixelKind]) -> int:
    """Return how many channels images of these kinds have; grey among RGB counts as RGB.

    Raises
    ------
    UserError
        ``channels_differ``: how many have how many.
    """
    by_channels: dict[int, int] = {}
    for kind in kinds:
        by_channels[kind.channels] = by_channels.get(kind.channels, 0) + kind.count
    if len(by_channels) > 1 and set(by_channels) != {1, 3}:
        found = ", ".join(f"{channels}: {count:,}" for channels, count in sorted(by_channels.items()))
        raise UserError("channels_differ", found=found)
    return max(by_channels, default=3)


def chosen_channels(choice: str, source: int) -> tuple[tuple[int, ...], bool]:
    """Return the image channels that `choice` sends in, and whether they become one by their luma.

    Parameters
    ----------
    choice
        ``auto`` (RGB as it is, grey three times, any others all), ``rgb``, ``grey``, or numbers from 0 such as
        ``0,2,3``.
    source
        How many channels the images have.

    Raises
    ------
    UserError
        ``channel_beyond``, ``channels_no_rgb`` or ``channels_no_grey``.
    """
    match choice:
        case "auto" if source not in (1, 3):
            return tuple(range(source)), False
        case "auto" | "rgb":
            if source == 2:
                raise UserError("channels_no_rgb", count=source)
            return ((0, 0, 0) if source == 1 else _RGB_CHANNELS), False
        case "grey":
            if source not in (1, 3):
                raise UserError("channels_no_grey", count=source)
            return ((0,), False) if source == 1 else (_RGB_CHANNELS, True)
    channels = tuple(int(part) for part in choice.split(","))
    if max(channels) >= source:
        raise UserError("channel_beyond", channel=max(channels), count=source, last=source - 1)
    return channels, False


def _dtype(kinds: Sequence[PixelKind]) -> str:
    depth = max((kind.bit_depth for kind in kinds), default=8)
    return "uint8" if depth <= 8 else "uint16" if depth <= 16 else "float32"


def _windows(
    project: Project,
    dataset: Dataset,
    config: TrainConfig,
    kinds: Sequence[PixelKind],
    channels: tuple[int, ...],
    progress: Progress,
) -> tuple[Window, ...]:
    """Return the window of each of `channels`."""
    if config.window not in (AUTO, FULL):
        given = parse_windows(config.window)
        if len(given) not in (1, len(channels)):
            raise UserError("window_count", count=len(given), channels=len(channels))
        return given if len(given) == len(channels) else given * len(channels)
    source, dtype, look = channels_of(kinds), _dtype(kinds), display(project)
    if config.window == AUTO and look is not None and look.chosen and len(look.channels) == source:
        return tuple(look.windows[index] for index in channels)
    if dtype in FULL_WINDOWS and (config.window == FULL or dtype == "uint8"):
        return (FULL_WINDOWS[dtype],) * len(channels)
    rows = dataset.rows(Split.TRAIN)
    ids = dataset.table.ids[rows] if len(rows) else dataset.table.ids  # before there are splits
    extremes = config.window == FULL
    measured = measure_windows(project, np.sort(ids), kinds, progress, seed=config.seed, extremes=extremes)
    if measured is None:  # not one can be read: what reads them all says so
        measured = (FULL_WINDOWS.get(dtype, Window(0, 1)),) * source
    return tuple(measured[index] for index in channels)
