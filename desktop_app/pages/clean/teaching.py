"""What decisions about labels teach: how many real errors are left, when to stop, and which cases share a doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.domain.metrics import Metric

if TYPE_CHECKING:
    from desktop_app.context import AppContext


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected of the label suspects.

    Attributes
    ----------
    expected
        Number of labels that are still wrong.
    total
        Of how many.
    looked_at, wrong
        How many cases were decided, and how many of these labels were wrong.
    stop, more
        Whether it is time to stop; else how many more cases until then, about.
    order
        The open cases, by finding id, the most suspicious first.
    alike
        By finding id of the first of these: the open cases that share its doubt.
    """

    expected: Metric
    total: int
    looked_at: int = 0
    wrong: int = 0
    stop: bool = False
    more: int = 0
    order: tuple[int, ...] = ()
    alike: dict[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A decision about label suspects: which, whether their labels were wrong, and which label is right."""

    finding_ids: tuple[int, ...]
    wrong: bool
    label: str | None


class Teaching(QObject):
    """Learns from decisions about label suspects.

    Attributes
    ----------
    outlook
        What is known now; None where label suspects were not looked for.

    Signals
    -------
    changed
        `outlook`.
    """

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.outlook: Outlook | None = None

    def reset(self) -> None:
        """Forget everything: another project."""
        self.outlook = None

    def begin(self) -> None:
        """Read what the last check found out, and what was decided since."""

    def learn(self, finding_ids: Sequence[int], *, wrong: bool, label: str | None) -> None:
        """Take in a decision that was just made."""

    def look_alikes(self, finding_id: int) -> tuple[int, ...]:
        """Return the open cases that share the doubt of one, by finding id."""
        return self.outlook.alike.get(finding_id, ()) if self.outlook is not None else ()
