import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from core.images.channels_seen import automatic_display
from core.images.decode import ImageInfo
from core.images.deep import DeepImage, deep_image
from core.images.rendering import ChannelDisplay
from desktop_app.theme import theme_for
from desktop_app.widgets.image_canvas.canvas import ImageCanvas
from desktop_app.widgets.image_canvas.tiles import TILE_PX, TileStore, tiles_in


@pytest.fixture
def tiles(qapp):
    made = TileStore()
    yield made
    made.close()


@pytest.fixture
def canvas(qtbot, tiles):
    made = ImageCanvas(theme_for("light"), tiles, margin=0)
    qtbot.addWidget(made)
    made.resize(600, 600)
    made.show()
    return made


def shown(canvas, qtbot, x, y, colour):
    """Wait until the widget's pixel has the colour, within rounding."""

    def right():
        seen = canvas.grab().toImage().pixelColor(x, y)
        return max(abs(a - b) for a, b in zip(seen.getRgb()[:3], colour, strict=True)) <= 3

    qtbot.waitUntil(right)


def display_of(image: DeepImage):
    return automatic_display(image.stats, image.source.dtype, colour=image.colour)


def test_a_picture_of_many_tiles_shows_its_colours_where_they_are(canvas, qtbot):
    pixels = np.zeros((3000, 3000, 3), np.uint8)
    pixels[:1500, 1500:] = (250, 10, 20)
    pixels[1500:, :1500] = (10, 20, 250)
    image = deep_image(pixels)
    canvas.show_image(image, display_of(image))
    shown(canvas, qtbot, 450, 150, (250, 10, 20))
    shown(canvas, qtbot, 150, 450, (10, 20, 250))
    canvas.zoom_to(1.0, QPointF(300, 300))
    shown(canvas, qtbot, 301, 299, (250, 10, 20))
    shown(canvas, qtbot, 299, 301, (10, 20, 250))


def test_above_two_hundred_percent_a_pixel_is_a_square_without_blending(canvas, qtbot):
    pixels = np.zeros((40, 40), np.uint8)
    pixels[:, 20:] = 255
    image = deep_image(pixels)
    canvas.show_image(image, display_of(image))
    shown(canvas, qtbot, 299, 305, (0, 0, 0))
    shown(canvas, qtbot, 301, 305, (255, 255, 255))


def test_another_window_is_seen_and_the_picture_does_not_vanish_meanwhile(canvas, qtbot):
    image = deep_image(np.full((700, 700), 1000, np.uint16))
    canvas.show_image(image, (ChannelDisplay(0, 2000),))
    shown(canvas, qtbot, 300, 300, (128, 128, 128))
    canvas.set_display((ChannelDisplay(0, 1000),))
    assert canvas.grab().toImage().pixelColor(300, 300).red() >= 128
    shown(canvas, qtbot, 300, 300, (255, 255, 255))


def test_the_scale_bar_is_there_only_where_the_size_is_known(canvas, qtbot):
    pixels = np.zeros((600, 600), np.uint8)
    known = deep_image(pixels, ImageInfo(600, 600, 1, 8, "tiff", pixel_size_um=(0.5, 0.5)))
    canvas.show_image(known, display_of(known))
    canvas.grab()
    assert canvas.scale_text == "50 µm"
    canvas.zoom_to(10)
    canvas.grab()
    assert canvas.scale_text == "5 µm"
    unknown = deep_image(pixels)
    canvas.show_image(unknown, display_of(unknown))
    canvas.grab()
    assert canvas.scale_text == ""


def test_values_are_the_file_s_own(canvas):
    pixels = np.zeros((20, 30, 2), np.float32)
    pixels[4, 3] = (-0.25, 1e6)
    image = deep_image(pixels)
    canvas.show_image(image, display_of(image))
    assert canvas.values_at(3, 4) == (-0.25, 1e6)
    assert canvas.values_at(30, 0) is None


def test_tiles_are_kept_within_their_budget(qtbot, qapp):
    tiles = TileStore(budget_bytes=4 * TILE_PX * TILE_PX * 4)
    canvas = ImageCanvas(theme_for("light"), tiles, margin=0)
    qtbot.addWidget(canvas)
    canvas.resize(600, 600)
    canvas.show()
    image = deep_image(np.zeros((4000, 4000), np.uint8))
    canvas.show_image(image, display_of(image))
    for x in range(0, 4000, 700):
        canvas.zoom_to(1.0)
        canvas.pan(-700, -x / 10)
        canvas.grab()
        qtbot.wait(40)
    assert tiles.bytes_used <= 4 * TILE_PX * TILE_PX * 4
    tiles.close()


def test_only_tiles_in_sight_are_asked_for_and_the_middle_first():
    places = [(column, row) for column, row, _ in tiles_in(QRectF(600, 0, 1100, 500), 1.0, (20_000, 20_000))]
    assert sorted(places) == [(1, 0), (2, 0), (3, 0)]
    assert places[0] == (2, 0)
