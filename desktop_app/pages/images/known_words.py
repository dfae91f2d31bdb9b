"""What query line and filters can be given in the open project: read in the background, kept until it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.domain.query_completion import Vocabulary
from core.store.vocabulary import read_vocabulary
from core.translation import tr

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from desktop_app.context import AppContext


class KnownWords(QObject):
    """The vocabulary of the open project.

    What is known stays in use while it is read again, which happens when somebody `want`s it after a change: counting
    a million images after every key that labels one would only be in the way.

    Signals
    -------
    changed
        `vocabulary` is another one.
    """

    changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._fresh = self._reading = False
        self.vocabulary = Vocabulary()
        context.project_changed.connect(self._begin)
        context.changed.connect(self._note)
        self._begin()

    def want(self) -> None:
        """See to it that the vocabulary is up to date soon."""
        project = self._context.project
        if project is None or self._fresh or self._reading:
            return
        self._fresh = self._reading = True

        def use(found: Vocabulary) -> None:
            if self._context.project is project:
                self.vocabulary = found
                self.changed.emit()

        def ended() -> None:
            self._reading = False

        job = self._context.tasks.run(tr("Counting"), lambda _: read_vocabulary(project), done=use, quiet=True)
        job.ended.connect(ended)

    def _begin(self) -> None:
        self._fresh = self._reading = False
        self.vocabulary = Vocabulary()
        self.changed.emit()
        self.want()

    def _note(self, changes: Changes) -> None:
        if changes.samples or changes.labels or changes.runs or changes.sample_ids is not None:
            self._fresh = False
        if changes.samples or changes.runs:
            self.want()
