"""What was dropped on the window, as sources to be imported."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

DroppedSource = tuple[Path | str, tuple[str, ...]]
"""A root, and the files or folders in it that are meant; none for all of it."""


def sources_of(paths: Sequence[str]) -> list[DroppedSource]:
    """Return the sources that the dropped paths and addresses are.

    Files and folders that lie together are one source, their common folder with only them in it, so that folders of
    labels that were dropped side by side stay labels. ZIPs, addresses, and what lies apart come one after the other.
    """
    if len(paths) == 1:
        return [(_root(paths[0]), ())]
    together: dict[str, list[str]] = {}
    alone: list[DroppedSource] = []
    for path in paths:
        if "://" in path or path.lower().endswith(".zip"):
            alone.append((_root(path), ()))
        else:
            parent, name = os.path.split(os.path.normpath(path))
            together.setdefault(parent, []).append(name)
    found: list[DroppedSource] = []
    for parent, names in together.items():
        found.append((Path(parent) / names[0], ()) if len(names) == 1 else (Path(parent), tuple(names)))
    return found + alone


def _root(path: str) -> Path | str:
    return path if "://" in path else Path(path)
