"""Taking one case through the real thing, and telling what became of it, what it cost, and what it left behind."""

from __future__ import annotations

import io
import json
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from core.cli.main import main
from core.domain.query_line import parse_query
from core.error_texts.table import ERROR_TEXTS
from core.errors import UnreadableImage, UserError
from core.images.deep import open_sample
from core.images.reader import ImageReader
from core.images.thumbnails import thumbnail
from core.inference.folder import predict_source
from core.inference.predictor import Predictor
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.store.sources import sources
from core.translation import tr
from tests.integration.hostile.case import Case, Given, Place

_LOOKED_AT = 6

Step = dict[str, Any]


class Predicting:
    """A predictor, opened when it is first needed."""

    def __init__(self, kit: Path) -> None:
        self.kit = kit
        self._open: Predictor | None = None

    def predict(self, source: Path | str) -> list[str]:
        """Return what is wrong with each image."""
        self._open = self._open or Predictor.open(self.kit)
        table = predict_source(self._open, source, workers=2, network=True)
        return [error or "" for error in table.errors]


def run_case(case: Case, folder: Path, predicting: Predicting) -> dict[str, Any]:
    """Make a case in an empty folder and take it through everything; JSON."""
    root = folder / "root"
    root.mkdir(parents=True)
    place = Place(root, folder / "trap", predicting.kit)
    steps: dict[str, Step] = {}
    with place.stack:
        given = case.make(place) or Given(root)
        project = folder / "p.coverslip"
        _command(["new", str(project)])
        if given.command:
            with _step(steps, "command") as found:
                found |= _command(given.command)
        if given.source is not None:
            _import(given, project, steps, predicting)
    return {"id": case.id, "steps": steps, "trap": place.trap.exists()}


def _import(given: Given, project: Path, steps: dict[str, Step], predicting: Predicting) -> None:
    words = ["import", str(project), str(given.source), *given.options]
    with _step(steps, "preview") as found:
        found |= _command([*words, "--preview"])
    with _step(steps, "import") as found:
        found |= _command(words)
    with _step(steps, "look") as found:
        found["seen"] = _look(project)
    with _step(steps, "predict") as found:
        found["errors"] = _refusal(lambda: predicting.predict(str(given.source)))


@contextmanager
def _step(steps: dict[str, Step], name: str) -> Iterator[Step]:
    found: Step = {}
    before = time.process_time()
    try:
        yield found
    except Exception:  # noqa: BLE001  # whatever comes through here is what the corpus is for: the test tells it
        found["bug"] = traceback.format_exc()
    found["cpu_s"] = time.process_time() - before
    steps[name] = found


def _command(words: list[str] | tuple[str, ...]) -> Step:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([*words, "--json"])
    try:
        told = json.loads(out.getvalue())
    except ValueError:
        told = {}
    step: Step = {"exit": code}
    if code not in (0, 1) or not told:
        step["bug"] = f"exit code {code}: {out.getvalue()[-500:]}{err.getvalue()[-3000:]}"
    if "error" in told:
        step["refused"], step["message"] = told["error"]["code"], told["error"]["message"]
    codes = _codes()
    for key in ("unreadable", "skipped"):
        step[key] = [codes.get(row["reason"], row["reason"]) for row in told.get(key, [])]
    return step | {key: told[key] for key in ("added", "known", "images", "ok") if key in told}


def _codes() -> dict[str, str]:
    return {tr(text): code for code, text in ERROR_TEXTS.items()}


def _look(project: Path) -> list[list[str]]:
    """Look at the first samples as the window does; for each what its thumbnail, header and loupe gave."""
    with Project.open(project) as opened:
        reader = ImageReader(sources(opened))
        ids = sample_ids(opened, parse_query("is:any"))
        found = []
        for sample in samples_by_id(opened, ids[:_LOOKED_AT]):
            where = (sample.source_id, sample.path)
            found.append(
                [
                    "recorded" if sample.problem else "sound",
                    _seen(lambda where=where: thumbnail(reader, *where, 64)),
                    _seen(lambda where=where: reader.info(*where)),
                    _seen(lambda where=where: open_sample(reader, *where).source),
                ]
            )
        return found


def _seen(look: Callable[[], object]) -> str:
    try:
        seen = look()
    except UnreadableImage as error:
        return error.code
    if isinstance(seen, np.ndarray):
        assert seen.ndim == 3
        assert seen.dtype == np.uint8
    return "ok"


def _refusal(do: Callable[[], list[str]]) -> list[str] | str:
    try:
        return do()
    except UserError as error:
        assert error.message
        return error.code
