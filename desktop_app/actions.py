"""Actions as data: one row each; menus, the palette, the key sheet and the shortcuts are all made from these rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from core.translation import tr

if TYPE_CHECKING:
    from desktop_app.theme import Theme


def always() -> bool:
    """Enable an action at any time."""
    return True


@dataclass(frozen=True, slots=True)
class Action:
    """One thing the user can do.

    Attributes
    ----------
    id
        Stable name such as ``"edit.undo"``; what stands before the point groups the key sheet.
    text
        Marked for translation.
    icon
        Name in ``resources/icons``, or empty.
    shortcut
        As `QKeySequence` reads it (``"Ctrl+K"``; on macOS Ctrl is the command key), or empty.
    handler
        Called without arguments on the GUI thread.
    enabled_when
        Whether it can be done now; asked when the palette or a menu opens, and before the handler is called.
    label
        Text that depends on the moment (“Undo: label 212 images”), in the user's language; None takes `text`.
    more_shortcuts
        Other keys that do the same.
    page_key
        A key that the page handles itself, because it must not be taken from whatever has the focus (Space, Del); shown
        where a shortcut would be, never installed.
    """

    id: str
    text: str
    handler: Callable[[], object]
    icon: str = ""
    shortcut: str = ""
    enabled_when: Callable[[], bool] = always
    label: Callable[[], str] | None = None
    more_shortcuts: tuple[str, ...] = ()
    page_key: str = ""

    @property
    def shown_text(self) -> str:
        """What to call it now."""
        return self.label() if self.label is not None else tr(self.text)

    @property
    def shown_shortcut(self) -> str:
        """The shortcut as this system writes it."""
        keys = self.shortcut or self.page_key
        return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""

    def trigger(self) -> None:
        """Do it, if it can be done now."""
        if self.enabled_when():
            self.handler()


def install(actions: Iterable[Action], widget: QWidget, theme: Theme) -> list[QAction]:
    """Make the shortcuts of `actions` work while `widget` is shown; return the QActions made."""
    made = []
    for action in actions:
        made.append(as_qaction(action, widget, theme))
        widget.addAction(made[-1])
    return made


def as_qaction(action: Action, parent: QWidget, theme: Theme) -> QAction:
    """Return a QAction for `action`, child of `parent`."""
    made = QAction(action.shown_text, parent)
    made.setObjectName(action.id)
    if action.icon:
        made.setIcon(theme.icon(action.icon))
    keys = [key for key in (action.shortcut, *action.more_shortcuts) if key]
    made.setShortcuts([QKeySequence(key) for key in keys])
    made.triggered.connect(lambda: action.trigger())
    return made


def duplicate_shortcuts(actions: Sequence[Action]) -> list[str]:
    """Return the shortcuts that more than one action claims."""
    seen: set[str] = set()
    twice = []
    for action in actions:
        for key in (action.shortcut, *action.more_shortcuts):
            name = QKeySequence(key).toString()
            if name and name in seen:
                twice.append(name)
            seen.add(name)
    return twice
