"""Saved views: a star with a menu, and a panel to put them in order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from core.store.views import View
from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.pages.images.controller import ImagesController
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, clear, icon_button, row, text
from desktop_app.widgets.overlay import Overlay

_KEYS: Final = 9
_WIDTH_PX: Final = 380


def view_actions(controller: ImagesController) -> Sequence[Action]:
    """Return an action for each of the first nine views, whether there is one or not: the keys are theirs."""

    def view(place: int) -> View | None:
        return controller.views.views[place] if place < len(controller.views.views) else None

    def words(place: int) -> str:
        found = view(place)
        return tr("View: {name}", name=found.name) if found is not None else tr("Saved view {n}", n=place + 1)

    def show(place: int) -> None:
        found = view(place)
        if found is not None:
            controller.set_line(found.query)

    return [
        Action(
            f"images.view{place + 1}",
            mark("Saved view"),
            partial(show, place),
            "star",
            f"Ctrl+Shift+{place + 1}",
            enabled_when=lambda p=place: view(p) is not None,  # type: ignore[misc]
            label=partial(words, place),
        )
        for place in range(_KEYS)
    ]


class ViewsButton(QToolButton):
    """A star: the saved views to choose from, and what else can be done with them."""

    def __init__(self, controller: ImagesController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self.setToolTip(tr("Saved views"))
        self.setAccessibleName(tr("Saved views"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self.fill)
        self.setMenu(self._menu)
        controller.query_changed.connect(self._refresh)
        controller.views.changed.connect(self._refresh)
        self.fill()
        self._refresh()

    def fill(self) -> None:
        """Fill the menu with what there is now."""
        controller, menu = self._controller, self._menu
        menu.clear()
        current = controller.views.showing(controller.line)
        for place, view in enumerate(controller.views.views):
            keys = f"\tCtrl+Shift+{place + 1}" if place < _KEYS else ""
            action = menu.addAction(view.name.replace("&", "&&") + keys, partial(controller.set_line, view.query))
            action.setToolTip(view.query)
            action.setCheckable(True)
            action.setChecked(view is current)
        if not controller.views.views:
            menu.addAction(tr("No view saved yet")).setEnabled(False)
        menu.addSeparator()
        save = menu.addAction(self._theme.icon("star"), tr("Save this view…"), partial(self.manage, saving=True))
        save.setEnabled(bool(controller.line.strip()) and not controller.query_error)
        order = menu.addAction(tr("Rename, order, remove…"), self.manage)
        order.setEnabled(bool(controller.views.views))

    def manage(self, *, saving: bool = False) -> ViewsPanel:
        """Open the panel; with the cursor in the name of a new view if one is to be saved."""
        panel = ViewsPanel(self.window(), self, self._theme, self._controller)
        panel.open(panel.name if saving else None)
        return panel

    def _refresh(self) -> None:
        shown = self._controller.views.showing(self._controller.line)
        self.setIcon(self._theme.icon("star", "accent" if shown is not None else "muted"))
        self.setToolTip(tr("Saved views") if shown is None else tr("View: {name}", name=shown.name))


class ViewsPanel(Overlay):
    """The views as rows: the name to be typed over, what it asks, and buttons to replace, move and remove it."""

    def __init__(self, host: QWidget, anchor: QWidget, theme: Theme, controller: ImagesController) -> None:
        super().__init__(host, theme, self._place_below)
        self._anchor, self._theme, self._controller = anchor, theme, controller
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Name of the view"))
        self.name.setAccessibleName(tr("Name of the view"))
        self.name.returnPressed.connect(self._save)
        self.save = button(tr("Save"), self._save, kind="primary")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(theme.px(4))
        shown = text(controller.line, "mono", wrap=True) if controller.line else text(tr("all images"), "muted")
        self.body.addWidget(shown)
        self.body.addLayout(row(self.name, self.save))
        self.body.addLayout(self._rows)
        controller.views.changed.connect(self._fill)
        self.closed.connect(self.deleteLater)
        self._fill()

    def _save(self) -> None:
        if self.name.text().strip():
            self._controller.views.save(self.name.text(), self._controller.line)
            self.close_panel()

    def _fill(self) -> None:
        clear(self._rows)
        every, theme = self._controller.views, self._theme
        for view in every.views:
            name = QLineEdit(view.name)
            name.setAccessibleName(tr("Name of the view"))
            name.setToolTip(view.query)
            name.editingFinished.connect(partial(self._rename, view.name, name))
            replace = icon_button(
                theme.icon("save"),
                tr("Let “{name}” show what is shown now", name=view.name),
                partial(every.save, view.name, self._controller.line),
            )
            up = icon_button(theme.icon("arrow-up"), tr("Further up"), partial(every.move, view.name, -1))
            down = icon_button(theme.icon("arrow-down"), tr("Further down"), partial(every.move, view.name, 1))
            up.setEnabled(view is not every.views[0])
            down.setEnabled(view is not every.views[-1])
            remove = icon_button(
                theme.icon("trash"), tr("Remove the view “{name}”", name=view.name), partial(every.remove, view.name)
            )
            self._rows.addLayout(row(name, replace, up, down, remove, spacing=theme.px(2)))
        if self.isVisible():
            self.arrange()

    def _rename(self, old: str, name: QLineEdit) -> None:
        self._controller.views.rename(old, name.text())

    def _place_below(self, room: QRect, panel: QWidget) -> QRect:
        px = self._theme.px
        corner = self.mapFromGlobal(self._anchor.mapToGlobal(QPoint(0, self._anchor.height() + px(4))))
        width = px(_WIDTH_PX)
        return QRect(min(corner.x(), room.width() - width - px(8)), corner.y(), width, panel.sizeHint().height())
