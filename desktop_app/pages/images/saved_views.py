"""The saved views of the open project: query lines under names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.domain.query_line import parse_query
from core.errors import UserError
from core.store import views as store
from core.store.views import View
from core.translation import tr

if TYPE_CHECKING:
    from core.store.project import Project
    from desktop_app.context import AppContext


class SavedViews(QObject):
    """Keeps the views and changes them; they are no edits: no image is touched by them.

    Signals
    -------
    changed
        `views` are others.
    """

    changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self.views: list[View] = []
        context.project_changed.connect(self._read)
        self._read()

    def named(self, name: str) -> View | None:
        """Return the view of a name."""
        return next((view for view in self.views if view.name == name), None)

    def showing(self, line: str) -> View | None:
        """Return the view that asks what `line` asks."""
        try:
            wanted = parse_query(line)
        except UserError:
            return None
        return next((view for view in self.views if _asks(view) == wanted), None)

    def save(self, name: str, line: str) -> None:
        """Keep `line` under a name; the view that has the name shows this from now on."""
        self._change(lambda project: store.save_view(project, name, line))

    def rename(self, old: str, new: str) -> None:
        """Give a view another name."""
        if new.strip() != old:
            self._change(lambda project: store.rename_view(project, old, new))

    def remove(self, name: str) -> None:
        """Forget a view."""
        self._change(lambda project: store.remove_view(project, name))

    def move(self, name: str, step: int) -> None:
        """Put a view `step` places further down (up, where it is negative)."""
        names = [view.name for view in self.views]
        at = names.index(name)
        names.insert(max(0, min(len(names) - 1, at + step)), names.pop(at))
        self._change(lambda project: store.reorder_views(project, names))

    def _change(self, change: Callable[[Project], object]) -> None:
        project = self._context.project
        if project is None:
            return

        def work(_: object) -> list[View]:
            change(project)
            return store.views(project)

        def failed(error: BaseException) -> None:
            # Who typed a name that does not do sees the old one again.
            self.changed.emit()
            if isinstance(error, UserError):
                self._context.user_error.emit(error)

        def show(found: list[View]) -> None:
            if self._context.project is project:
                self.views = found
                self.changed.emit()

        self._context.tasks.run(tr("Saving"), work, done=show, failed=failed, writes=True, quiet=True)

    def _read(self) -> None:
        project = self._context.project
        self.views = store.views(project) if project is not None else []
        self.changed.emit()


def _asks(view: View) -> object:
    try:
        return parse_query(view.query)
    except UserError:  # saved by a later version that knows more
        return None
