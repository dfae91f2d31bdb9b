"""Tagging what was selected: a line to find a tag or to type a new one, and which of the selected have which."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from core.store.chosen import Chosen, look_at
from core.store.tags import tags
from core.store.toggles import toggle_tag
from core.translation import tr, tr_n
from desktop_app.pages.images.controller import ImagesController
from desktop_app.theme import Theme
from desktop_app.widgets.basics import text
from desktop_app.widgets.overlay import Overlay

_WIDTH_PX: Final = 300
_ROW_PX: Final = 30
_MOST_ROWS: Final = 9


class TagPanel(Overlay):
    """Toggles tags on `ids`, which stay the same while it is open, even where the query no longer finds them."""

    def __init__(self, host: QWidget, theme: Theme, controller: ImagesController, ids: NDArray[np.int64]) -> None:
        super().__init__(host, theme, self._above_middle)
        self._theme, self._controller, self._ids = theme, controller, ids
        self._tags: dict[str, int] = {}
        self._chosen = Chosen(count=len(ids))
        self._loaded = False
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Find a tag, or type a new one"))
        self.line.setAccessibleName(tr("Find a tag, or type a new one"))
        self.line.textChanged.connect(self._fill)
        self.line.returnPressed.connect(self._take)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Tags"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._toggle)
        self.list.itemActivated.connect(self._toggle)
        space = QShortcut(QKeySequence(Qt.Key.Key_Space), self.list)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(lambda: self._toggle(self.list.currentItem()))
        self._nothing = text(tr("No tags yet: type one and press Enter."), "small", wrap=True)
        px = theme.px
        self.body.setContentsMargins(px(12), px(10), px(12), px(10))
        self.body.addWidget(text(tr_n("Tags of {n} image", "Tags of {n} images", len(ids)), "subtitle"))
        self.body.addWidget(self.line)
        self.body.addWidget(self._nothing)
        self.body.addWidget(self.list)
        self.closed.connect(self.deleteLater)
        controller.context.changed.connect(self._read)
        self._read()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go from the line into the list with ↓."""
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down and self.list.count():
                self.list.setFocus(Qt.FocusReason.TabFocusReason)
                self.list.setCurrentRow(max(0, self.list.currentRow()))
                return True
            return False
        return super().eventFilter(watched, event)

    def _read(self) -> None:
        project, ids = self._controller.context.project, self._ids
        if project is None:
            return

        def show(found: tuple[dict[str, int], Chosen]) -> None:
            self._tags, self._chosen = found
            self._loaded = True
            self._fill()

        self._controller.context.tasks.run(
            tr("Counting"), lambda _: (tags(project), look_at(project, ids)), done=show, quiet=True
        )

    def _fill(self) -> None:
        typed = self.line.text().strip()
        wanted = typed.casefold()
        at = self.list.currentRow()
        self.list.clear()
        # Those that any of the selected has come first.
        found = sorted(
            (name for name in self._tags if wanted in name.casefold()), key=lambda name: name not in self._chosen.tags
        )
        for name in found:
            having = self._chosen.tags.get(name, 0)
            item = QListWidgetItem(f"{name}  ·  {self._tags[name]:,}")
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setSizeHint(QSize(0, self._theme.px(_ROW_PX)))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(_state(having, self._chosen.count))
            item.setToolTip(_words(having, self._chosen.count))
            self.list.addItem(item)
        if typed and typed not in self._tags:
            item = QListWidgetItem(self._theme.icon("plus"), tr("New tag “{tag}”", tag=typed))
            item.setSizeHint(QSize(0, self._theme.px(_ROW_PX)))
            item.setData(Qt.ItemDataRole.UserRole, typed)
            self.list.addItem(item)
        self._nothing.setVisible(self._loaded and not self.list.count())
        self.list.setVisible(self.list.count() > 0)
        self.list.setCurrentRow(min(max(0, at), self.list.count() - 1))
        if self.isVisible():
            self.arrange()

    def _take(self) -> None:
        """Toggle the tag typed; where it is only the beginning of one, the first found."""
        typed = self.line.text().strip()
        if typed in self._tags:
            self._toggle_tag(typed)
        elif typed:
            self._toggle(self.list.currentItem() or self.list.item(0))
        self.line.clear()

    def _toggle(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._toggle_tag(str(item.data(Qt.ItemDataRole.UserRole)))

    def _toggle_tag(self, tag: str) -> None:
        ids = self._ids
        self._controller.editing.queue(lambda project: toggle_tag(project, ids, tag))

    def _above_middle(self, room: QRect, panel: QWidget) -> QRect:
        px = self._theme.px
        rows = min(_MOST_ROWS, max(1, self.list.count()))
        self.list.setFixedHeight(rows * px(_ROW_PX) + px(6))
        width = min(px(_WIDTH_PX), room.width() - 32)
        return QRect((room.width() - width) // 2, room.height() // 7, width, panel.sizeHint().height())


def _state(having: int, count: int) -> Qt.CheckState:
    if not having:
        return Qt.CheckState.Unchecked
    return Qt.CheckState.Checked if having == count else Qt.CheckState.PartiallyChecked


def _words(having: int, count: int) -> str:
    if having == count:
        return tr("all selected have it")
    return tr("{n} of {count} selected have it", n=f"{having:,}", count=f"{count:,}")
