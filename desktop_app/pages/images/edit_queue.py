"""The user's edits, one after the other, so that a quick second key acts on what the first one left selected.

A label takes a few milliseconds to be durable and for the grid to move on. What is typed meanwhile waits here, and
only then looks at the selection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.store.project import Project
    from desktop_app.context import AppContext
    from desktop_app.workers.task_runner import Title

Change = Callable[["Project"], "Changes"]
MakeChange = Callable[[], "Change | None"]


class EditQueue:
    """Runs edits through the context, each after the page has settled from the one before.

    Parameters
    ----------
    settled
        Says whether the page shows everything that changed.
    """

    def __init__(self, context: AppContext, settled: Callable[[], bool]) -> None:
        self._context, self._settled = context, settled
        self._waiting: deque[tuple[MakeChange, Callable[[], Title]]] = deque()
        self._running = False

    def add(self, make: MakeChange, title: Callable[[], Title] = str) -> None:
        """Do what `make` returns (nothing, for None) as soon as everything before it shows; it is called then.

        `title` says, then too, what that is, should it take long enough to be shown.
        """
        self._waiting.append((make, title))
        self.proceed()

    def proceed(self) -> None:
        """Go on with the next one, if nothing is under way."""
        while self._waiting and not self._running and self._settled():
            make, title = self._waiting.popleft()
            change = make()
            job = self._context.edit(change, title=title()) if change is not None else None
            if job is not None and not job.has_ended:
                self._running = True
                job.ended.connect(self._ended)

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def _ended(self) -> None:
        self._running = False
        self.proceed()
