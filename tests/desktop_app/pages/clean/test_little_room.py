from PySide6.QtWidgets import QLabel, QScrollArea

from core.domain.findings import FindingKind
from desktop_app.widgets.basics import SectionTitle

K = FindingKind


def open_queue(controller, settle, queue):
    controller.open_queue(queue)
    settle()


def test_the_buttons_stay_in_one_line_where_there_is_little_room(page, controller, settle, qtbot):
    open_queue(controller, settle, "suspects")
    bar = page.panel.bar
    bar.window().resize(1900, 760)
    settle()
    wide = bar.height()
    bar.window().resize(1110, 760)
    settle()
    qtbot.wait(20)
    assert bar.height() == wide
    assert page.panel.accept.accessibleName() == "Make it WBC", "however short, it is read out whole"
    assert "Make it WBC" in page.panel.accept.toolTip()


def test_nothing_of_the_evidence_is_cut_off_in_the_smallest_window(page, controller, settle, qtbot):
    window = page.window()
    page.panel.setFixedWidth(372)
    window.resize(900, 600)
    open_queue(controller, settle, "suspects")
    areas = page.panel.view.findChildren(QScrollArea)
    assert areas
    qtbot.waitUntil(lambda: all(area.widget().width() <= area.viewport().width() for area in areas))
    for label in page.panel.findChildren(SectionTitle):
        assert label.minimumSizeHint().width() == 0


def test_a_long_name_in_the_evidence_does_not_push_the_rest_out_of_sight(made, open_controller, show_page, settle):
    name = "platelets" * 12
    evidence = {"probabilities": {name: 0.1, "WBC": 0.9}, "neighbours": [2, 4, 6], "distances": [0.1] * 3}
    made.find(made.suspicion(K.LABEL_SUSPECT, 1, score=0.97, p_wrong=0.97, suggested="WBC", evidence=evidence))
    controller = open_controller(made.path)
    page = show_page(controller)
    open_queue(controller, settle, "suspects")
    board = page.panel.view.board
    assert board.mapTo(page.panel, board.rect().bottomRight()).x() <= page.panel.width()


def test_an_unreadable_image_says_all_of_why_and_of_its_name_where_there_is_little_room(
    made, open_controller, show_page, settle, qtbot
):
    made.find(made.suspicion(K.UNREADABLE, 1, score=1.0))
    controller = open_controller(made.path)
    page = show_page(controller)
    page.panel.setFixedWidth(372)
    open_queue(controller, settle, "unreadable")
    path = controller.case.principal.path
    labels = [label for label in page.panel.view.findChildren(QLabel) if label.isVisible()]
    named = next(label for label in labels if label.text() == path)
    named.setText(path + "9" * 300)
    qtbot.waitUntil(lambda: named.height() > 4 * named.fontMetrics().height())
    area = page.panel.view.findChild(QScrollArea)
    assert area.widget().width() <= area.viewport().width()
    assert all(label.mapTo(area.widget(), label.rect().bottomRight()).x() <= area.widget().width() for label in labels)


def test_a_pair_leaves_out_what_matters_least_where_there_is_little_room(page, controller, settle):
    open_queue(controller, settle, "conflicts")
    tile = page.panel.view.board.tiles[0]
    tile.resize(100, tile.height())
    assert "B · " not in tile.seen_lines()[1] and tile.seen_lines()[1].endswith(" · train")
    tile.resize(400, tile.height())
    assert "B · " in tile.seen_lines()[1]


def test_what_was_measured_ends_in_an_ellipsis_where_there_is_little_room(page, controller, settle, qtbot):
    open_queue(controller, settle, "outliers")
    bar = page.panel.view.range
    bar.setFixedWidth(90)
    qtbot.waitUntil(lambda: bar.shown_name.endswith("…"))
    assert bar.toolTip() == "Distance to its nearest images"
    bar.setFixedWidth(400)
    qtbot.waitUntil(lambda: bar.shown_name == "Distance to its nearest images")
    assert not bar.toolTip()
