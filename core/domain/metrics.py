"""A metric: a number with the interval it is known to."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """A value with its 95 % interval; `low <= value <= high` where the interval is known (NaN where it is not)."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Return ``{"value", "low", "high"}``."""
        return asdict(self)
