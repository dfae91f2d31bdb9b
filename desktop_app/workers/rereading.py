"""Reading something of the project again whenever it may have changed, one reading at a time.

Many quick edits ask many times; a count of a million samples takes longer than the next edit. What is asked for during
a reading is answered by one more reading after it, never by a queue of them. A reading begins a moment late, so that
the window shows the edit itself first, and rests as long as it took, so that quick edits do not keep a core counting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from core.store.project import Project
    from desktop_app.context import AppContext

T = TypeVar("T")
DELAY_MS: Final = 60
"""Long enough for the window to show an edit, too short to be noticed."""


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
        self._project: Project | None = None  # the one that is being read, or about to be
        self._last: Project | None = None
        self._begun = self._again = False
        self._taken_s = self._ended_s = 0.0

    def ask(self) -> None:
        """Read in a moment, or when the reading under way has ended; nothing where no project is open."""
        project = self._context.project
        if self._project is not None:
            # A reading that has not begun will see what is new; one of another project will not.
            self._again = self._again or self._begun or self._project is not project
            return
        if project is None:
            return
        self._project, self._begun, self._again = project, False, False
        # After a reading that took long, as long a rest.
        rest_s = self._taken_s - (time.monotonic() - self._ended_s) if project is self._last else 0.0
        job = self._context.tasks.run(
            self._title(),
            lambda _: self._read_now(project),
            done=lambda found: self._take(project, found),
            quiet=True,
            after_ms=max(DELAY_MS, round(1000 * rest_s)),
        )
        job.ended.connect(self._ended)

    def _read_now(self, project: Project) -> tuple[float, T]:
        self._begun = True
        began_s = time.monotonic()
        return began_s, self._read(project)

    def _take(self, project: Project, found: tuple[float, T]) -> None:
        began_s, facts = found
        self._taken_s = time.monotonic() - began_s
        if self._context.project is project:
            self._show(facts)

    def _ended(self) -> None:
        self._last, self._project, self._ended_s = self._project, None, time.monotonic()
        if self._again:
            self.ask()
