"""An order of samples that no query can ask for: by likeness to some, by what their label would teach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Samples in an order, (M,) ids without duplicates, and by what they are ordered, in the user's language."""

    ids: Ids
    said: str

    def arrange(self, found: Ids) -> Ids:
        """Return what a query found (N,) in this order; those it does not know follow, as they were."""
        by_id = np.argsort(self.ids, kind="stable")
        at = np.searchsorted(self.ids, found, sorter=by_id)
        at[at == len(by_id)] = 0
        place = by_id[at] if len(by_id) else np.zeros(len(found), np.intp)
        known = self.ids[place] == found if len(by_id) else np.zeros(len(found), np.bool_)
        return found[np.argsort(np.where(known, place, len(by_id)), kind="stable")]
