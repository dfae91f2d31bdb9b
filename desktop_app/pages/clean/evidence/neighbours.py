"""The nearest images of a case with their labels and distances: a small board that several views show."""

from __future__ import annotations

from core.translation import tr
from desktop_app.pages.clean.case import CaseFacts, numbers, reals
from desktop_app.pages.clean.evidence.view import EvidenceView
from desktop_app.pages.clean.tile_board import TileBoard

SMALLEST_PX, LARGEST_PX = 72, 150


def neighbour_board(view: EvidenceView) -> TileBoard:
    """Return an empty board for neighbours."""
    board = TileBoard(view.theme, smallest_px=SMALLEST_PX, largest_px=LARGEST_PX)
    board.setAccessibleName(tr("The most similar images"))
    return board


def show_neighbours(board: TileBoard, view: EvidenceView, case: CaseFacts) -> None:
    """Show the neighbours that the evidence of a case names."""
    distances = _distance_by_id(case)
    tiles = []
    for sample_id in case.neighbours:
        away = distances.get(sample_id)
        number = f"{away:.2f}" if away is not None else ""
        words = tr("distance {d}", d=number) if number else ""
        tiles.append(view.tile(sample_id, [words], brief=[number]))
    board.show_tiles(tiles)
    board.setVisible(bool(tiles))


def _distance_by_id(case: CaseFacts) -> dict[int, float]:
    ids = numbers(case.finding.evidence.get("neighbours"))
    return dict(zip(ids, reals(case.finding.evidence.get("distances")), strict=False))
