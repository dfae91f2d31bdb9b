"""The weights of the backbones: from the package that carries them, the user's cache, a file, or a download.

Everything read here may be hostile: only tensors are ever read (safetensors, or torch's format without its pickled
code), and a file is accepted only if every tensor has the name and the shape the network expects. What was accepted
is kept in the cache as safetensors. One thing must stay true: nothing is cached that was not checked.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from core.backbones.table import BACKBONES, BackboneSpec
from core.errors import UserError
from core.paths import atomic_write
from core.progress import Progress

if TYPE_CHECKING:
    from torch import Tensor


class WeightsState(StrEnum):
    """Where the weights of a backbone are: with the application, in the user's cache, or not here."""

    BUNDLED = "bundled"
    CACHED = "cached"
    ABSENT = "absent"


def weights_state(spec: BackboneSpec, cache_dir: Path) -> WeightsState:
    """Tell where the weights are, without opening them."""
    if cached_file(spec, cache_dir).is_file():
        return WeightsState.CACHED
    return WeightsState.BUNDLED if packaged_file(spec) is not None else WeightsState.ABSENT


def load_weights(
    spec: BackboneSpec,
    cache_dir: Path,
    *,
    file: Path | None = None,
    allow_download: bool = False,
    progress: Progress | None = None,
) -> dict[str, Tensor]:
    """Return the pretrained tensors of a backbone, checked against its network, on the CPU.

    Parameters
    ----------
    cache_dir
        The user's cache (`core.paths.user_cache_dir()`).
    file
        Read this file and nothing else; it is not cached.
    allow_download
        Whether the user allowed the network to be used; without it nothing is ever fetched.

    Raises
    ------
    UserError
        ``weights_missing``, ``weights_unreadable``, ``weights_wrong``, or one of those of
        `core.backbones.download.download`.
    Cancelled
        The download was stopped; it goes on from there next time.
    """
    # What the user put into the cache goes before what the application brought.
    cached = cached_file(spec, cache_dir)
    here = file or (cached if cached.is_file() else packaged_file(spec))
    if here is None:
        _fetch(spec, cache_dir, allow_download, progress or Progress())
        here = cached
    return read_checked(spec, here)


def import_weights(file: Path, cache_dir: Path, spec: BackboneSpec | None = None) -> BackboneSpec:
    """Check a weights file and keep it in the cache; from then on its backbone is there without network.

    Parameters
    ----------
    spec
        The backbone it is for; None finds it by the tensors.

    Returns
    -------
    BackboneSpec
        The backbone the file is for.

    Raises
    ------
    UserError
        ``weights_unreadable``, ``weights_wrong``, ``weights_of_no_backbone`` or ``disk_full``; nothing was cached.
    """
    from core.backbones.state_file import read_tensors

    tensors = read_tensors(file)
    if spec is None:
        spec = _recognise(tensors, file)
    _keep(spec, _checked(spec, tensors, file), cache_dir)
    return spec


def remove_weights(spec: BackboneSpec, cache_dir: Path) -> bool:
    """Delete a backbone's weights from the cache; returns whether there were any."""
    cached = cached_file(spec, cache_dir)
    there = cached.is_file()
    cached.unlink(missing_ok=True)
    return there


def packaged_file(spec: BackboneSpec) -> Path | None:
    """Return the weights file in the installed package, found without importing the package; None if it isn't there."""
    if not spec.package:
        return None
    roots: list[Path] = []
    found = importlib.util.find_spec(spec.package)
    if found is not None:
        roots += [Path(place) for place in found.submodule_search_locations or ()]
    # A frozen application carries the package's data, though perhaps not its code.
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        roots.append(Path(bundle) / spec.package)
    files = (root / spec.package_path for root in roots)
    return next((file for file in files if file.is_file()), None)


def cached_file(spec: BackboneSpec, cache_dir: Path) -> Path:
    """Return where the cache keeps the weights of a backbone."""
    return cache_dir / "backbones" / f"{spec.name}.safetensors"


def read_checked(spec: BackboneSpec, file: Path) -> dict[str, Tensor]:
    """Read a weights file and check it against the network of `spec`.

    Raises
    ------
    UserError
        ``weights_unreadable`` or ``weights_wrong``.
    """
    from core.backbones.state_file import read_tensors

    return _checked(spec, read_tensors(file), file)


def _fetch(spec: BackboneSpec, cache_dir: Path, allow_download: bool, progress: Progress) -> None:
    if not (allow_download and spec.url):
        source = spec.url or spec.package
        raise UserError("weights_missing", backbone=spec.name, file=spec.file_name, source=source)
    from core.backbones.download import download

    target = cache_dir / "backbones" / "downloads" / spec.file_name
    download(spec.url, target, sha256_prefix=spec.sha256_prefix, size_bytes=spec.size_bytes, progress=progress)
    try:
        _keep(spec, read_checked(spec, target), cache_dir)
    finally:
        target.unlink(missing_ok=True)


def _checked(spec: BackboneSpec, tensors: Mapping[str, Tensor], file: Path) -> dict[str, Tensor]:
    from core.backbones.state_file import first_difference, rename_for

    renamed = rename_for(spec, tensors)
    difference = first_difference(spec, renamed)
    if difference is not None:
        raise UserError("weights_wrong", path=str(file), backbone=spec.name, reason=difference)
    # Converted only now: the sizes a hostile file claims are not to be allocated before they were checked.
    return {name: t.float() if t.is_floating_point() else t for name, t in renamed.items()}


def _keep(spec: BackboneSpec, tensors: dict[str, Tensor], cache_dir: Path) -> None:
    import torch
    from safetensors.torch import save_file

    # safetensors takes neither strided tensors nor two that share their memory.
    own = {name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()}
    with atomic_write(cached_file(spec, cache_dir)) as part:
        save_file(own, part)


def _recognise(tensors: Mapping[str, Tensor], file: Path) -> BackboneSpec:
    from core.backbones.state_file import count_parameters

    parameters = count_parameters(tensors)
    for spec in BACKBONES.values():
        if spec.parameters == parameters:
            return spec
    raise UserError("weights_of_no_backbone", path=str(file), known=", ".join(BACKBONES))
