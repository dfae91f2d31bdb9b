"""A page that shows nothing but its badge, for the tests of the window around it."""

from __future__ import annotations

from desktop_app.context import AppContext
from desktop_app.pages.page import Badge, PageController


class PlainController(PageController):
    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.shown = Badge()
        self.closed = False

    def badge(self) -> Badge:
        return self.shown

    def close(self) -> None:
        self.closed = True
