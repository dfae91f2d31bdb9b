"""The labels that a data set declares, made in the project; those that the project has are left as they are."""

from __future__ import annotations

import re
from typing import Final

from core.errors import UserError
from core.ingest.formats.spec import LabelSaid, Offer
from core.store.labels import add_labels, labels, set_label_colour, set_label_key, set_parent
from core.store.project import Project

_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}")


def make_labels(project: Project, offer: Offer) -> list[UserError]:
    """Make the labels of an offer that are new, in its order, with the colours, keys and places it says they have.

    A key that no label can have is refused, and its label keeps the one it was given; returns why.
    """
    refused: list[UserError] = []
    known = {label.name for label in labels(project)}
    add_labels(project, offer.labels)
    made = {label.name: label for label in labels(project)}
    keys = {label.key for label in made.values() if label.name in known}
    for said in offer.looks:
        if said.name in known or said.name not in made:
            continue
        if _COLOUR.fullmatch(said.colour):
            set_label_colour(project, said.name, said.colour)
        if said.key not in keys:
            try:
                set_label_key(project, said.name, said.key)
            except UserError as error:
                refused.append(error)
        if said.parent in made:
            _nest(project, said)
    return refused


def _nest(project: Project, said: LabelSaid) -> None:
    try:
        set_parent(project, said.name, said.parent)
    except UserError:  # a table that runs in a circle: the label stays at the top
        return
