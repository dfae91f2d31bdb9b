"""Which labels the panel shows, and where: the tree of labels, folded here and there, or what a search finds in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.labels import Label, as_tree


@dataclass(frozen=True, slots=True)
class Line:
    """A label in the list: how deep it is below the top, and whether those below it are folded (None: it has none)."""

    label: Label
    depth: int
    folded: bool | None


class LabelList:
    """What the user folded (ids of labels) and searches for."""

    def __init__(self) -> None:
        self.folded: set[int] = set()
        self.search = ""

    def lines(self, labels: Sequence[Label]) -> list[Line]:
        """Return the lines to show: every label that is not folded away; in a search those whose name has it."""
        parents = {label.parent_id for label in labels}
        tree = as_tree(labels)
        wanted = self.search.strip().casefold()
        if wanted:
            return [Line(label, 0, None) for label, _ in tree if wanted in label.name.casefold()]
        lines: list[Line] = []
        hidden_below: int | None = None
        for label, depth in tree:
            if hidden_below is not None and depth > hidden_below:
                continue
            hidden_below = None
            folded = label.id in self.folded if label.id in parents else None
            if folded:
                hidden_below = depth
            lines.append(Line(label, depth, folded))
        return lines

    def fold(self, label_id: int) -> None:
        """Fold what is below a label, or show it again."""
        self.folded ^= {label_id}
