"""The settings page has no state of its own: it shows and changes those of the context."""

from __future__ import annotations

from desktop_app.pages.page import PageController


class SettingsController(PageController):
    """Passes changes on."""

    def change(self, **changes: object) -> None:
        """Change settings; they hold at once."""
        self.context.change_settings(**changes)
