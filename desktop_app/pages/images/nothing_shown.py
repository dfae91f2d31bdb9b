"""What stands in the place of the grid where no image is shown: why, and the button that goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtWidgets import QWidget

from core.translation import tr
from desktop_app.pages.images.controller import ImagesController
from desktop_app.theme import Theme
from desktop_app.widgets.empty_state import EmptyState


class NothingShown:
    """An empty state for every reason that no image is shown.

    Attributes
    ----------
    project, query
        There are no images; none matches.
    unread, failed
        The query cannot be read, the search failed: what was shown before would be edited for what was asked for.
    """

    def __init__(self, controller: ImagesController, theme: Theme, import_folder: Callable[[], object]) -> None:
        self._controller = controller
        self.project = EmptyState(
            theme,
            "images",
            tr("No images yet"),
            tr("Import a folder of images. They stay where they are: Coverslip only reads them."),
            tr("Import folder…"),
            import_folder,
        )

        def offer_all(icon: str, title: str, explanation: str) -> EmptyState:
            return EmptyState(theme, icon, title, explanation, tr("Show all images"), controller.clear_query)

        self.query = offer_all(
            "filter",
            tr("No image matches"),
            tr("Nothing in this project matches the query. Change it, or show all images again."),
        )
        self.unread = offer_all(
            "warning",
            tr("The query cannot be read"),
            tr("No image is shown, so that none is changed by mistake. Correct the query, or show all images again."),
        )
        self.failed = offer_all(
            "warning",
            tr("The search failed"),
            tr("No image is shown, so that none is changed by mistake. Search for something else, or show all images."),
        )

    def __iter__(self) -> Iterator[QWidget]:
        return iter((self.project, self.query, self.unread, self.failed))

    def now(self) -> QWidget | None:
        """Return what is to be seen instead of the grid; None where the grid is."""
        controller = self._controller
        if controller.query_error:
            return self.unread
        if controller.searcher.failed:
            return self.failed
        if len(controller.grid) or not controller.loaded:
            return None
        return self.query if controller.is_filtered() else self.project
