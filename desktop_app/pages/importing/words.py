"""What the import page says in words: what its button will do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.translation import tr, tr_n

if TYPE_CHECKING:
    from desktop_app.pages.importing.preview import Seen


def button_text(seen: Seen | None, busy: bool, skip_copies: bool = False) -> str:
    """Say what the import button will do: “Add 4,886 images”."""
    if busy:
        return tr("Importing…")
    told = seen.preview if seen is not None else None
    if told is None:
        return tr("Import")
    if told.would_add and skip_copies and told.copies:
        return tr("Add what is no copy")
    if told.would_add:
        return tr_n("Add {n} image", "Add {n} images", told.would_add)
    return tr_n("Look again at {n} known image", "Look again at {n} known images", told.known + told.renamed)
