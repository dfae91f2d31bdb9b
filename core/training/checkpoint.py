"""The checkpoints of a run: ``best.safetensors``, ``last.pt`` and, when it has ended, ``model.json``.

Each is written whole or not at all, and the best before the last that counts on it: killed at any moment, a run has
two checkpoints that fit together. Nothing is ever unpickled: only tensors and plain numbers are read.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from core.backbones.classifier import Classifier, build_classifier
from core.backbones.table import get_backbone
from core.domain.labels import Label
from core.domain.runs import USABLE
from core.errors import UserError
from core.evaluation.readout import Readout
from core.images.preprocess import Preprocess
from core.paths import atomic_write
from core.store.project import Project
from core.store.runs import get_run, run_dir
from core.training.config import TrainConfig
from core.training.events import EpochScores
from core.training.snapshot import Best, Place, Snapshot

_BEST: Final = "best.safetensors"
_LAST: Final = "last.pt"
_MODEL: Final = "model.json"


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """The best model of a run that has ended.

    Attributes
    ----------
    classifier
        In evaluation mode, on the CPU.
    labels
        The K labels in the order of its logits, as they were when it was trained.
    readout
        How its logits are read: as one label an image or many, calibrated, with which thresholds.
    """

    classifier: Classifier
    labels: tuple[Label, ...]
    preprocess: Preprocess
    readout: Readout
    config: TrainConfig


class FileKeeper:
    """Keeps the checkpoints of a run in its folder (a `Keeper`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep_best(self, best: Best) -> None:
        """Write ``best.safetensors``; raises `UserError` ``disk_full``."""
        tensors = {name: tensor.contiguous() for name, tensor in best.weights.items()}
        about = {"epoch": str(best.epoch), "val": json.dumps(asdict(best.val))}
        _write(self._folder / _BEST, safetensors.torch.save(tensors, about))

    def keep_last(self, snapshot: Snapshot) -> None:
        """Write ``last.pt``; raises `UserError` ``disk_full``."""
        values = {
            "place": asdict(snapshot.place),
            "model": dict(snapshot.model),
            "optimiser": dict(snapshot.optimiser),
            "scaler": dict(snapshot.scaler),
            "tally": dict(snapshot.tally),
        }
        # Through memory: torch turns a full disk into an error of its own kind when it writes the file itself.
        buffer = io.BytesIO()
        torch.save(values, buffer)
        _write(self._folder / _LAST, buffer.getbuffer())

    def forget_last(self) -> None:
        """Delete ``last.pt``: three times the size of the model, and of no use once the run has ended."""
        with suppress(OSError):
            (self._folder / _LAST).unlink()


def read_checkpoints(folder: Path, run_id: int) -> tuple[Best, Snapshot | None] | None:
    """Return the best and the last of a run; None where it had not come so far.

    Raises
    ------
    UserError
        ``run_damaged`` where a file is there and cannot be read.
    """
    if not (folder / _BEST).is_file():
        return None
    best = _read_best(folder / _BEST, run_id)
    return best, _read_last(folder / _LAST, run_id) if (folder / _LAST).is_file() else None


def write_model(folder: Path, labels: tuple[Label, ...], preprocess: Preprocess, readout: Readout) -> None:
    """Write what belongs to the best weights to make them a model."""
    values = {
        "labels": [asdict(label) for label in labels],
        "preprocess": preprocess.to_json(),
        **readout.to_json(),
    }
    _write(folder / _MODEL, json.dumps(values, ensure_ascii=False, indent=1).encode())


def load_trained(project: Project, run_id: int) -> TrainedModel:
    """Load the best model of a run.

    Raises
    ------
    UserError
        ``run_missing``; ``run_not_usable`` where it has not ended; ``run_damaged``.
    """
    run = get_run(project, run_id)
    folder = run_dir(project, run_id)
    if run.state not in USABLE:
        raise UserError("run_not_usable", run=run_id, state=run.state.value)
    config = TrainConfig.from_json(run.config)
    best = _read_best(folder / _BEST, run_id)
    try:
        values = json.loads((folder / _MODEL).read_bytes())
        labels = tuple(Label(**label) for label in values["labels"])
        preprocess, readout = Preprocess.from_json(values["preprocess"]), Readout.from_json(values)
        spec = get_backbone(config.backbone)
        classifier = build_classifier(spec, len(labels), None, channels=preprocess.width)
        classifier.load_state_dict(dict(best.weights))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise UserError("run_damaged", path=_MODEL, run=run_id, reason=_first_line(error)) from error
    return TrainedModel(classifier.eval(), labels, preprocess, readout, config)


def _read_best(path: Path, run_id: int) -> Best:
    try:
        with safe_open(str(path), framework="pt") as file:
            about: Mapping[str, str] = file.metadata() or {}
            weights: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return Best(int(about["epoch"]), EpochScores(**json.loads(about["val"])), weights)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise UserError("run_damaged", path=path.name, run=run_id, reason=_first_line(error)) from error


def _read_last(path: Path, run_id: int) -> Snapshot:
    try:
        values: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        place = values.pop("place")
        return Snapshot(Place(**{**place, "score": tuple(place["score"])}), **values)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, EOFError, UnpicklingError) as error:
        raise UserError("run_damaged", path=path.name, run=run_id, reason=_first_line(error)) from error


def _write(path: Path, content: bytes | memoryview) -> None:
    with atomic_write(path) as part, part.open("wb") as file:
        file.write(content)


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
