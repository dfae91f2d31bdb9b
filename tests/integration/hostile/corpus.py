"""The corpus: all cases, by class."""

from __future__ import annotations

from collections import Counter

from tests.integration.hostile import (
    archives,
    arrays,
    counted,
    datasets,
    heavy,
    images,
    names,
    projects,
    servers,
    tables,
)
from tests.integration.hostile.case import Case

CASES: tuple[Case, ...] = (
    *images.CASES,
    *archives.CASES,
    *arrays.CASES,
    *names.CASES,
    *tables.CASES,
    *projects.CASES,
    *servers.CASES,
    *datasets.CASES,
    *heavy.CASES,
    *counted.CASES,
)


def counts() -> dict[str, int]:
    """Return how many cases there are of each class."""
    return dict(Counter(case.kind for case in CASES))
