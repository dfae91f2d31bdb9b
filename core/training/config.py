"""The configuration of a training: validated at the edge, frozen inside, the same from a file, a line and a form.

A preset fills every field; a TOML file and ``key=value`` strings then change single ones. A configuration read back
from its own JSON is equal to it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.backbones.table import BACKBONES
from core.errors import UserError
from core.images.channels import parse_windows
from core.images.preprocess import ResizeMode
from core.training.augmentations import AUGMENTATIONS, AugmentationPreset, strengths_of
from core.training.config_errors import user_error


class Preset(StrEnum):
    """A named starting point that fills in everything."""

    QUICK = "quick"
    BALANCED = "balanced"
    BEST = "best"


class Strategy(StrEnum):
    """Which part of the network learns: the head, then also its last stages, or then all of it."""

    HEAD = "head"
    STAGED = "staged"
    WHOLE = "whole"


class ClassWeights(StrEnum):
    """How rare labels count: as they are, as much as common ones, or by their effective number (Cui 2019)."""

    NONE = "none"
    BALANCED = "balanced"
    EFFECTIVE = "effective"


class DeviceChoice(StrEnum):
    """What computes; `AUTO` takes the best there is."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


class Precision(StrEnum):
    """The arithmetic; `AUTO` takes what was measured to be quickest on the device."""

    AUTO = "auto"
    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"


AUTO, FULL, RGB, GREY = "auto", "full", "rgb", "grey"
_CHANNEL_LIST: Final = re.compile(r"\d{1,2}(,\d{1,2}){0,63}")


class TrainConfig(BaseModel):
    """Everything a training depends on beside the images.

    Attributes
    ----------
    size, resize
        Side of the square the network sees, in pixels, and how an image becomes one.
    channels
        Which channels of the images the network sees: ``auto``, ``rgb``, ``grey``, or numbers from 0 such as ``0,2,3``.
    window
        Which values become black and full: ``auto`` (measured once for the data set), ``full`` (all there can be), or
        ``low..high``, for every channel or one after the other (``0..900,100..4000``).
    stages
        How many of the backbone's last stages learn under the strategy ``staged``.
    epochs
        Epochs after the head, over all stages; the strategy ``head`` needs none.
    learning_rate, stage_decay
        Peak rate of the head; each stage further from it learns `stage_decay` times as fast as the one before.
    warmup
        Share of a stage's steps over which its rate rises; it then falls along a cosine.
    gradient_clip
        Largest norm of the gradient; 0 leaves it alone.
    label_smoothing
        Share of the target spread over all labels; with many labels an image, over yes and no of each.
    class_weights
        How rare labels count; with many labels an image, how a label's presence counts against its absence.
    soft_labels
        Learn from how the readers of an image voted, where it was read, instead of from its one label.
    patience
        Epochs without a better macro-F1 on val (many labels an image: mean average precision) after which a stage
        ends; 0 never ends it.
    strengths
        Augmentation strengths that replace those of the preset `augmentation`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    preset: Preset = Preset.BALANCED
    backbone: str = "efficientnet_lite0"
    size: int = Field(default=128, ge=32, le=1024)
    resize: ResizeMode = ResizeMode.STRETCH
    channels: str = AUTO
    window: str = AUTO
    strategy: Strategy = Strategy.STAGED
    stages: int = Field(default=2, ge=1, le=20)
    epochs: int = Field(default=5, ge=1, le=1000)
    batch_size: int = Field(default=32, ge=2, le=4096)
    learning_rate: float = Field(default=1e-3, gt=0, le=1)
    stage_decay: float = Field(default=0.5, gt=0, le=1)
    warmup: float = Field(default=0.1, ge=0, le=0.5)
    weight_decay: float = Field(default=0.01, ge=0, le=1)
    gradient_clip: float = Field(default=1.0, ge=0, le=1000)
    label_smoothing: float = Field(default=0.05, ge=0, le=0.5)
    dropout: float = Field(default=0.2, ge=0, le=0.9)
    class_weights: ClassWeights = ClassWeights.EFFECTIVE
    soft_labels: bool = False
    augmentation: AugmentationPreset = AugmentationPreset.CELLS
    strengths: dict[str, float] = Field(default_factory=dict)
    patience: int = Field(default=5, ge=0, le=1000)
    seed: int = Field(default=7, ge=0, le=2**31 - 1)
    device: DeviceChoice = DeviceChoice.AUTO
    precision: Precision = Precision.AUTO

    @field_validator("backbone")
    @classmethod
    def _known_backbone(cls, value: str) -> str:
        if value not in BACKBONES:
            raise ValueError("backbone")
        return value

    @field_validator("channels", mode="before")
    @classmethod
    def _known_channels(cls, value: object) -> str:
        text = "".join(str(value).split())
        if text not in (AUTO, RGB, GREY) and not _CHANNEL_LIST.fullmatch(text):
            raise ValueError("channels")
        return text

    @field_validator("window", mode="before")
    @classmethod
    def _known_window(cls, value: object) -> str:
        text = "".join(str(value).split())
        try:
            return text if text in (AUTO, FULL) or parse_windows(text) else AUTO
        except UserError:
            raise ValueError("window") from None

    @field_validator("strengths")
    @classmethod
    def _known_strengths(cls, value: dict[str, float]) -> dict[str, float]:
        for name, strength in value.items():
            if name not in AUGMENTATIONS or not 0 <= strength <= AUGMENTATIONS[name].maximum:
                raise ValueError(name)
        return dict(sorted(value.items()))

    @property
    def augmentation_strengths(self) -> dict[str, float]:
        """The strength of every augmentation, 0 where it is off."""
        return strengths_of(self.augmentation, self.strengths)

    def to_json(self) -> str:
        """Return the configuration as a JSON text that `from_json` reads back to an equal one."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> TrainConfig:
        """Read what `to_json` wrote, strictly; raises `UserError` as `build_config` does."""
        return _validated(json.loads(text))

    def with_changes(self, **changes: object) -> TrainConfig:
        """Return a configuration in which the given fields are replaced; raises `UserError` as `build_config`."""
        return _validated({**self.model_dump(), **changes})


