"""A pill shows as much of a long name as it can: first smaller, then without its middle."""

import pytest
from PySide6.QtGui import QFont, QFontMetricsF

from desktop_app.theme import theme_for
from desktop_app.widgets.data_table import Cell, DataTable
from desktop_app.widgets.label_pill import fitting_font


@pytest.fixture
def font(qapp) -> QFont:
    return theme_for("light").font(11, bold=True)


def test_a_name_that_fits_keeps_its_size(font):
    assert fitting_font(font, "RBC", 500) == font


def test_a_name_that_almost_fits_gets_smaller_until_it_does(font):
    width = QFontMetricsF(font).horizontalAdvance("Neutrophil granulocyte")
    smaller = fitting_font(font, "Neutrophil granulocyte", 0.92 * width)
    assert smaller.pixelSize() < font.pixelSize()
    assert QFontMetricsF(smaller).horizontalAdvance("Neutrophil granulocyte") <= width


def test_a_name_that_is_far_too_long_stays_readable(font):
    assert fitting_font(font, 30 * "long ", 50).pixelSize() >= 0.75 * font.pixelSize()


def test_a_wide_table_shares_its_room_out_among_the_columns(qtbot):
    table = DataTable(
        theme_for("light"), ["Label", "Images", "F1"], lambda _: None, name="x", numbers=(1, 2), spread=True
    )
    qtbot.addWidget(table)
    table.resize(300, 120)
    table.show()
    table.show_rows([("a", [Cell("RBC"), Cell("38", number=True), Cell("0.99", number=True)])], [])
    narrow = table.columnWidth(1)
    table.resize(1200, 120)
    qtbot.waitUntil(lambda: table.columnWidth(1) > 2 * narrow)
    assert max(table.columnWidth(column) for column in range(3)) < 0.5 * table.viewport().width()
    table.resize(300, 120)
    qtbot.waitUntil(lambda: table.columnWidth(1) == narrow)
