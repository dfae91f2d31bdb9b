"""The pages of the window, in the order of the workflow: explicit rows, each imported when it is first needed.

The build of the frozen application reads its hidden imports from this table.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.translation import mark

if TYPE_CHECKING:
    from desktop_app.context import AppContext
    from desktop_app.pages.page import Page, PageController


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page: how the rail shows it, and where its classes are: modules `controller` and `page` of `package`.

    `needs_project` says whether there is anything to do on it while no project is open.
    """

    id: str
    title: str
    icon: str
    package: str
    controller: str
    page: str
    needs_project: bool = True

    def make_controller(self, context: AppContext) -> PageController:
        """Import and make the controller; once per window."""
        made: PageController = _find(f"{self.package}.controller", self.controller)(context)
        return made

    def make_page(self, controller: PageController, context: AppContext) -> Page:
        """Import and build the page; again after each change of theme or language."""
        made: Page = _find(f"{self.package}.page", self.page)(controller, context)
        return made

    def load(self) -> None:
        """Import what `make_page` needs; from any thread."""
        _find(f"{self.package}.page", self.page)

    def exists(self) -> bool:
        """Whether this build has the page."""
        return importlib.util.find_spec(self.package) is not None and all(
            importlib.util.find_spec(f"{self.package}.{module}") is not None for module in ("controller", "page")
        )


PAGES: Final = (
    PageSpec("images", mark("Images"), "images", "desktop_app.pages.images", "ImagesController", "ImagesPage"),
    PageSpec("reading", mark("Readers"), "eye", "desktop_app.pages.reading", "ReadingController", "ReadingPage"),
    PageSpec("clean", mark("Clean"), "clean", "desktop_app.pages.clean", "CleanController", "CleanPage"),
    PageSpec("train", mark("Train"), "train", "desktop_app.pages.train", "TrainController", "TrainPage"),
    PageSpec(
        "evaluate", mark("Evaluate"), "evaluate", "desktop_app.pages.evaluate", "EvaluateController", "EvaluatePage"
    ),
    PageSpec("export", mark("Export"), "export", "desktop_app.pages.export", "ExportController", "ExportPage"),
    PageSpec(
        "predict",
        mark("Predict"),
        "predict",
        "desktop_app.pages.predict",
        "PredictController",
        "PredictPage",
        needs_project=False,
    ),
)
START: Final = PageSpec(
    "start",
    mark("Start"),
    "folder-open",
    "desktop_app.pages.start",
    "StartController",
    "StartPage",
    needs_project=False,
)

IMPORT: Final = PageSpec(
    "import",
    mark("Import"),
    "download",
    "desktop_app.pages.importing",
    "ImportController",
    "ImportPage",
    needs_project=False,
)
SETTINGS: Final = PageSpec(
    "settings",
    mark("Settings"),
    "settings",
    "desktop_app.pages.settings",
    "SettingsController",
    "SettingsPage",
    needs_project=False,
)
HISTORY: Final = PageSpec(
    "history", mark("History"), "history", "desktop_app.pages.history", "HistoryController", "HistoryPage"
)
SOURCES: Final = PageSpec(
    "sources", mark("Sources"), "folder", "desktop_app.pages.sources", "SourcesController", "SourcesPage"
)
# Not steps of the workflow, and so not in the rail.
BESIDE: Final = (START, IMPORT, HISTORY, SOURCES, SETTINGS)


def available_pages() -> tuple[PageSpec, ...]:
    """Return the pages this build has."""
    return tuple(spec for spec in PAGES if spec.exists())


def _find(module: str, name: str) -> type:
    found: type = getattr(importlib.import_module(module), name)
    return found
