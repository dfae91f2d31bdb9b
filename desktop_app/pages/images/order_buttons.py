"""What the images are put under headings by, and what they are sorted by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton

from core.domain.query import GroupBy, SortKey
from core.translation import mark, tr
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.suggestions import Phase

SORT_NAMES: Final[dict[SortKey, str]] = {
    SortKey.ADDED: mark("added"),
    SortKey.NAME: mark("name"),
    SortKey.LABEL: mark("label"),
    SortKey.GROUP: mark("group"),
    SortKey.SPLIT: mark("split"),
    SortKey.SIZE: mark("size"),
    SortKey.DATE: mark("date"),
    SortKey.CONFIDENCE: mark("confidence"),
    SortKey.SUSPICION: mark("suspicion"),
}
GROUP_NAMES: Final[dict[GroupBy | None, str]] = {
    None: mark("none"),
    GroupBy.LABEL: mark("label"),
    GroupBy.SPLIT: mark("split"),
    GroupBy.GROUP: mark("group"),
    GroupBy.FINDING: mark("finding"),
    GroupBy.SOURCE: mark("source"),
    GroupBy.STATE: mark("state"),
    GroupBy.PREDICTION: mark("prediction"),
}
# What there is nothing to sort or group by without, as fields of the query line.
_NEEDS: Final = {
    SortKey.CONFIDENCE: "pred",
    SortKey.SUSPICION: "finding",
    GroupBy.GROUP: "group",
    GroupBy.FINDING: "finding",
    GroupBy.PREDICTION: "pred",
}


class _OrderButton(QPushButton):
    """A quiet button with a menu, which shows what is chosen."""

    def __init__(self, controller: ImagesController, tip: str) -> None:
        super().__init__()
        self._controller = controller
        self.setProperty("kind", "quiet")
        self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._menu = QMenu(self)
        self._choices = QActionGroup(self._menu)
        self.setMenu(self._menu)

    def _add(self, words: str, call: Any) -> QAction:
        action = self._menu.addAction(words)
        action.setCheckable(True)
        action.triggered.connect(lambda _=False: call())
        self._choices.addAction(action)
        return action

    def _has(self, key: object) -> bool:
        needs = _NEEDS.get(key) if isinstance(key, SortKey | GroupBy) else None
        return needs is None or bool(self._controller.words.vocabulary.values(needs))


class SortButton(_OrderButton):
    """What the images are sorted by, and which way."""

    def __init__(self, controller: ImagesController) -> None:
        super().__init__(controller, tr("Order of the images"))
        self._keys = {key: self._add(tr(name), lambda k=key: self._sort(sort=k)) for key, name in SORT_NAMES.items()}
        made = controller.suggestions
        self._menu.addSeparator()
        self._useful = self._add(tr("usefulness"), made.order_by_usefulness)
        self._useful.setToolTip(tr("Those whose label would teach the most come first."))
        self._similar = self._add(
            tr("similarity to the selection"), lambda: made.order_by_similarity(controller.grid.selected_ids)
        )
        self._menu.addSeparator()
        self._descending = self._menu.addAction(tr("Last first"))
        self._descending.setCheckable(True)
        self._descending.triggered.connect(lambda checked: self._sort(descending=checked))
        self._menu.aboutToShow.connect(self._enable)
        controller.query_changed.connect(self._refresh)
        self._refresh()

    def _sort(self, **changes: Any) -> None:
        self._controller.rank(None)
        self._controller.set_query(replace(self._controller.query, **changes))

    def _enable(self) -> None:
        made = self._controller.suggestions
        for key, action in self._keys.items():
            action.setEnabled(self._has(key))
        self._useful.setEnabled(made.phase is Phase.READY and made.knowledge is not None)
        self._similar.setEnabled(self._controller.grid.selected_count > 0)
        self._descending.setEnabled(self._controller.ranking is None)
        self._refresh()

    def _refresh(self) -> None:
        query, ranking = self._controller.query, self._controller.ranking
        self._keys[query.sort].setChecked(ranking is None)
        if ranking is not None:
            for action in self._choices.actions():
                action.setChecked(False)
        self._descending.setChecked(query.descending)
        words = tr("Sort: {key}", key=ranking.said if ranking is not None else tr(SORT_NAMES[query.sort]))
        arrow = "" if ranking is not None else " ↓" if query.descending else " ↑"
        shown = words if len(words) <= 28 else words[:27] + "…"
        self.setText(f"{shown}{arrow}   ".replace("&", "&&"))
        self.setAccessibleName(words)


class GroupButton(_OrderButton):
    """What the images are put under headings by."""

    def __init__(self, controller: ImagesController) -> None:
        super().__init__(controller, tr("Headings between the images"))
        self._keys = {key: self._add(tr(name), lambda k=key: self._group(k)) for key, name in GROUP_NAMES.items()}
        self._menu.aboutToShow.connect(self._enable)
        controller.query_changed.connect(self._refresh)
        self._refresh()

    def _group(self, by: GroupBy | None) -> None:
        self._controller.rank(None)
        self._controller.set_query(replace(self._controller.query, by=by))

    def _enable(self) -> None:
        for key, action in self._keys.items():
            action.setEnabled(self._has(key))

    def _refresh(self) -> None:
        by = self._controller.query.by
        self._keys[by].setChecked(True)
        words = tr("Group by: {key}", key=tr(GROUP_NAMES[by]))
        # While nothing is grouped, the room is better left to the filters.
        shown = tr("Group by") if by is None else words
        self.setText(f"{shown}   ".replace("&", "&&"))
        self.setAccessibleName(words)
