import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from desktop_app.theme import theme_for
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.widgets.sample_grid.tiles import Pill, Tile
from desktop_app.widgets.sample_grid.view import SampleGrid


class Thumbnails(QObject):
    """Pictures in memory, that remembers what was wanted."""

    loaded = Signal(object)

    def __init__(self):
        super().__init__()
        self.wanted: list[int] = []
        self.failures: dict[int, str] = {}
        self.picture = QImage(100, 50, QImage.Format.Format_RGB32)
        self.picture.fill(0xFF00FF00)

    def image(self, sample_id, size_px):
        return self.picture

    def failure(self, sample_id, size_px):
        return self.failures.get(sample_id, "")

    def want(self, sample_ids, size_px):
        self.wanted = list(sample_ids)


class Tiles:
    def __init__(self):
        self.prepared: list[int] = []
        self.special: dict[int, Tile] = {}

    def prepare(self, ids):
        self.prepared = list(ids)

    def tile(self, sample_id):
        return self.special.get(
            sample_id, Tile(f"{sample_id}.png", (Pill("RBC", "●", "#D55E00"),), details=("Split: val",))
        )


@pytest.fixture
def thumbnails(qapp):
    return Thumbnails()


@pytest.fixture
def tiles():
    return Tiles()


@pytest.fixture
def state(qapp):
    made = GridState()
    made.set_ids(np.arange(1000, 1200, dtype=np.int64))
    return made


@pytest.fixture
def grid(qtbot, state, tiles, thumbnails):
    made = SampleGrid(state, tiles, thumbnails, theme_for("light"), zoom_px=100)
    qtbot.addWidget(made)
    made.resize(570, 480)
    made.show()
    qtbot.waitExposed(made)
    made.setFocus()
    return made
