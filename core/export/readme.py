"""The page for whoever receives a kit: what the model is, how good it is, and how to call it."""

from __future__ import annotations

from typing import Any, Final

from core.kit.metadata import KitMetadata
from core.kit.proof import Proof

_PAGE: Final = """# {title}

An image classifier exported by Coverslip {version} on {created}.

| | |
|---|---|
| Labels | {labels} |
| Backbone | {backbone}, run {run}{project} |
| Input | `images`: uint8, shape (N, H, W, 3), RGB, any height and width; all images of one call have the same size |
| Output | `probabilities` and `logits`: float32, shape (N, {k}), columns in the order of `labels.txt` |
| Precision | {precision} |
| Proof | {n} real images: {equal} get the label that PyTorch gives, no probability differs by more than {dp:.1e} |

Give it the decoded pixels as they are: no resizing, no scaling, no normalising. All of that happens inside the model,
in the way it was trained with ({resize}, {size} × {size}). Turn images the right way up (EXIF) before, put transparent
ones on white, and repeat grey in the three channels.{window}

The probabilities are calibrated (temperature {temperature:.4g}) and sum to 1. Decide on a threshold below which nobody
should trust the answer, and have a person look at those images.

## Quality

{quality}

Intervals are 95 %, by resampling whole groups (patients, slides, plates). They say how well the model does on images
like those it was tested on. It always answers with one of its labels, also for an image that shows none of them.

## In Python

Needs `onnxruntime`, `numpy` and `pillow`. For 8-bit images: 16-bit ones must be scaled to 8 bits first, as said above,
with the `window` in `preprocess` of `metadata.json`; Pillow's own conversion gives other pixels.

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
    probabilities = session.run(["probabilities"], {{"images": pixels}})[0][0]
    best = int(probabilities.argmax())
    print(path, labels[best], f"{{probabilities[best]:.3f}}")
```

## In C++, C#, Java, Rust…

ONNX Runtime 1.18 or newer, operator set 20, standard operators only, one file.

- Input `images`: `ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8`, dimensions {{N, H, W, 3}}, contiguous, rows from the top,
  pixels interleaved R, G, B. That is an OpenCV `cv::Mat` of type `CV_8UC3` after `cv::cvtColor(…, cv::COLOR_BGR2RGB)`,
  or a decoded image buffer without row padding: hand over its pointer with `Ort::Value::CreateTensor<uint8_t>`.
- Outputs `probabilities` and `logits`: `FLOAT`, dimensions {{N, {k}}}.
- On CUDA set `use_tf32` to 0, or answers differ in the third decimal.
- The labels and everything else are in the file's metadata too: `labels` (JSON), `names`, `coverslip` (JSON).

## Is it intact?

`golden/` holds real images and, in `golden/expected.npz` (arrays `files`, `probabilities`, `logits`), what the model
must answer to them. `proof.json` has the SHA-256 of every file. `coverslip verify FOLDER` checks both, anywhere; the
loop above over `golden/*.png` does it without Coverslip. Probabilities must agree within {tolerance:.0e}; where two
labels are no further apart than {tie:.0e}, either may come first.
"""


def readme(metadata: KitMetadata, proof: Proof) -> str:
    """Return the page (Markdown, English)."""
    preprocess = metadata.preprocess
    return _PAGE.format(
        title=metadata.project or "Image classifier",
        version=metadata.version,
        created=metadata.created,
        labels=", ".join(_cell(name) for name in metadata.label_names),
        backbone=metadata.backbone,
        run=metadata.run,
        project=f" of project {_cell(metadata.project)}" if metadata.project else "",
        k=len(metadata.labels),
        precision=metadata.precision,
        n=proof.n,
        equal=proof.argmax_equal,
        dp=proof.max_abs_dp,
        resize=preprocess["resize"],
        size=metadata.size,
        window=_window(preprocess.get("window")),
        temperature=metadata.temperature,
        quality=_quality(metadata.metrics),
        tolerance=proof.tolerance,
        tie=proof.tie_margin,
    )


def _window(window: list[int] | None) -> str:
    if window is None:
        return " Scale 16-bit pixels linearly from 0…65535 to 0…255."
    low, high = window
    return f" Scale 16-bit pixels linearly so that {low} becomes 0 and {high} becomes 255, clip, and round."


def _quality(metrics: dict[str, Any]) -> str:
    lines = [
        "| images | metric | value | 95 % interval |",
        "|---|---|---|---|",
    ]
    for split, found in metrics.items():
        for name in ("macro_f1", "balanced_accuracy", "accuracy", "ece"):
            metric = found.get("metrics", {}).get(name)
            if metric is not None and metric["value"] is not None:
                where = f"{split}: {found['n']} in {found['groups']} groups"
                lines.append(f"| {where} | {name} | {metric['value']:.3f} | {_interval(metric)} |")
    return "\n".join(lines) if len(lines) > 2 else "Not measured: the project has no test split."


def _interval(metric: dict[str, float | None]) -> str:
    low, high = metric["low"], metric["high"]
    return "unknown" if low is None or high is None else f"{low:.3f} – {high:.3f}"


def _cell(text: str) -> str:
    """Keep a name from breaking the table or becoming markup."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>|#" else c for c in text)
