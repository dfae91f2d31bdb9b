"""Showing the images of one label (and of those below it) in the grid, and everything again."""

from __future__ import annotations

from dataclasses import replace

from core.domain.query import SampleQuery
from desktop_app.pages.images.controller import ImagesController


def is_shown_alone(query: SampleQuery, name: str | None) -> bool:
    """Say whether the grid shows this label (None: the unlabelled) and no other."""
    return query.labels == (name,)


def show_label(controller: ImagesController, name: str | None) -> None:
    """Show only the images of a label, of what the query finds; where that is so already, those of all labels."""
    wanted = () if is_shown_alone(controller.query, name) else (name,)
    controller.set_query(replace(controller.query, labels=wanted))
