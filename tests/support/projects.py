"""Small projects for tests: rows without pictures, for what never looks at pixels."""

from __future__ import annotations

from pathlib import Path

from core.domain.samples import NewSample
from core.store.project import Project
from core.store.samples import add_samples
from core.store.sources import add_source


def project_with_rows(folder: Path, rows: list[tuple[str, str | None, str | None]], name: str = "cells") -> Project:
    """Return an open project with a sample for each (path, label, group)."""
    project = Project.create(folder / name)
    source = add_source(project, "folder", folder)
    add_samples(project, source.id, [new_sample(path, label, group) for path, label, group in rows])
    return project


def new_sample(path: str, label: str | None = None, group: str | None = None) -> NewSample:
    """Return a readable sample of 10 × 8 pixels."""
    return NewSample(path, digest=path, size_bytes=1, mtime_ns=1, width=10, height=8, label=label, group=group)
