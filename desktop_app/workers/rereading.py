"""Reading something of the project again whenever it may have changed, one reading at a time.

Many quick edits ask many times; a count of a million samples takes longer than the next edit. What is asked for during
a reading is answered by one more reading after it, never by a queue of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from core.store.project import Project
    from desktop_app.context import AppContext

T = TypeVar("T")


class Rereading(Generic[T]):
    """Reads off the GUI thread, and shows there what was read of the project that is open then.

    Parameters
    ----------
    title
        What it does, for the jobs.
    read
        Reads the project; on a worker thread.
    show
        Takes what was read; on the GUI thread.
    """

    def __init__(
        self, context: AppContext, title: Callable[[], str], read: Callable[[Project], T], show: Callable[[T], object]
    ) -> None:
        self._context, self._title, self._read, self._show = context, title, read, show
        self._under_way = self._again = False

    def ask(self) -> None:
        """Read, now or as soon as the reading under way has ended; nothing where no project is open."""
        project = self._context.project
        if self._under_way:
            self._again = True
            return
        if project is None:
            return
        self._under_way, self._again = True, False
        job = self._context.tasks.run(
            self._title(), lambda _: self._read(project), done=lambda found: self._take(project, found), quiet=True
        )
        job.ended.connect(self._ended)

    def _take(self, project: Project, found: T) -> None:
        if self._context.project is project:
            self._show(found)

    def _ended(self) -> None:
        self._under_way = False
        if self._again:
            self.ask()
