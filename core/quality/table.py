"""The checks of a data set, in the order in which they look; a build without a package still knows them all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from core.domain.findings import FindingKind
from core.quality.spec import CheckSpec

CHECKS: Final[tuple[CheckSpec, ...]] = ()


def checks_for(kinds: Collection[FindingKind]) -> tuple[CheckSpec, ...]:
    """Return the checks that look for any of the kinds."""
    return tuple(spec for spec in CHECKS if set(spec.kinds) & set(kinds))
