"""The files of a kit: what another team receives.

    model.onnx      raw uint8 RGB in, probabilities and logits out
    metadata.json   what the model says about itself (it is inside model.onnx too)
    labels.txt      one label a line, in the order of the outputs
    golden/         real images with the answers they must give (expected.npz)
    proof.json      what was compared before the kit was written, and the SHA-256 of every file
    README.md       for whoever receives it

One thing must stay true: a folder that carries its final name is complete. A kit is written beside its place and
renamed into it.
"""

from __future__ import annotations

import glob
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.paths import disk_errors

MODEL: Final = "model.onnx"
METADATA: Final = "metadata.json"
LABELS: Final = "labels.txt"
PROOF: Final = "proof.json"
README: Final = "README.md"
GOLDEN: Final = "golden"
EXPECTED: Final = "golden/expected.npz"
_ABANDONED_S: Final = 24 * 3600.0
REQUIRED: Final = (MODEL, METADATA, LABELS, PROOF, EXPECTED)


def is_kit(directory: Path) -> bool:
    """Return whether `directory` looks like a kit, complete or damaged."""
    return directory.is_dir() and (directory / MODEL).is_file() and (directory / METADATA).is_file()


def check_complete(directory: Path) -> None:
    """Raise `UserError` where `directory` is no kit, or lacks one of its files."""
    if not directory.is_dir():
        raise UserError("kit_missing", path=str(directory))
    missing = [name for name in REQUIRED if not (directory / name).is_file()]
    if len(missing) == len(REQUIRED):
        raise UserError("kit_not_one", path=str(directory))
    if missing:
        raise UserError("kit_incomplete", path=str(directory), names=", ".join(missing))


def check_target(directory: Path, *, overwrite: bool = False) -> None:
    """Raise `UserError` where a kit may not be written to `directory`.

    It may where nothing is there, where an empty folder is, and, with `overwrite`, where a kit is.
    """
    if not directory.parent.is_dir():
        raise UserError("export_parent_missing", path=str(directory.parent))
    if not directory.exists():
        return
    if not directory.is_dir():
        raise UserError("export_target_exists", path=str(directory))
    if not any(directory.iterdir()) or (overwrite and is_kit(directory)):
        return
    raise UserError("export_kit_exists" if is_kit(directory) else "export_target_exists", path=str(directory))


@contextmanager
def staged_directory(directory: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a folder beside `directory` that becomes it at the end, or disappears if anything is raised.

    Raises
    ------
    UserError
        As `check_target`, at the start and once more before the renaming; ``disk_full`` or ``project_read_only``.
    """
    check_target(directory, overwrite=overwrite)
    _clear_leftovers(directory)
    staging = _beside(directory, "partial")
    try:
        with disk_errors(directory):
            staging.mkdir()
            yield staging
            _flush(staging)
            check_target(directory, overwrite=overwrite)
            _replace(staging, directory)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digests(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of every file under `directory`, by its relative POSIX path, sorted."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): sha256(path) for path in files}


def _replace(staging: Path, directory: Path) -> None:
    """Put `staging` in the place of `directory`, which is absent, empty, or a kit that may go."""
    if not directory.exists():
        staging.rename(directory)
        return
    retired = _beside(directory, "old")
    directory.rename(retired)
    try:
        staging.rename(directory)
    except OSError:
        retired.rename(directory)
        raise
    shutil.rmtree(retired, ignore_errors=True)


def _beside(directory: Path, role: str) -> Path:
    return directory.parent / f".{directory.name}.{secrets.token_hex(4)}.{role}"


def _clear_leftovers(directory: Path) -> None:
    """Remove what an export to the same place left when it was killed; a young one may still be at work."""
    for path in directory.parent.glob(f".{glob.escape(directory.name)}.????????.partial"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(path, ignore_errors=True)


def _flush(directory: Path) -> None:
    """Have every byte on the disk before the name that promises them."""
    for path in directory.rglob("*"):
        if path.is_file():
            with path.open("rb+") as stream:
                os.fsync(stream.fileno())
