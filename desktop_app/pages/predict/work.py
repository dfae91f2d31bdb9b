"""The prediction itself, as a job does it, on a thread of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.progress import Progress
from core.translation import mark
from desktop_app.pages.predict.results import ResultIndex, Results

if TYPE_CHECKING:
    from core.store.project import Project


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that can be asked: a run of the open project, or a kit or `.onnx` at `path`."""

    title: str
    run_id: int | None = None
    path: Path | None = None

    @property
    def key(self) -> str:
        """What tells it from every other."""
        return f"run:{self.run_id}" if self.run_id is not None else f"file:{self.path}"


def predict(model: ModelChoice, project: Project | None, source: Path, progress: Progress) -> Results:
    """Ask `model` about every image of `source`; a run is exported first, once.

    Raises
    ------
    UserError
        As `core.export.resolve.exported_run`, `Predictor.open` and `predict_source`.
    """
    from core.images.display import display_of
    from core.inference.folder import predict_source
    from core.inference.predictor import Predictor

    path = _kit_of(model, project, progress)
    progress.begin(mark("Opening the model"))
    predictor = Predictor.open(path)
    channels = predictor.preprocess.channels
    started = time.monotonic()
    table = predict_source(predictor, source, progress=progress)
    return Results(
        table=table,
        index=ResultIndex(table),
        model=model.title,
        of_run=model.run_id is not None,
        source=str(source),
        labels=predictor.metadata.labels,
        provider=predictor.provider,
        window=predictor.preprocess.window,
        display=display_of(channels) if channels is not None else None,
        seconds=time.monotonic() - started,
    )


def _kit_of(model: ModelChoice, project: Project | None, progress: Progress) -> Path:
    if model.run_id is not None and project is not None:
        from core.export.resolve import exported_run

        return exported_run(project, model.run_id, progress=progress)
    assert model.path is not None
    return model.path
