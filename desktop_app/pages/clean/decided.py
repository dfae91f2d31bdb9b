"""What was decided since the project was opened: the count, and the last decisions, each of which can be seen again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from core.domain.edits import Edit
from core.domain.findings import FindingKind
from desktop_app.pages.clean.decisions import Decision, Deed


@dataclass(frozen=True, slots=True)
class Done:
    """One decision that was made, about cases of one kind.

    Attributes
    ----------
    decisions
        Those of the cases that were decided together.
    edit_id
        The edit it is in; None until it is written, -1 where it changed nothing.
    holds
        Whether it was not undone.
    """

    number: int
    kind: FindingKind
    decisions: tuple[Decision, ...]
    edit_id: int | None = None
    holds: bool = True

    @property
    def finding_ids(self) -> tuple[int, ...]:
        """The cases it was about."""
        return tuple(one.settlement.finding_id for one in self.decisions)

    @property
    def excluded(self) -> frozenset[int]:
        """The samples that it left out."""
        return frozenset(sample for one in self.decisions for sample in one.settlement.exclude)

    @property
    def teaches(self) -> bool:
        """Whether it says more of label suspects than that they were decided: labels of others, what takes part."""
        suspects = self.kind is FindingKind.LABEL_SUSPECT
        return bool(self.excluded) or (not suspects and any(one.settlement.relabel for one in self.decisions))


@dataclass(frozen=True, slots=True)
class _Revert:
    """An edit that took a decision back, or took that back: whether the decision holds through it."""

    number: int
    holds: bool


class Decided:
    """The decisions of a session, in their order."""

    def __init__(self) -> None:
        self.entries: list[Done] = []
        self._reverts: dict[int, _Revert] = {}
        self._count = 0

    def add(self, kind: FindingKind, decisions: tuple[Decision, ...]) -> int:
        """Take note of a decision on its way into the project; return its number."""
        self._count += 1
        self.entries.append(Done(self._count, kind, decisions))
        return self._count

    def written(self, number: int, edit: Edit | None) -> None:
        """Take note that it is in the project, and in which edit; None where nothing had to be changed."""
        # What changes nothing is no edit.
        self._change(number, edit_id=edit.id if edit is not None else -1)

    def failed(self, number: int) -> Done | None:
        """Forget a decision that could not be written, and return it."""
        gone = [one for one in self.entries if one.number == number]
        self.entries = [one for one in self.entries if one.number != number]
        return gone[0] if gone else None

    def follow(self, edit: Edit) -> Done | None:
        """Keep up with an edit that was undone or made again; return the decision as it is now, if it was one of these.

        An edit that is known is told again only when it is undone, or made again.
        """
        for one in self.entries:
            if one.edit_id == edit.id:
                self._change(one.number, holds=not one.holds)
                return next(now for now in self.entries if now.number == one.number)
        return None

    def follow_revert(self, edit: Edit) -> bool:
        """Keep up with an edit that takes another one back, also where it is undone; say whether that concerns these.

        One may be taken back itself: then the decision holds again.
        """
        revert = self._reverts.get(edit.id)
        if revert is None:
            revert = self._revert_of(int(edit.params.get("edit", "0")))
            if revert is None:
                return False
            self._reverts[edit.id] = revert
            self._change(revert.number, holds=revert.holds)
        else:
            held = next((one.holds for one in self.entries if one.number == revert.number), False)
            self._change(revert.number, holds=not held)
        return True

    def _revert_of(self, edit_id: int) -> _Revert | None:
        known = self._reverts.get(edit_id)
        if known is not None:
            return _Revert(known.number, not known.holds)
        return next((_Revert(one.number, holds=False) for one in self.entries if one.edit_id == edit_id), None)

    @property
    def pending(self) -> frozenset[int]:
        """The cases whose decision is not in the project yet."""
        return frozenset(i for one in self.entries if one.edit_id is None for i in one.finding_ids)

    @property
    def awaited(self) -> bool:
        """Whether a decision is on its way into the project."""
        return any(one.edit_id is None for one in self.entries)

    @property
    def holding(self) -> list[Done]:
        """The decisions that hold, the last first."""
        return [one for one in reversed(self.entries) if one.holds]

    def tally(self) -> Counter[Deed]:
        """Return how many cases were decided how."""
        return Counter(decision.deed for one in self.entries if one.holds for decision in one.decisions)

    def _change(self, number: int, **changes: object) -> None:
        self.entries = [
            replace(one, **changes) if one.number == number else one  # type: ignore[arg-type]
            for one in self.entries
        ]
