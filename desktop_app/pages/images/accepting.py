"""Working through suggestions in the grid: one key accepts and goes on to the next."""

from __future__ import annotations

from typing import Final

from desktop_app.pages.images.controller import ImagesController

_LOOK_AHEAD: Final = 500


def accept_suggestions(controller: ImagesController, *, only_current: bool = False) -> bool:
    """Give the selected samples (or the current one alone) what is suggested; False where nothing is suggested."""
    grid = controller.grid
    at = max(0, grid.current)
    ids = grid.ids[at : at + 1] if only_current or not grid.selected_count else grid.selected_ids
    edit = controller.suggestions.acceptance(ids)
    if edit is None:
        return False
    controller.editing.queue(edit)
    if len(ids) == 1:
        _go_to_next(controller, at, select=not only_current)
    return True


def _go_to_next(controller: ImagesController, at: int, *, select: bool) -> None:
    """Go to the next sample after `at` that has a suggestion, so that one key after the other accepts."""
    grid = controller.grid
    for index in range(at + 1, min(at + 1 + _LOOK_AHEAD, len(grid))):
        if controller.suggestions.suggestion(int(grid.ids[index])) is not None:
            (grid.select_only if select else grid.set_current)(index)
            return
