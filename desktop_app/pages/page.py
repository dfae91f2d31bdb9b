"""What a page is to the window, and what its controller is to the page.

A page is a room: `controller.py` holds all state and talks to `core` (a QObject without widgets, tested headless),
`page.py` shows it. The controller lives as long as the window; the page is thrown away and built again whenever the
theme or the language changes, so a widget holds no state of its own and needs no code to retranslate itself.

    class TrainController(PageController):
        def __init__(self, context: AppContext) -> None: ...

    class TrainPage(Page):
        def __init__(self, controller: TrainController, context: AppContext) -> None:
            super().__init__(controller, context)

and one row in `desktop_app.pages.registry`. Page modules are imported when their page is first shown (they may import
pyqtgraph at their top); controller modules are imported at start-up (they may not).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from desktop_app.actions import Action
    from desktop_app.context import AppContext


class BadgeState(StrEnum):
    """How a step of the workflow stands, in the rail."""

    NONE = "none"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Badge:
    """What the rail shows beside a page: a short text such as ``4,886``, and a tick or a running ring.

    `progress` (0 to 1) fills the ring; None lets it turn.
    """

    text: str = ""
    state: BadgeState = BadgeState.NONE
    progress: float | None = None


class PageController(QObject):
    """The state of a page; no widget. Emits `badge_changed` when `badge` would answer something else."""

    badge_changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context

    def badge(self) -> Badge:
        """Return what the rail shows beside the page."""
        return Badge()

    def status(self) -> str:
        """Return what the left of the status bar says while the page is shown; emit `badge_changed` on change."""
        return ""

    def close(self) -> None:
        """The window is closing: stop your own threads and wait for them. The project is closed after this."""


class Page(QWidget):
    """One page of the window: widgets only.

    Attributes
    ----------
    id, title, icon
        As in the registry: the title is a text marked for translation, the icon a name in ``resources/icons``.
    """

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""

    def __init__(self, controller: PageController, context: AppContext) -> None:
        super().__init__()
        self.setObjectName("page")
        self.context = context
        self.theme = context.theme

    def inspector(self) -> QWidget | None:
        """Return the widget for the inspector on the right (the same one at every call), or None for no inspector."""
        return None

    def actions_table(self) -> Sequence[Action]:
        """Return the page's own actions; their shortcuts work while the page is shown."""
        return ()

    def keys_table(self) -> Sequence[tuple[str, str]]:
        """Return what else is done by keys, and those keys, for the sheet of keys: what is no action of its own."""
        return ()

    def activated(self, **params: object) -> None:
        """The page is being shown; `params` are those of `AppContext.show`."""

    def focus_search(self) -> bool:
        """Put the cursor into the page's own search line, if it has one, and return whether it did (the ``/`` key)."""
        return False

    def drop_hint(self) -> str:
        """Say what the page would do with files dropped on it; an empty text where it leaves them to the window."""
        return ""

    def drop(self, paths: Sequence[str]) -> bool:
        """Take files or folders dropped on the window while the page is shown; return whether the page wants them."""
        return False
