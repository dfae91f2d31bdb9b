"""What a run decided once, when it began, and keeps to when it goes on: ``runs/ID/run.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from core.backbones.table import BackboneSpec
from core.errors import UserError
from core.images.formats import Raw
from core.images.intensity import Window, estimate_window
from core.images.preprocess import Preprocess
from core.images.reader import ImageReader
from core.paths import atomic_write
from core.store.project import Project
from core.store.samples import samples_by_id
from core.store.sources import sources
from core.training.config import TrainConfig
from core.training.dataset import Dataset

_NAME: Final = "run.json"
_LOOKED_AT: Final = 512
_MEASURED: Final = 48


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


def choose_preprocess(project: Project, dataset: Dataset, config: TrainConfig, spec: BackboneSpec) -> Preprocess:
    """Return the preprocess of a run: the backbone's normalisation, and one intensity window for 16-bit images."""
    window = _window(project, dataset, config.seed)
    return Preprocess(config.size, config.resize, spec.mean, spec.std, window)


def _window(project: Project, dataset: Dataset, seed: int) -> Window | None:
    """Estimate the window from some 16-bit images; None where there is none among many looked at."""
    ids = np.random.default_rng(seed).permutation(dataset.table.ids)[:_LOOKED_AT]
    deep = [sample for sample in samples_by_id(project, ids) if sample.bit_depth > 8][:_MEASURED]
    if not deep:
        return None
    reader = ImageReader(sources(project))
    raws: list[Raw] = []
    for sample in deep:
        try:
            raws.append(reader.raw(sample.source_id, sample.path))
        except UserError:  # it is reported, with its reason, where all images are read
            continue
    return estimate_window(raws)
