"""What the commands that edit images share: which images are meant, and what is said of the edit."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.cli.console import Result
from core.domain.changes import Changes
from core.domain.edits import describe
from core.domain.query_line import parse_query
from core.store.project import Project
from core.store.query_names import require_known
from core.store.samples import sample_ids
from core.translation import tr

Ids = Sequence[int] | NDArray[np.int64]


def edit_images(args: argparse.Namespace, edit: Callable[[Project, Ids], Changes]) -> Result:
    """Make an edit of the images that ``--ids`` or ``--query`` name, and say what it did."""
    query = parse_query(args.query) if args.query is not None else None
    with Project.open(args.project) as project:
        if query is not None:
            require_known(project, query)
        return edited(edit(project, args.ids if query is None else sample_ids(project, query)))


def edited(changes: Changes) -> Result:
    """Say what an edit did."""
    changed = 0 if changes.sample_ids is None else len(changes.sample_ids)
    text = describe(changes.edit) if changes.edit else tr("Nothing to change: it already is as asked.")
    return Result({"changed": changed, "edit": changes.edit.id if changes.edit else None}, [text])
