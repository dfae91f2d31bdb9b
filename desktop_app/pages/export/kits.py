"""The kits a project has exported: where they are is kept in the project, everything else is read from the kit itself.

One thing must stay true: a kit is the receiving team's as soon as it is there. It is read, and never changed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from core.errors import UserError
from core.kit import layout
from core.kit.metadata import KitMetadata, read_metadata
from core.kit.proof import Proof, read_proof
from core.store.project import Project, read_meta, write_meta

_META_KEY: Final = "kits"


class _Remembered(BaseModel):
    """What the project keeps of a kit."""

    model_config = ConfigDict(extra="ignore")

    path: str
    ms_per_image: float | None = None


_REMEMBERED: Final = TypeAdapter(list[_Remembered])


@dataclass(frozen=True, slots=True)
class KitFile:
    """A file of a kit, or its folder of golden samples: relative name, size in bytes, files in it."""

    name: str
    bytes: int
    files: int = 1


@dataclass(frozen=True, slots=True)
class KitContents:
    """What another team receives."""

    metadata: KitMetadata
    proof: Proof
    files: tuple[KitFile, ...]

    @property
    def bytes(self) -> int:
        """Size of the whole folder."""
        return sum(file.bytes for file in self.files)

    @property
    def model_bytes(self) -> int:
        """Size of the model's file."""
        return next((file.bytes for file in self.files if file.name == layout.MODEL), 0)


@dataclass(frozen=True, slots=True)
class KnownKit:
    """A kit that was exported once.

    Attributes
    ----------
    contents
        What is in it, or None where it cannot be read; `problem` says why.
    ms_per_image
        Measured on this computer's CPU when it was exported; None where it was not.
    """

    path: Path
    contents: KitContents | None
    problem: str = ""
    ms_per_image: float | None = None


def known_kits(project: Project) -> list[KnownKit]:
    """Return the kits the project remembers, newest first, read from the disk."""
    return [_read(Path(kept.path), kept.ms_per_image) for kept in reversed(_remembered(project))]


def remember_kit(project: Project, path: Path, ms_per_image: float | None) -> None:
    """Keep in the project that a kit is at `path`."""
    kept = [known for known in _remembered(project) if known.path != str(path)]
    kept.append(_Remembered(path=str(path), ms_per_image=ms_per_image))
    write_meta(project, _META_KEY, [known.model_dump() for known in kept])


def forget_kit(project: Project, path: Path) -> None:
    """Forget a kit; its files stay."""
    kept = [known for known in _remembered(project) if known.path != str(path)]
    write_meta(project, _META_KEY, [known.model_dump() for known in kept])


def read_contents(path: Path) -> KitContents:
    """Read what is in a kit.

    Raises
    ------
    UserError
        ``kit_missing``, ``kit_not_one``, ``kit_incomplete``, ``kit_damaged`` or ``kit_newer``.
    """
    layout.check_complete(path)
    metadata, proof = read_metadata(path / layout.METADATA), read_proof(path / layout.PROOF)
    names = (layout.MODEL, layout.METADATA, layout.LABELS, layout.PROOF, layout.README)
    files = [KitFile(name, (path / name).stat().st_size) for name in names if (path / name).is_file()]
    golden = [file.stat().st_size for file in (path / layout.GOLDEN).iterdir() if file.is_file()]
    files.insert(3, KitFile(f"{layout.GOLDEN}/", sum(golden), len(golden)))
    return KitContents(metadata, proof, tuple(files))


def free_directory(parent: Path, name: str) -> Path:
    """Return ``parent/name``, or the first of ``name-2``, ``name-3``, … that is not taken."""
    candidate, number = parent / name, 1
    while candidate.exists():
        number += 1
        candidate = parent / f"{name}-{number}"
    return candidate


def _read(path: Path, ms_per_image: float | None) -> KnownKit:
    try:
        return KnownKit(path, read_contents(path), ms_per_image=ms_per_image)
    except UserError as error:
        return KnownKit(path, None, error.message, ms_per_image)


def _remembered(project: Project) -> list[_Remembered]:
    try:
        return _REMEMBERED.validate_python(read_meta(project, _META_KEY) or [])
    except ValidationError:  # written by a version that kept something else
        return []
