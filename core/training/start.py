"""The beginning of a run: everything is checked and settled before its row is made."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import torch

from core.backbones.classifier import Classifier, build_classifier
from core.backbones.device import Device, DeviceKind, likes_channels_last, pick_device
from core.backbones.measure import tuned
from core.backbones.table import BackboneSpec, get_backbone
from core.backbones.weights import load_weights
from core.domain.runs import RESUMABLE, Run
from core.errors import UserError
from core.paths import atomic_write, user_cache_dir
from core.progress import Progress
from core.store.project import Project
from core.store.runs import create_run, get_run, run_dir
from core.training.background import told
from core.training.config import Precision, Strategy, TrainConfig
from core.training.control import TrainControl
from core.training.dataset import Dataset, check_sources, choose_dataset, kept_dataset
from core.training.events import Notice, Preparing
from core.training.facts import RunFacts, choose_preprocess, keep_facts, kept_facts
from core.training.soft import with_soft_labels
from core.translation import mark

_PRECISIONS: Final = {Precision.FP32: None, Precision.BF16: torch.bfloat16, Precision.FP16: torch.float16}


@dataclass(frozen=True, slots=True)
class Start:
    """A run that can begin.

    Attributes
    ----------
    resumed
        Whether it has begun before.
    model
        The pretrained network with a fresh head.
    notices
        What the user should know before it begins.
    """

    run: Run
    folder: Path
    resumed: bool
    config: TrainConfig
    dataset: Dataset
    facts: RunFacts
    device: Device
    model: Classifier
    notices: list[Notice]


def start_run(
    project: Project,
    config: TrainConfig,
    control: TrainControl,
    *,
    resume: int | None,
    allow_download: bool,
    spare_core: bool,
) -> Generator[Preparing, None, Start]:
    """Settle the device, the weights and the images of a run, and enter it if it is new; see `train`."""
    old = _resumable(project, resume) if resume is not None else None
    config = TrainConfig.from_json(old.config) if old else config
    spec = get_backbone(config.backbone)
    device = pick_device(config.device.value, spare_core=spare_core)
    if device.kind is not DeviceKind.CPU and config.strategy is not Strategy.HEAD:
        device = tuned(device, spec, user_cache_dir())
    weights = yield from told(partial(_fetch_weights, spec, allow_download), control)
    dataset, notices = _dataset(project, config, old)
    facts = _facts(project, dataset, config, spec, device, old)
    channels = facts.preprocess.width
    model = build_classifier(spec, len(dataset.labels), weights, config.seed, dropout=config.dropout, channels=channels)
    run = old or create_run(project, spec.name, config.to_json())
    folder = run_dir(project, run.id)
    folder.mkdir(parents=True, exist_ok=True)
    keep_facts(folder, facts)
    with atomic_write(folder / "config.json") as part:
        part.write_text(config.model_dump_json(indent=1), encoding="utf-8")
    device = _as_configured(device, config, facts)
    return Start(run, folder, old is not None, config, dataset, facts, device, model, notices)


def _resumable(project: Project, run_id: int) -> Run:
    run = get_run(project, run_id)
    if run.state not in RESUMABLE:
        raise UserError("run_not_resumable", run=run_id, state=run.state.value)
    return run


def _fetch_weights(spec: BackboneSpec, allow_download: bool, progress: Progress) -> dict[str, torch.Tensor]:
    progress.begin(mark("Loading the network"))
    return load_weights(spec, user_cache_dir(), allow_download=allow_download, progress=progress)


def _dataset(project: Project, config: TrainConfig, old: Run | None) -> tuple[Dataset, list[Notice]]:
    kept = kept_dataset(project, old.id) if old else None
    if kept is None:
        dataset, notices = choose_dataset(project)
        return with_soft_labels(project, dataset) if config.soft_labels else dataset, notices
    check_sources(project, kept)
    return kept, []


def _facts(
    project: Project, dataset: Dataset, config: TrainConfig, spec: BackboneSpec, device: Device, old: Run | None
) -> RunFacts:
    kept = kept_facts(run_dir(project, old.id), old.id) if old else None
    if kept is not None:
        return kept
    # Measuring gives the same on CPUs (see core.backbones.measure), and guessing takes no time.
    channels_last = likes_channels_last(spec) if device.kind is DeviceKind.CPU else device.channels_last
    return RunFacts(choose_preprocess(project, dataset, config, spec), channels_last)


def _as_configured(device: Device, config: TrainConfig, facts: RunFacts) -> Device:
    device = replace(device, channels_last=facts.channels_last)
    if config.precision is Precision.AUTO:
        return device
    return replace(device, precision=_PRECISIONS[config.precision])
