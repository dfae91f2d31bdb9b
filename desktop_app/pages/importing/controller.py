"""The state of the import page: which folder, where its labels and groups come from, and where the project goes."""

from __future__ import annotations

from desktop_app.pages.page import PageController


class ImportController(PageController):
    """What the import page shows and does."""
