"""What can be done with suggestions and similarity, as actions: keys, palette and menus are made from them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.pages.images.accepting import accept_suggestions
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.suggestions import Phase


def suggestion_actions(controller: ImagesController, *, of_selection: bool = False) -> Sequence[Action]:
    """Return the actions; with `of_selection` only those that concern what is selected."""
    made = controller.suggestions

    def ready() -> bool:
        return made.phase is Phase.READY and made.knowledge is not None

    selection = (
        Action(
            "images.accept",
            mark("Accept the suggestion"),
            partial(accept_suggestions, controller),
            "check",
            enabled_when=lambda: ready() and len(controller.grid) > 0,
            page_key="Return",
        ),
        Action(
            "images.similar",
            mark("More like these"),
            lambda: made.order_by_similarity(controller.grid.selected_ids),
            "search",
            "Ctrl+L",
            lambda: controller.grid.selected_count > 0,
        ),
    )
    if of_selection:
        return selection
    return (
        *selection,
        Action(
            "images.suggest",
            mark("Suggest labels"),
            lambda: made.switch(not made.on),
            "predict",
            label=lambda: tr("Stop suggesting labels") if made.on else tr("Suggest labels"),
        ),
        Action("images.fetch", mark("Fetch what to label next"), made.fetch, "download", "Ctrl+Return", ready),
        Action("images.useful", mark("Sort by usefulness"), made.order_by_usefulness, "sort", "", ready),
        Action("images.by_suggestion", mark("Sort by suggested label"), made.order_by_label, "sort", "", ready),
        Action("images.accept_sure", mark("Accept all sure suggestions"), made.accept_sure, "done", "", ready),
    )
