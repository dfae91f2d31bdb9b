"""The import page: a folder of images becomes a project, or part of the one that is open."""

from __future__ import annotations

from desktop_app.pages.page import Page


class ImportPage(Page):
    """A form with a preview of what the rules find."""

    id = "import"
