"""What a run decided once, when it began, and keeps to when it goes on: ``runs/ID/run.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.backbones.table import BackboneSpec
from core.errors import UserError
from core.images.channels import repeated
from core.images.preprocess import Preprocess
from core.paths import atomic_write
from core.progress import Progress
from core.store.project import Project
from core.training.channel_choice import choose_channels
from core.training.config import TrainConfig
from core.training.dataset import Dataset

_NAME: Final = "run.json"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How images become network inputs, and how tensors are laid out (which decides the last bits of a result)."""

    preprocess: Preprocess
    channels_last: bool


def keep_facts(folder: Path, facts: RunFacts) -> None:
    """Write the facts of a run."""
    values = {"preprocess": facts.preprocess.to_json(), "channels_last": facts.channels_last}
    with atomic_write(folder / _NAME) as part:
        part.write_text(json.dumps(values), encoding="utf-8")


def kept_facts(folder: Path, run_id: int) -> RunFacts | None:
    """Read the facts of a run, or None where it had not come so far; raises `UserError` ``run_damaged``."""
    path = folder / _NAME
    if not path.is_file():
        return None
    try:
        values = json.loads(path.read_bytes())
        return RunFacts(Preprocess.from_json(values["preprocess"]), bool(values["channels_last"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UserError("run_damaged", path=_NAME, run=run_id, reason=str(error)) from error


def choose_preprocess(
    project: Project, dataset: Dataset, config: TrainConfig, spec: BackboneSpec, progress: Progress | None = None
) -> Preprocess:
    """Return the preprocess of a run: the backbone's normalisation, and the channels and windows of the data set.

    Raises
    ------
    UserError
        As `core.training.channel_choice.choose_channels`.
    """
    channels = choose_channels(project, dataset, config, progress)
    width = channels.width if channels else 3
    mean, std = repeated(spec.mean, width), repeated(spec.std, width)
    return Preprocess(config.size, config.resize, mean, std, channels=channels)
