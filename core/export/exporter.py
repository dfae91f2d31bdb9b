"""From a run of a project to a kit that another team can use, with its proof.

One thing must stay true: what is exported is what was judged. Network, preprocess and calibration come from the run's
best checkpoint, and nothing is written that did not answer like it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.runs import USABLE, Run
from core.domain.samples import Split
from core.errors import UserError
from core.kit import layout
from core.kit.metadata import FIRST_FORMAT, FORMAT, KitLabel, KitMetadata, input_facts
from core.kit.proof import Proof
from core.progress import Progress
from core.store.labels import labels
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
        ``run_missing``, ``run_not_usable``, ``run_damaged``, ``export_precision``, ``export_no_images``,
        ``export_unproven``, ``disk_full``, or as `core.kit.layout.check_target`.
    Cancelled
        Where the user stopped it.
    """
    progress = progress or Progress()
    # Everything that can be wrong with the request is said before anything takes long.
    layout.check_target(directory, overwrite=overwrite)
    run = get_run(project, run_id)
    if run.state not in USABLE:
        raise UserError("run_not_usable", run=run_id, state=run.state.value)
    progress.begin(mark("Loading the model"))
    from core.export.kit_writer import Subject, check_precision, write_kit
    from core.export.proof_images import ProofImages
    from core.training.checkpoint import load_trained

    check_precision(precision)
    trained = load_trained(project, run_id)
    images = ProofImages(project, trained.preprocess)
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
        labels=present_labels(project, trained),
        preprocess=trained.preprocess.to_json(),
        **input_facts(trained.preprocess),
        format=FORMAT if trained.readout.multi or trained.preprocess.channels else FIRST_FORMAT,
        task=trained.readout.task,
        temperature=trained.readout.temperature,
        slopes=trained.readout.slopes,
        offsets=trained.readout.offsets,
        thresholds=trained.readout.thresholds,
        metrics=_metrics(project, run.id),
    )


def present_labels(project: Project, trained: TrainedModel) -> tuple[KitLabel, ...]:
    """Return the run's labels, in its order, under the names and colours they have in the project now."""
    known = {label.id: label for label in labels(project)}
    shown = [known.get(label.id, label) for label in trained.labels]
    return tuple(KitLabel(name=label.name, colour=label.colour, glyph=label.glyph) for label in shown)


def _metrics(project: Project, run_id: int) -> dict[str, Any]:
    """Return, per split, n, groups and every metric with its interval; nothing where nothing can be judged."""
    from core.training.judge import judge_run

    metrics: dict[str, Any] = {}
    for split in (Split.TEST, Split.VAL):
        try:
            judged = judge_run(project, run_id, split).evaluation.to_json()
        except UserError:
            continue  # a split without images that can judge: the page then says less
        metrics[split.value] = {key: judged[key] for key in ("n", "groups", "metrics")}
    return metrics
