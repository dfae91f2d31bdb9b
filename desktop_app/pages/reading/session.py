"""One reader going through one pass: which image is shown, what was said, and what may still be corrected.

Nothing of what is known of an image is kept here: no name, label, score or earlier reading could be shown by mistake.
"""

from __future__ import annotations

from dataclasses import replace

from core.domain.readings import Reading, ReadingPass
from core.domain.samples import SampleState

AHEAD = 2


class ReadingSession:
    """Where a reader stands; plain values, changed by the controller after each reading is durable.

    Attributes
    ----------
    one
        The pass.
    position
        The one that is shown; `total` where everything has been read and the pass can be ended.
    chosen
        In a project of many labels an image: the labels ticked so far.
    """

    def __init__(self, one: ReadingPass, readings: list[Reading]) -> None:
        self.one = one
        self._readings = readings
        self.read = sum(reading.at is not None for reading in readings)
        self.position = self.read
        self.chosen: set[int] = set()

    @property
    def total(self) -> int:
        """How many positions the pass has."""
        return len(self._readings)

    @property
    def current(self) -> Reading | None:
        """The position that is shown; None at the end."""
        return self._readings[self.position] if self.position < self.total else None

    @property
    def ahead(self) -> list[int]:
        """The samples to come, to be loaded beforehand."""
        return [r.sample_id for r in self._readings[self.position + 1 : self.position + 1 + AHEAD]]

    @property
    def can_go_back(self) -> bool:
        """Whether the image before may be seen again."""
        return self.position > max(0, self.read - self.one.reach)

    @property
    def can_go_on(self) -> bool:
        """Whether the image shown was read before, and the next may be shown without reading it again."""
        return self.position < self.read

    def go(self, step: int) -> bool:
        """Go back (-1) or on (1) where that is allowed; return whether it was."""
        if not (self.can_go_back if step < 0 else self.can_go_on):
            return False
        self.position += step
        self._restore()
        return True

    def said(self, labels: tuple[int, ...], state: SampleState, note: str, at: str) -> None:
        """Take note that the position shown was read, and go on to the next."""
        was = self._readings[self.position]
        self._readings[self.position] = replace(was, label_ids=labels, state=state, note=note, at=at)
        self.read += was.at is None
        self.position += 1
        self._restore()

    def _restore(self) -> None:
        current = self.current
        self.chosen = set(current.label_ids) if current is not None and current.at is not None else set()
