"""What a check found out about every sample, kept in the project's cache for whoever works through its cases."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.paths import atomic_write
from core.store.project import Project

_IDS = "ids"


def keep_arrays(
    project: Project, check: str, ids: NDArray[np.int64], arrays: Mapping[str, NDArray[np.generic]]
) -> None:
    """Keep arrays of N rows with the samples' ids (N,), in place of those of the check before."""
    folder = project.cache_dir / "checks"
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / f"{check}.npz") as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, **{_IDS: ids, **arrays})


def kept_arrays(project: Project, check: str) -> dict[str, NDArray[np.generic]] | None:
    """Return what was kept, the samples' ids under ``ids``; None where there is nothing, or nothing whole."""
    try:
        with np.load(project.cache_dir / "checks" / f"{check}.npz", allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (OSError, ValueError, KeyError, EOFError):
        return None
    whole = _IDS in found and all(len(array) == len(found[_IDS]) for array in found.values())
    return found if whole else None
