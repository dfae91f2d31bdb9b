"""How the project's images are looked at: one window, colour and visibility per channel, kept with the project.

It changes no image, label or split, so it is no edit of the ledger.
"""

from __future__ import annotations

from core.domain.changes import Changes
from core.errors import UserError
from core.images.display import Display
from core.store.project import Project, read_meta, write_meta

_KEY = "display"


def display(project: Project) -> Display | None:
    """Return how the project's images are shown; None where they are 8-bit grey or RGB, or nothing is known yet."""
    found = read_meta(project, _KEY)
    if not isinstance(found, dict):
        return None
    try:
        return Display.from_json(found)
    except (UserError, KeyError, TypeError, ValueError):
        return None  # a look can be measured again; it is no reason not to open a project


def set_display(project: Project, look: Display | None) -> Changes:
    """Show the project's images like this from now on."""
    write_meta(project, _KEY, look.to_json() if look is not None else None)
    return Changes(display=True)
