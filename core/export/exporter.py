"""From a run of a project to a kit that another team can use, with its proof.

One thing must stay true: what is exported is what was judged. Network, preprocess and temperature come from the run's
best checkpoint, and nothing is written that did not answer like it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.runs import USABLE, Run
from core.domain.samples import SPLIT_CODES, Split
from core.errors import UserError
from core.kit import layout
from core.kit.metadata import KitLabel, KitMetadata
from core.kit.proof import Proof
from core.progress import Progress
from core.store.project import Project
from core.store.runs import get_run
from core.translation import mark
from core.version import VERSION

if TYPE_CHECKING:
    from core.training.checkpoint import TrainedModel


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was exported.

    Attributes
    ----------
    dir
        The kit.
    model
        The model's file name in it.
    precision
        ``fp32`` or ``fp16``.
    bytes
        Size of the model's file.
    proof
        What was compared.
    """

    dir: Path
    model: str
    precision: str
    bytes: int
    proof: Proof


def export_run(
    project: Project,
    run_id: int,
    directory: Path,
    *,
    precision: str = "fp32",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ExportReport:
    """Export a run's best model to `directory`: a complete, proven kit, or nothing.

    Parameters
    ----------
    precision
        ``fp32``, or ``fp16`` for the network's weights and arithmetic.
    overwrite
        Whether a kit that is there may be replaced; nothing else ever is.

    Raises
    ------
    UserError
        ``run_missing``, ``export_run_unfinished``, ``export_precision``, ``export_no_images``, ``export_unproven``,
        ``export_kit_exists``, ``export_target_exists``, ``export_parent_missing``, ``disk_full``.
    Cancelled
        Where the user stopped it.
    """
    progress = progress or Progress()
    # Everything that can be wrong with the request is said before anything takes long.
    layout.check_target(directory, overwrite=overwrite)
    run = get_run(project, run_id)
    if run.state not in USABLE:
        raise UserError("export_run_unfinished", run=run_id, state=run.state.value)
    progress.begin(mark("Loading the model"))
    from core.export.kit_writer import Subject, check_precision, write_kit
    from core.export.proof_images import ProofImages
    from core.training.checkpoint import load_trained

    check_precision(precision)
    trained = load_trained(project, run_id)
    images = ProofImages(project, trained.preprocess.window)
    metadata = describe(project, run, trained, precision)
    network = trained.classifier.to("cpu").float().eval()
    proof = write_kit(Subject(network, metadata), images, directory, overwrite=overwrite, progress=progress)
    size = (directory / layout.MODEL).stat().st_size
    return ExportReport(directory, layout.MODEL, precision, size, proof)


def describe(project: Project, run: Run, trained: TrainedModel, precision: str) -> KitMetadata:
    """Return what the kit says about the run's model."""
    return KitMetadata(
        version=VERSION,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        project=project.name,
        run=run.id,
        backbone=run.backbone,
        precision=precision,
        size=trained.preprocess.size,
        labels=tuple(KitLabel(name=x.name, colour=x.colour, glyph=x.glyph) for x in trained.labels),
        preprocess=trained.preprocess.to_json(),
        temperature=float(trained.temperature),
        metrics=_metrics(project, run.id, float(trained.temperature)),
    )


def _metrics(project: Project, run_id: int, temperature: float) -> dict[str, Any]:
    """Return, per split that was predicted, n, groups and every metric with its interval."""
    from core.evaluation.calibration import softmax
    from core.evaluation.intervals import evaluate
    from core.training.predictions import read_predictions

    found = read_predictions(project, run_id)
    metrics: dict[str, Any] = {}
    for split in (Split.TEST, Split.VAL):
        rows = found.splits == SPLIT_CODES[split]
        if rows.any():
            probabilities = softmax(found.logits[rows], temperature)
            judged = evaluate(probabilities, found.y[rows], found.groups[rows]).to_json()
            metrics[split.value] = {key: judged[key] for key in ("n", "groups", "metrics")}
    return metrics
