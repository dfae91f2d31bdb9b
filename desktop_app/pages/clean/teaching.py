"""What decisions about labels teach: how many real errors are left, when to stop, and which cases share a doubt.

The session of `core.quality.suspects` learns on a worker thread, one lesson after the other; the page hears of it when
it is learnt. Where something is undone, or was decided elsewhere, the session is made anew from what the project says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from core.translation import tr
from desktop_app.pages.clean.outlook import Lesson, Outlook

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.store.project import Project
    from desktop_app.context import AppContext
    from desktop_app.pages.clean.lessons import Lessons


class Teaching(QObject):
    """Learns from decisions about label suspects.

    Attributes
    ----------
    outlook
        What is known now; None where label suspects were not looked for.

    Signals
    -------
    changed
        `outlook`.
    """

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.reset()

    def reset(self) -> None:
        """Forget everything: another project."""
        self.outlook: Outlook | None = None
        self._lessons: Lessons | None = None
        self._pending: list[Lesson] = []
        self._learning = False
        self._anew = False

    def begin(self) -> None:
        """Read what the last check found out, and what was decided since."""
        self._anew = True
        self._proceed()

    def learn(self, finding_ids: Sequence[int], *, wrong: bool, label: str | None) -> None:
        """Take in a decision that was just made."""
        self._pending.append(Lesson(tuple(finding_ids), wrong, label))
        self._proceed()

    def concerns(self, sample_ids: NDArray[Any] | None) -> bool:
        """Return whether a change of these images may put a suspected label right, or wrong again."""
        if sample_ids is None or self._lessons is None:
            return False
        return not self._lessons.samples.isdisjoint(sample_ids.tolist())

    def look_alikes(self, finding_id: int) -> tuple[int, ...]:
        """Return the open cases that share the doubt of one, by finding id."""
        return self.outlook.alike.get(finding_id, ()) if self.outlook is not None else ()

    def _proceed(self) -> None:
        project = self._context.project
        if project is None or self._learning:
            return
        if not self._anew and (self._lessons is None or not self._pending):
            self._pending = []
            return
        lessons = None if self._anew else self._lessons
        taught = self._pending
        self._anew, self._pending, self._learning = False, [], True
        job = self._context.tasks.run(
            tr("Learning from your decisions"),
            lambda _: _learn(project, lessons, taught),
            done=lambda known: self._take(project, known),
            quiet=True,
        )
        job.ended.connect(self._ended)

    def _take(self, project: Project, known: tuple[Lessons | None, Outlook | None]) -> None:
        if self._context.project is project:
            self._lessons, self.outlook = known
            self.changed.emit()

    def _ended(self) -> None:
        self._learning = False
        self._proceed()


def _learn(
    project: Project, lessons: Lessons | None, taught: Sequence[Lesson]
) -> tuple[Lessons | None, Outlook | None]:
    from desktop_app.pages.clean.lessons import read_lessons

    if lessons is None:
        lessons = read_lessons(project)
    if lessons is None:
        return None, None
    for lesson in taught:
        lessons.teach(lesson)
    return lessons, lessons.outlook()
