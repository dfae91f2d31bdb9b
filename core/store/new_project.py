"""Making a project that gets its name when it is whole: a stop or a crash leaves no half-made one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import UserError
from core.progress import Progress
from core.store.project import Project


@contextmanager
def new_project(target: Path, progress: Progress) -> Iterator[Project]:
    """Give an empty project to fill, which becomes the one at `target` at the end of the block.

    Raises
    ------
    UserError
        As `Project.create`, and ``disk_full`` for an import that found the disk full; no project was made.
    Cancelled
        No project was made.
    """
    draft = target.with_name(f".{target.name}")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        with Project.create(draft) as project:
            yield project
        progress.checkpoint()
        os.replace(draft, target)
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        if isinstance(error, UserError) and error.code == "disk_full_import":
            # Nothing of a new project is kept.
            raise UserError("disk_full", path=str(target)) from error
        raise
