"""What the user may name as a model: a kit, an `.onnx`, or a run of a project."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from core.domain.runs import Run
from core.errors import UserError
from core.kit.layout import is_kit
from core.paths import disk_errors, user_cache_dir
from core.progress import Progress
from core.store.labels import labels
from core.store.project import Project
from core.store.runs import get_run, run_dir
from core.version import VERSION


def resolve_model(text: str, *, progress: Progress | None = None) -> Path:
    """Return the kit folder or `.onnx` file that `text` names.

    A run, written ``PROJECT:RUN``, is exported into the project's cache first, once.

    Raises
    ------
    UserError
        ``model_missing``, or as opening the project and exporting the run.
    """
    path = Path(text)
    if path.exists():
        return path
    head, _, tail = text.rpartition(":")
    if tail.isdecimal() and len(head) > 1:  # one letter before the colon is a drive of Windows
        with Project.open(Path(head), read_only=True) as project:
            return exported_run(project, int(tail), progress=progress)
    raise UserError("model_missing", path=text)


def exported_run(project: Project, run_id: int, *, progress: Progress | None = None) -> Path:
    """Return a kit of the run in a cache, exported now if it is not there yet.

    The cache is the project's, or the user's where the project cannot be written.

    Raises
    ------
    UserError
        ``project_read_only`` where neither can be, ``disk_full``, or as `core.export.exporter.export_run`.
    """
    directory = cached_kit(project, run_id)
    if is_kit(directory):
        return directory
    if not _writable(directory.parent):
        owner = hashlib.blake2b(os.fsencode(project.root.resolve()), digest_size=8).hexdigest()
        directory = user_cache_dir() / "kits" / owner / directory.name
        if is_kit(directory):
            return directory
    from core.export.exporter import export_run

    with disk_errors(directory.parent):
        directory.parent.mkdir(parents=True, exist_ok=True)
    export_run(project, run_id, directory, progress=progress)
    for outdated in directory.parent.glob(f"{run_id:04d}-*"):
        if outdated != directory:
            shutil.rmtree(outdated, ignore_errors=True)
    return directory


def _writable(folder: Path) -> bool:
    """Return whether files can be made in `folder`, which is made if need be; tried, as permissions do not tell."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def cached_kit(project: Project, run_id: int) -> Path:
    """Return where the kit of the run is in the cache, or would be; raises `UserError` ``run_missing``."""
    return project.cache_dir / "kits" / f"{run_id:04d}-{_fingerprint(project, get_run(project, run_id))}"


def _fingerprint(project: Project, run: Run) -> str:
    """Return what changes whenever another kit would come out: the run's files, the labels, the version."""
    looks = [(label.name, label.colour) for label in labels(project)]
    digest = hashlib.blake2b(f"{VERSION} {run.config} {looks}".encode(), digest_size=8)
    folder = run_dir(project, run.id)
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_file():
            status = path.stat()
            digest.update(f"{path.relative_to(folder)} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()
