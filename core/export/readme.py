"""The page for whoever receives a kit: what the model is, how good it is, and how to call it."""

from __future__ import annotations

from typing import Any, Final

from core.export.readme_input import cell, input_texts
from core.export.readme_output import output_texts, with_decision
from core.kit.metadata import KitMetadata
from core.kit.proof import Proof

# Those of one label an image and those of many; a model has the ones of its kind.
_METRICS: Final = (
    "macro_f1",
    "micro_f1",
    "mean_average_precision",
    "exact_match",
    "balanced_accuracy",
    "accuracy",
    "ece",
)
_PAGE: Final = """# {title}

An image classifier exported by Coverslip {version} on {created}.

| | |
|---|---|
| Labels | {labels} |
| Backbone | {backbone}, run {run}{project} |
| Input | `images`: {dtype}, shape (N, H, W, {channels}){kind}, any height and width; one size in a call |
| Output | `probabilities` and `logits`: float32, shape (N, {k}), columns in the order of `labels.txt` |
| Precision | {precision} |
| Proof | {n} real images: {equal} get {what} that PyTorch gives, no probability differs by more than {dp:.1e} |

Give it the decoded pixels as they are: no resizing, no scaling, no normalising. All of that happens inside the model,
in the way it was trained with ({resize}, {size} × {size}). {before}

{reading}

## Quality

{quality}

Intervals are 95 %, by resampling whole groups (patients, slides, plates). They say how well the model does on images
like those it was tested on. {limits}

## In Python

{python}

## In C++, C#, Java, Rust…

ONNX Runtime 1.18 or newer, operator set 20, standard operators only, one file.

- Input `images`: {tensor}
- Outputs `probabilities` and `logits`: `FLOAT`, dimensions {{N, {k}}}.
- On CUDA set `use_tf32` to 0, or answers differ in the third decimal.
- The labels and everything else are in the file's metadata too: `labels` (JSON), `names`, `coverslip` (JSON).

## Is it intact?

`golden/` holds real images and, in `golden/expected.npz` (arrays `files`, `probabilities`, `logits`), what the model
must answer to them. `proof.json` has the SHA-256 of every file. `coverslip verify FOLDER` checks both, anywhere; the
loop above over `golden/*{suffix}` does it without Coverslip. Probabilities must agree within {tolerance:.0e}; {ties}
"""


def readme(metadata: KitMetadata, proof: Proof) -> str:
    """Return the page (Markdown, English)."""
    preprocess, texts = metadata.preprocess, input_texts(metadata)
    texts["python"] = with_decision(texts["python"], metadata)
    return _PAGE.format(
        title=metadata.project or "Image classifier",
        version=metadata.version,
        created=metadata.created,
        labels=", ".join(cell(name) for name in metadata.label_names),
        backbone=metadata.backbone,
        run=metadata.run,
        project=f" of project {cell(metadata.project)}" if metadata.project else "",
        k=len(metadata.labels),
        precision=metadata.precision,
        n=proof.n,
        equal=proof.argmax_equal,
        dp=proof.max_abs_dp,
        resize=preprocess["resize"],
        size=metadata.size,
        **texts,
        **output_texts(metadata, proof.tie_margin),
        quality=_quality(metadata.metrics),
        tolerance=proof.tolerance,
    )


def _quality(metrics: dict[str, Any]) -> str:
    lines = [
        "| images | metric | value | 95 % interval |",
        "|---|---|---|---|",
    ]
    for split, found in metrics.items():
        for name in _METRICS:
            metric = found.get("metrics", {}).get(name)
            if metric is not None and metric["value"] is not None:
                where = f"{split}: {found['n']} in {found['groups']} groups"
                lines.append(f"| {where} | {name} | {metric['value']:.3f} | {_interval(metric)} |")
    return "\n".join(lines) if len(lines) > 2 else "Not measured: the project has no test split."


def _interval(metric: dict[str, float | None]) -> str:
    low, high = metric["low"], metric["high"]
    return "unknown" if low is None or high is None else f"{low:.3f} – {high:.3f}"
