"""What a model says about itself: embedded in its `.onnx`, and beside it as ``metadata.json``.

One thing must stay true: the `.onnx` alone is enough. Everything needed to use the model (its labels in the order of
its outputs, what happens to the pixels, its calibration) is inside the file, once under our own key as JSON, and once
under the keys that other programs look for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from core.domain.task import Task
from core.errors import UserError
from core.evaluation.readout import Readout
from core.images.preprocess import Preprocess

FORMAT: Final = 2
FIRST_FORMAT: Final = 1
"""What kits of single labels are still written in: older versions read them. They would misread those of many."""
PRODUCT: Final = "Coverslip"
PROPERTY: Final = "coverslip"
INPUT_NAME: Final = "images"
OUTPUT_NAMES: Final = ("probabilities", "logits")

_Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Text = Annotated[str, StringConstraints(max_length=200)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0, le=1)]


class KitLabel(BaseModel):
    """One label as the receiving team sees it: its name, colour (``#rrggbb``) and glyph."""

    model_config = ConfigDict(frozen=True)

    name: _Name
    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")] = "#8A94A3"
    glyph: Annotated[str, StringConstraints(max_length=4)] = ""


class KitMetadata(BaseModel):
    """What a model is.

    Attributes
    ----------
    labels
        K labels, in the order of the model's outputs.
    preprocess
        The `core.images.preprocess.Preprocess` inside the graph, as its JSON object.
    task
        ``single``: an image has one label, the most probable one. ``multi``: it has every label whose probability is
        at least the label's threshold; it may have none.
    channels, dtype
        Of the images that the model takes, (N, H, W, channels).
    channel_names
        What the channels are, in order; empty where nobody said.
    temperature
        Of ``single``: what the logits are divided by before the softmax: the calibration.
    slopes, offsets, thresholds
        Of ``multi``, K each: the probability is sigmoid(slope * logit + offset), and where it makes the label given.
    metrics
        Per split (``test``, ``val``), metric name to ``{"value", "low", "high"}``, with ``n`` and ``groups`` beside.
    created
        UTC, ISO 8601.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: int = FIRST_FORMAT
    product: Literal["Coverslip"] = PRODUCT
    version: _Text
    created: _Text
    project: _Text = ""
    run: int
    backbone: _Text
    precision: _Text = "fp32"
    size: Annotated[int, Field(ge=1, le=8192)]
    labels: Annotated[tuple[KitLabel, ...], Field(min_length=1, max_length=100_000)]
    preprocess: dict[str, Any]
    task: Task = Task.SINGLE
    channels: Annotated[int, Field(ge=1, le=64)] = 3
    dtype: Literal["uint8", "uint16", "float32"] = "uint8"
    channel_names: tuple[_Text, ...] = ()
    temperature: _Positive = 1.0
    slopes: tuple[_Positive, ...] = ()
    offsets: tuple[_Number, ...] = ()
    thresholds: tuple[_Share, ...] = ()
    metrics: dict[str, Any] = {}

    @model_validator(mode="after")
    def _complete(self) -> KitMetadata:
        lengths = {len(self.slopes), len(self.offsets), len(self.thresholds)}
        if lengths != {len(self.labels) if self.task is Task.MULTI else 0}:
            raise ValueError("slopes, offsets and thresholds")
        return self

    @property
    def label_names(self) -> tuple[str, ...]:
        """The K label names, in the order of the model's outputs."""
        return tuple(label.name for label in self.labels)

    @property
    def readout(self) -> Readout:
        """How the logits are read."""
        return Readout(self.task, self.temperature, self.slopes, self.offsets, self.thresholds)

    def to_text(self) -> str:
        """Return the JSON text of ``metadata.json``."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"

    def to_properties(self) -> dict[str, str]:
        """Return what goes into the ONNX file's ``metadata_props``.

        Our own JSON under `PROPERTY`; the same facts one by one for whoever reads them by hand; the keys that readers
        of Ultralytics classifiers expect; and those that the ONNX standard defines for images.
        """
        return {
            PROPERTY: json.dumps(self.model_dump(mode="json"), ensure_ascii=False),
            "labels": json.dumps(self.label_names, ensure_ascii=False),
            "colours": json.dumps([label.colour for label in self.labels]),
            "preprocess": json.dumps(self.preprocess),
            **self._calibration(),
            "run": str(self.run),
            "backbone": self.backbone,
            "names": repr(dict(enumerate(self.label_names))),
            "task": "classify",
            "imgsz": f"[{self.size}, {self.size}]",
            "stride": "1",
            "batch": "1",
            "channels": str(self.channels),
            "dtype": self.dtype,
            "channel_names": json.dumps(self.channel_names, ensure_ascii=False),
            "windows": json.dumps((self.preprocess.get("channels") or {}).get("windows")),
            "description": f"{PRODUCT} image classifier ({self.backbone}, run {self.run})",
            "author": PRODUCT,
            "date": self.created,
            "version": self.version,
            **self._image_properties(),
        }

    def _image_properties(self) -> dict[str, str]:
        """Return what the ONNX standard says of images; it has words for 8-bit grey and RGB only."""
        formats = {1: "Gray8", 3: "Rgb8"}
        if self.dtype != "uint8" or self.channels not in formats:
            return {}
        return {
            "Image.BitmapPixelFormat": formats[self.channels],
            "Image.ColorSpaceGamma": "SRGB",
            "Image.NominalPixelRange": "NominalRange_0_255",
        }

    def _calibration(self) -> dict[str, str]:
        if self.task is Task.SINGLE:
            return {"temperature": repr(self.temperature)}
        many = {"slopes": self.slopes, "offsets": self.offsets, "thresholds": self.thresholds}
        return {"multilabel": "true", **{name: json.dumps(values) for name, values in many.items()}}


def input_facts(preprocess: Preprocess) -> dict[str, Any]:
    """Return the fields of `KitMetadata` that say what images the model takes."""
    names = preprocess.channels.names if preprocess.channels else ("red", "green", "blue")
    return {"channels": preprocess.source, "dtype": preprocess.dtype, "channel_names": names}


def metadata_from_properties(properties: Mapping[str, str], path: Path) -> KitMetadata:
    """Read the metadata embedded in the model at `path`.

    Raises
    ------
    UserError
        ``model_foreign`` where there is none or it is not ours; ``kit_newer`` where a newer Coverslip wrote it.
    """
    if PROPERTY not in properties:
        raise UserError("model_foreign", path=str(path))
    return _parse(properties[PROPERTY], path, "model_foreign")


def read_metadata(path: Path) -> KitMetadata:
    """Read a ``metadata.json``.

    Raises
    ------
    UserError
        ``kit_damaged`` where it is not what was written; ``kit_newer`` where a newer Coverslip wrote it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UserError("kit_damaged", path=str(path.parent), name=path.name) from None
    return _parse(text, path, "kit_damaged")


def _parse(text: str, path: Path, code: str) -> KitMetadata:
    try:
        values = json.loads(text)
        if not isinstance(values, dict) or values.get("product") != PRODUCT:
            raise UserError(code, path=_shown(path, code), name=path.name)
        found = values.get("format")
        if isinstance(found, int) and found > FORMAT:
            raise UserError("kit_newer", path=str(path), found=found, known=FORMAT)
        return KitMetadata.model_validate(values)
    except (ValueError, ValidationError, RecursionError):
        raise UserError(code, path=_shown(path, code), name=path.name) from None


def _shown(path: Path, code: str) -> str:
    return str(path.parent if code == "kit_damaged" else path)
