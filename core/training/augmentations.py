"""The table of augmentations: what each does, how far its slider goes, and the presets.

No torch here: the window and the command line read this table. What a row does to pixels is in
`core.training.augment`. A strength of 0 always means that the augmentation does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from core.translation import mark


class AugmentationKind(StrEnum):
    """What an augmentation changes: where pixels are, or what they look like."""

    GEOMETRY = "geometry"
    COLOUR = "colour"
    DETAIL = "detail"


@dataclass(frozen=True, slots=True)
class AugmentationSpec:
    """One augmentation.

    Attributes
    ----------
    id
        Its key in a configuration.
    title, tip
        Its name and one sentence on what it does; marked for translation.
    maximum, step
        The slider goes from 0 (off) to `maximum` in steps of `step`.
    unit
        ``share`` (of the images, 0 to 1), ``degrees``, ``fraction`` (of a side, of a brightness…), ``pixels``.
    default
        The strength it gets when it is switched on by hand.
    """

    id: str
    title: str
    tip: str
    kind: AugmentationKind
    unit: str
    maximum: float
    step: float
    default: float


class AugmentationPreset(StrEnum):
    """A named set of strengths."""

    CELLS = "cells"
    NATURAL = "natural"
    NONE = "none"


_GEOMETRY = AugmentationKind.GEOMETRY
_COLOUR = AugmentationKind.COLOUR
_DETAIL = AugmentationKind.DETAIL

_ROWS: Final = (
    AugmentationSpec(
        "flip_horizontal", mark("Flip left–right"), mark("Mirrors this share of the images."),
        _GEOMETRY, "share", 1.0, 0.05, 0.5,
    ),
    AugmentationSpec(
        "flip_vertical", mark("Flip top–bottom"), mark("Turns this share of the images upside down, mirrored."),
        _GEOMETRY, "share", 1.0, 0.05, 0.5,
    ),
    AugmentationSpec(
        "quarter_turns", mark("Quarter turns"), mark("Turns this share of the images by 90, 180 or 270 degrees."),
        _GEOMETRY, "share", 1.0, 0.05, 0.75,
    ),
    AugmentationSpec(
        "rotation", mark("Rotation"), mark("Turns by up to this angle, either way."),
        _GEOMETRY, "degrees", 180.0, 5.0, 15.0,
    ),
    AugmentationSpec(
        "zoom", mark("Zoom"), mark("Enlarges or shrinks by up to this fraction."),
        _GEOMETRY, "fraction", 0.5, 0.01, 0.1,
    ),
    AugmentationSpec(
        "shear", mark("Shear"), mark("Slants by up to this angle, either way."),
        _GEOMETRY, "degrees", 30.0, 1.0, 5.0,
    ),
    AugmentationSpec(
        "stretch", mark("Stretch"), mark("Changes the ratio of width to height by up to this fraction."),
        _GEOMETRY, "fraction", 0.5, 0.01, 0.1,
    ),
    AugmentationSpec(
        "shift", mark("Shift"), mark("Moves by up to this fraction of the side, any way."),
        _GEOMETRY, "fraction", 0.3, 0.01, 0.05,
    ),
    AugmentationSpec(
        "brightness", mark("Brightness"), mark("Makes brighter or darker by up to this fraction."),
        _COLOUR, "fraction", 0.5, 0.01, 0.1,
    ),
    AugmentationSpec(
        "contrast", mark("Contrast"), mark("Raises or lowers the contrast by up to this fraction."),
        _COLOUR, "fraction", 0.8, 0.01, 0.15,
    ),
    AugmentationSpec(
        "saturation", mark("Saturation"), mark("Makes colours stronger or paler by up to this fraction."),
        _COLOUR, "fraction", 1.0, 0.01, 0.15,
    ),
    AugmentationSpec(
        "hue", mark("Hue"), mark("Turns the colour wheel by up to this angle, either way."),
        _COLOUR, "degrees", 90.0, 1.0, 8.0,
    ),
    AugmentationSpec(
        "gamma", mark("Gamma"), mark("Bends the brightness curve by up to this fraction."),
        _COLOUR, "fraction", 0.8, 0.01, 0.15,
    ),
    AugmentationSpec(
        "stain", mark("Stain"), mark("Varies how strongly haematoxylin, eosin and residual stains took."),
        _COLOUR, "fraction", 0.5, 0.01, 0.1,
    ),
    AugmentationSpec(
        "blur", mark("Blur"), mark("Softens by up to this many pixels."),
        _DETAIL, "pixels", 3.0, 0.1, 0.8,
    ),
    AugmentationSpec(
        "noise", mark("Noise"), mark("Adds camera noise of up to this fraction of full brightness."),
        _DETAIL, "fraction", 0.2, 0.01, 0.03,
    ),
    AugmentationSpec(
        "erase", mark("Erase"), mark("Covers a rectangle of up to this fraction of the area."),
        _DETAIL, "fraction", 0.4, 0.01, 0.1,
    ),
)  # fmt: skip

AUGMENTATIONS: Final[Mapping[str, AugmentationSpec]] = MappingProxyType({row.id: row for row in _ROWS})

PRESET_TITLES: Final[Mapping[AugmentationPreset, str]] = MappingProxyType(
    {
        AugmentationPreset.CELLS: mark("Cells: any orientation"),
        AugmentationPreset.NATURAL: mark("Natural orientation"),
        AugmentationPreset.NONE: mark("None"),
    }
)

PRESET_STRENGTHS: Final[Mapping[AugmentationPreset, Mapping[str, float]]] = MappingProxyType(
    {
        AugmentationPreset.CELLS: {
            "flip_horizontal": 0.5,
            "flip_vertical": 0.5,
            "rotation": 180.0,
            "zoom": 0.1,
            "shift": 0.04,
            "brightness": 0.1,
            "contrast": 0.15,
            "saturation": 0.15,
            "hue": 4.0,
        },
        AugmentationPreset.NATURAL: {
            "flip_horizontal": 0.5,
            "rotation": 12.0,
            "zoom": 0.15,
            "shear": 4.0,
            "stretch": 0.08,
            "shift": 0.06,
            "brightness": 0.15,
            "contrast": 0.2,
            "saturation": 0.2,
            "hue": 5.0,
        },
        AugmentationPreset.NONE: {},
    }
)


def strengths_of(preset: AugmentationPreset, overrides: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the strength of every augmentation, 0 where it is off.

    Parameters
    ----------
    preset
        Where to start from.
    overrides
        Strengths that replace the preset's, by the id of the augmentation.
    """
    chosen = {**PRESET_STRENGTHS[preset], **(overrides or {})}
    return {name: float(chosen.get(name, 0.0)) for name in AUGMENTATIONS}
