"""Duplicates as cases: one for each cluster, those whose labels contradict each other first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, Json
from core.domain.samples import SPLITS_BY_CODE
from core.images.intensity import estimate_window, to_rgb8
from core.progress import Progress
from core.quality.data import QualityData
from core.quality.duplicates.best import Standing, best_first, standings
from core.quality.duplicates.relation import relation
from core.quality.duplicates.search import Duplicates, search_duplicates
from core.quality.duplicates.verify import Match
from core.quality.spec import Case, Found

if TYPE_CHECKING:
    from core.quality.facts.image_facts import ImageFacts

_CONFLICT, _EXACT = 0.99, 1.0
_NEAR_MOST = 0.97
"""Of near copies, however sure: exact ones come first."""


def find_duplicates(data: QualityData, progress: Progress) -> Found:
    """Return a case for each cluster of images that show the same, the one worth keeping first.

    Evidence: ``keep`` (id) and ``keep_reason`` (a code of `best_first`); ``labels`` and ``splits``, how many members
    each has; ``merged_label``, what most of them are called, None where it is a draw; ``members``, for each its id,
    labels, split, size, and how it comes from another member (`Relation`).
    """
    keys = [data.digest(row) for row in range(len(data))]
    facts, known = data.facts, standings(data.facts, len(data))
    found = search_duplicates(
        keys,
        None if facts is None else facts.pixel_digest,
        None if facts is None else facts.small,
        data.neighbours,
        lambda row: _picture(data, row),
        progress,
        best=lambda rows: best_first({row: known[row] for row in rows})[0][0],
    )
    teller = _Teller(data, found, known)
    each = zip(found.clusters, found.keepers, found.copied, strict=True)
    cases = [teller.case(members, kept, copied) for members, kept, copied in each]
    order = sorted(cases, key=lambda case: (-case.score, case.rows))
    extra = sum(len(case.rows) - 1 for case in cases)
    return Found(order, {"clusters": len(cases), "superfluous": extra, "pairs": len(found.matches)})


class _Teller:
    """Says of each cluster what there is to say."""

    def __init__(self, data: QualityData, found: Duplicates, known: Sequence[Standing]) -> None:
        self._data, self._original = data, found.original
        self._sizes = _sizes(data.facts, len(data))
        self._standings = known
        self._matches: dict[int, list[Match]] = {}
        for match in found.matches:
            self._matches.setdefault(match.frame, []).append(match)
            self._matches.setdefault(match.host, []).append(match)

    def case(self, members: tuple[int, ...], kept: int, copied: float) -> Case:
        """Return the case of a cluster; all its members agree with the one that is kept, `copied` as surely as this."""
        ranked, reason = best_first({row: self._standings[row] for row in members})
        if ranked[0] != kept:
            ranked, reason = [kept, *(row for row in ranked if row != kept)], "first"
        evidence = self._evidence(ranked, reason)
        kind = self._kind(members)
        ids = self._data.table.ids[list(members)]
        suggested = self._majority(members) if kind is FindingKind.CONFLICTING_DUPLICATE else None
        score = self._score(kind, members, copied)
        return Case(kind, tuple(ranked), score, evidence, suggested=suggested, key=f"lowest {int(ids.min())}")

    def _score(self, kind: FindingKind, members: Sequence[int], copied: float) -> float:
        """Return 1 of equal pixels, a little less where labels contradict each other, then how sure it is that the
        files are copies of one another: what was taken or cut out again comes last."""
        if kind is FindingKind.EXACT_DUPLICATE:
            return _EXACT
        if kind is FindingKind.CONFLICTING_DUPLICATE and self._exact_conflict(members):
            return _CONFLICT
        return _NEAR_MOST * copied

    def _exact_conflict(self, members: Sequence[int]) -> bool:
        """Return whether two with equal pixels have different labels."""
        labels: dict[int, set[bytes]] = {}
        for row in members:
            if self._data.labelled[row]:
                labels.setdefault(int(self._original[row]), set()).add(self._data.held[row].tobytes())
        return any(len(different) > 1 for different in labels.values())

    def _kind(self, members: Sequence[int]) -> FindingKind:
        held = self._data.held[[row for row in members if self._data.labelled[row]]]
        if len(held) > 1 and (held != held[0]).any():
            return FindingKind.CONFLICTING_DUPLICATE
        exact = len(set(self._original[list(members)].tolist())) == 1
        return FindingKind.EXACT_DUPLICATE if exact else FindingKind.NEAR_DUPLICATE

    def _majority(self, members: Sequence[int]) -> int | None:
        """Return the label that most members have; None where that is a draw, or a matter of several labels."""
        if self._data.independent:
            return None
        counts = Counter(int(self._data.given[row]) for row in members if self._data.given[row] >= 0).most_common(2)
        draw = len(counts) > 1 and counts[0][1] == counts[1][1]
        return counts[0][0] if counts and not draw else None

    def _evidence(self, ranked: Sequence[int], reason: str) -> dict[str, Json]:
        data, keep = self._data, ranked[0]
        labels = Counter(name for row in ranked for name in self._labels(row))
        splits = Counter(self._split(row) for row in ranked)
        merged = self._majority(ranked)
        return {
            "keep": int(data.table.ids[keep]),
            "keep_reason": reason,
            "labels": dict(labels),
            "splits": dict(splits),
            "merged_label": None if merged is None else data.label_names[merged],
            "members": [self._member(row, ranked) for row in ranked],
        }

    def _member(self, row: int, ranked: Sequence[int]) -> dict[str, Json]:
        width, height = (None if np.isnan(side) else int(side) for side in self._sizes[row])
        found: dict[str, Json] = {
            "id": int(self._data.table.ids[row]),
            "labels": list(self._labels(row)),
            "split": self._split(row),
            "width": width,
            "height": height,
        }
        return found | self._comes_from(row, ranked)

    def _comes_from(self, row: int, ranked: Sequence[int]) -> dict[str, Json]:
        """Return of which member it is a copy and how: of the best that it was compared with."""
        first = int(self._original[row])
        equal = next((other for other in ranked if other != row and self._original[other] == first), None)
        if row == ranked[0]:
            return {}
        if equal is not None and ranked.index(equal) < ranked.index(row):
            return {"of": int(self._data.table.ids[equal]), "words": ["same_pixels"], "agreement": 1.0}
        known = {(match.host if match.frame == first else match.frame): match for match in self._matches.get(first, ())}
        for other in ranked:
            match = known.get(int(self._original[other]))
            if match is not None and other != row:
                said = relation(match, first, self._sizes).to_json()
                return {"of": int(self._data.table.ids[other]), "agreement": round(match.agreement, 4)} | said
        return {}

    def _labels(self, row: int) -> list[str]:
        return [self._data.label_names[index] for index in np.flatnonzero(self._data.held[row]).tolist()]

    def _split(self, row: int) -> str:
        return SPLITS_BY_CODE[int(self._data.splits[row])].value


def _sizes(facts: ImageFacts | None, count: int) -> NDArray[np.float64]:
    if facts is None:
        return np.full((count, 2), np.nan)
    return facts.columns(["width", "height"]).astype(np.float64)


def _picture(data: QualityData, row: int) -> NDArray[np.uint8]:
    """Return an image as it is compared: measured channels each at their own contrast, which is evened out anyway."""
    raw = data.reader.raw(int(data.table.source_ids[row]), data.table.paths[row])
    return to_rgb8(raw, None if raw.dtype == np.uint8 else estimate_window([raw]))
