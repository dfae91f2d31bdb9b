"""Which kinds of pixels a project's images have, counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.store.project import Project
from core.store.query_sql import ids_parameter


@dataclass(frozen=True, slots=True)
class PixelKind:
    """So many images with so many channels of so many bits."""

    channels: int
    bit_depth: int
    count: int

    @property
    def plain(self) -> bool:
        """Whether they are 8-bit grey or RGB: seen as they are, without a window."""
        return self.bit_depth <= 8 and self.channels in (1, 3)


def pixel_kinds(project: Project, ids: NDArray[np.int64] | None = None) -> list[PixelKind]:
    """Return the kinds of the readable images with these ids, or of all, the most frequent first."""
    chosen, parameters = "", list[str]()
    if ids is not None:
        chosen, parameters = "AND id IN (SELECT value FROM json_each(?))", [ids_parameter(ids.tolist())]
    rows = project.db.read().execute(
        f"SELECT channels, bit_depth, count(*) FROM sample WHERE problem IS NULL {chosen}"
        " GROUP BY channels, bit_depth ORDER BY count(*) DESC, channels, bit_depth",
        parameters,
    )
    return [PixelKind(*row) for row in rows]