PRESETS: Final[Mapping[Preset, TrainConfig]] = MappingProxyType(
    {
        Preset.QUICK: TrainConfig(preset=Preset.QUICK, strategy=Strategy.HEAD, size=128),
        Preset.BALANCED: TrainConfig(preset=Preset.BALANCED),
        Preset.BEST: TrainConfig(
            preset=Preset.BEST,
            strategy=Strategy.WHOLE,
            size=224,
            epochs=20,
            stage_decay=0.7,
            label_smoothing=0.1,
            weight_decay=0.02,
        ),
    }
)


def build_config(file: Path | None = None, pairs: Sequence[str] = ()) -> TrainConfig:
    """Make a configuration: the preset first, then the file, then the pairs.

    Parameters
    ----------
    file
        TOML with the fields of `TrainConfig`; strengths of augmentations in a table ``[strengths]``.
    pairs
        ``key=value`` each; ``strengths.rotation=15`` for one strength.

    Raises
    ------
    UserError
        ``config_file_missing``, ``config_file_invalid``, ``config_pair_invalid``, ``config_key_unknown``,
        ``config_value_invalid``: naming the key and what is allowed.
    """
    values = _merged(_read_toml(file) if file else {}, _read_pairs(pairs))
    name = values.get("preset", Preset.BALANCED)
    # An unknown preset is reported by the validation below, like any other value.
    base = PRESETS[Preset(name)].model_dump() if name in list(Preset) else {}
    return _validated(_merged(base, values))


def _validated(values: Mapping[str, Any]) -> TrainConfig:
    try:
        return TrainConfig.model_validate(dict(values))
    except ValidationError as error:
        raise user_error(error, TrainConfig, {"backbone": list(BACKBONES)}) from None


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**base, **changes}
    ours, theirs = base.get("strengths"), changes.get("strengths")
    if isinstance(ours, dict) and isinstance(theirs, dict):
        merged["strengths"] = {**ours, **theirs}
    return merged


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, IsADirectoryError):
        raise UserError("config_file_missing", path=str(file)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UserError("config_file_invalid", path=str(file), reason=str(error)) from None


def _read_pairs(pairs: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not key or not equals:
            raise UserError("config_pair_invalid", pair=pair)
        table, dot, name = key.partition(".")
        if dot and table == "strengths":
            values.setdefault("strengths", {})[name] = value
        else:
            values[key] = value
    return values
