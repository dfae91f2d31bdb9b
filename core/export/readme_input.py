"""What the page of a kit says of the images that the model takes: 8-bit RGB, or measured channels."""

from __future__ import annotations

from typing import Any, Final

from core.kit.metadata import KitMetadata

_PYTHON_RGB: Final = """Needs `onnxruntime`, `numpy` and `pillow`. For 8-bit images: 16-bit ones must be
scaled to 8 bits first, as said above, with the `window` in `preprocess` of `metadata.json`; Pillow's own
conversion gives other pixels.

```python
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
labels = open("labels.txt", encoding="utf-8").read().splitlines()

for path in sys.argv[1:]:
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")  # the right way up
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    pixels = np.asarray(image, dtype=np.uint8)[None]  # (1, H, W, 3)
    probabilities = session.run(["probabilities"], {"images": pixels})[0][0]
    best = int(probabilities.argmax())
    print(path, labels[best], f"{probabilities[best]:.3f}")
```"""

_PYTHON_MEASURED: Final = """Needs `onnxruntime`, `numpy` and, for TIFF, `tifffile`.

```python
import sys

import numpy as np
import onnxruntime
import tifffile

session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
labels = open("labels.txt", encoding="utf-8").read().splitlines()

for path in sys.argv[1:]:
    pixels = np.load(path) if path.endswith(".npy") else tifffile.imread(path)
    if pixels.ndim == 2:
        pixels = pixels[..., None]  # grey
    elif pixels.shape[-1] != CHANNELS:
        pixels = np.moveaxis(pixels, 0, -1)  # channels last
    pixels = np.ascontiguousarray(pixels, dtype=np.DTYPE)[None]  # (1, H, W, CHANNELS)
    probabilities = session.run(["probabilities"], {"images": pixels})[0][0]
    best = int(probabilities.argmax())
    print(path, labels[best], f"{probabilities[best]:.3f}")
```"""

_TENSOR_RGB: Final = """`ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8`, dimensions {N, H, W, 3}, contiguous, rows from the top,
  pixels interleaved R, G, B. That is an OpenCV `cv::Mat` of type `CV_8UC3` after `cv::cvtColor(…, cv::COLOR_BGR2RGB)`,
  or a decoded image buffer without row padding: hand over its pointer with `Ort::Value::CreateTensor<uint8_t>`."""
_TENSORS: Final = {
    "uint8": ("UINT8", "uint8_t"),
    "uint16": ("UINT16", "uint16_t"),
    "float32": ("FLOAT", "float"),
}


def input_texts(metadata: KitMetadata) -> dict[str, Any]:
    """Return what the page says of the images that the model takes."""
    given = {"dtype": metadata.dtype, "channels": metadata.channels}
    channels = metadata.preprocess.get("channels")
    if channels is None:
        before = (
            "Turn images the right way up (EXIF) before, put transparent\n"
            "ones on white, and repeat grey in the three channels."
        )
        window = _window(metadata.preprocess.get("window"))
        texts = {"python": _PYTHON_RGB, "tensor": _TENSOR_RGB, "suffix": ".png"}
        return {**given, **texts, "kind": ", RGB", "before": before + window}
    code, kind = _TENSORS[metadata.dtype]
    tensor = (
        f"`ONNX_TENSOR_ELEMENT_DATA_TYPE_{code}`, dimensions {{N, H, W, {metadata.channels}}}, contiguous, rows"
        " from the top,\n  the channels of a pixel side by side: hand over the pointer with"
        f" `Ort::Value::CreateTensor<{kind}>`."
    )
    python = _PYTHON_MEASURED.replace("CHANNELS", str(metadata.channels)).replace("DTYPE", metadata.dtype)
    plain = metadata.dtype == "uint8" and metadata.channels == 3
    return {
        **given,
        "python": python,
        "tensor": tensor,
        "suffix": ".png" if plain else ".npy",
        "kind": "",
        "before": "Measured values, not scaled.\n\n" + _channel_table(channels),
    }


def _channel_table(channels: dict[str, Any]) -> str:
    """Return which channels the network sees and through which windows, as a table."""
    names = channels.get("names") or []
    lines = ["| the network sees | channel of the image | becomes black | becomes full |", "|---|---|---|---|"]
    for place, (index, (low, high)) in enumerate(zip(channels["map"], channels["windows"], strict=True)):
        name = f" ({cell(names[index])})" if names else ""
        lines.append(f"| {place} | {index}{name} | {low:g} | {high:g} |")
    luma = "\n\nOf the three their luma is taken: 0.299 R + 0.587 G + 0.114 B." if channels.get("luma") else ""
    return "\n".join(lines) + luma


def _window(window: list[int] | None) -> str:
    if window is None:
        return " Scale 16-bit pixels linearly from 0…65535 to 0…255."
    low, high = window
    return f" Scale 16-bit pixels linearly so that {low} becomes 0 and {high} becomes 255, clip, and round."


def cell(text: str) -> str:
    """Keep a name from breaking the table or becoming markup."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>|#" else c for c in text)
