"""What every exported data set carries beside its own files, so that importing it gives the same project back.

``coverslip.csv`` has a row for each image; ``coverslip.json`` says what holds for all: the task, and the labels in
order. Whatever the project holds is written exactly: separators within a cell are escaped, and what a spreadsheet
would run as a formula is guarded in a way that is undone here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.domain.labels import LABEL_SEPARATOR, NONE_GIVEN

TABLE: Final = "coverslip.csv"
FACTS: Final = "coverslip.json"
VERSION: Final = 1
COLUMNS: Final = (
    "path",
    "label",
    "group",
    "split",
    "tags",
    "state",
    "reason",
    "excluded",
    "pinned",
    "original",
    "digest",
)
_NAME: Final = re.compile(r"(?:[^\\;]|\\.)+", re.DOTALL)


def join_names(names: Sequence[str]) -> str:
    """Return names as one cell: ``a;b``, with a backslash before what separates them."""
    escaped = (name.replace("\\", "\\\\").replace(LABEL_SEPARATOR, f"\\{LABEL_SEPARATOR}") for name in names)
    return LABEL_SEPARATOR.join(escaped)


def split_names(cell: str) -> tuple[str, ...]:
    """Return the names in a cell that `join_names` made."""
    return tuple(re.sub(r"\\(.)", r"\1", found[0], flags=re.DOTALL) for found in _NAME.finditer(cell))


def join_labels(labels: Sequence[str] | None) -> str:
    """Return an image's labels as one cell: empty where they are not known, ``(none)`` where there are none."""
    if labels is None:
        return ""
    return join_names(labels) if labels else NONE_GIVEN


def split_labels(cell: str) -> tuple[str, ...] | None:
    """Return the labels in a cell that `join_labels` made."""
    if not cell:
        return None
    return () if cell == NONE_GIVEN else split_names(cell)
