"""Checks that need no network: they read each image once."""

from pathlib import Path

from PIL import Image
from PySide6.QtWidgets import QLabel

from core.domain.findings import FindingKind
from core.store.edits import set_excluded
from core.store.sources import sources
from desktop_app.pages.clean.check_panel import CheckPanel
from desktop_app.pages.page import BadgeState

K = FindingKind
PLAIN = (K.UNREADABLE, K.DARK, K.BRIGHT, K.ODD_SIZE)


def test_a_check_turns_a_ring_and_says_what_it_looked_for(made, open_controller, settle):
    controller = open_controller(made.path)
    controller.checking.start(PLAIN)
    assert controller.badge().state is BadgeState.RUNNING
    controller.checking.start(PLAIN)
    settle()
    assert controller.checking.job is None
    assert controller.badge().state is BadgeState.NONE
    assert set(controller.facts.record.kinds) == set(PLAIN)
    assert controller.facts.looked_for == set(PLAIN)
    assert controller.facts.record.samples == 12


def test_what_is_found_comes_into_sight_where_no_queue_was_chosen(made, open_controller, settle, tmp_path):
    controller = open_controller(made.path)
    controller.checking.start(PLAIN)
    settle()
    full = [kind for kind, count in controller.facts.counts.items() if count.open]
    assert (controller.case is not None) == bool(full)


def test_a_check_can_be_stopped(made, open_controller, context, settle, qtbot):
    controller = open_controller(made.path)
    with qtbot.waitSignal(context.message):
        controller.checking.start(PLAIN)
        controller.checking.cancel()
    settle()
    assert controller.checking.job is None
    assert controller.facts.record is None


def test_closing_the_project_stops_its_check(made, open_controller, context, settle):
    controller = open_controller(made.path)
    controller.checking.start(PLAIN)
    context.close_project()
    settle()
    assert (controller.checking.job, controller.facts.record) == (None, None)


def test_images_can_be_edited_while_a_check_runs(made, open_controller, context, settle):
    controller = open_controller(made.path)
    controller.checking.start(PLAIN)
    context.edit(lambda project: set_excluded(project, [1], True))
    settle()
    assert controller.facts.record is not None
    assert controller.facts.samples == 11


def test_files_that_changed_on_disk_are_told_and_shown_as_they_are(made, open_controller, context, settle):
    controller = open_controller(made.path)
    told, changes = [], []
    context.message.connect(told.append)
    context.changed.connect(changes.append)
    [source] = sources(context.project).values()
    for at, path in enumerate(sorted(Path(source.root).rglob("*.png"))[:2]):
        Image.new("RGB", (9, 9), (40 * at, 5, 5)).save(path)
    controller.checking.start(PLAIN)
    settle()
    assert told == ["2 files changed on disk since they were imported; their thumbnails and findings were renewed."]
    assert any(change.samples for change in changes)
    controller.checking.start(PLAIN)
    settle()
    assert len(told) == 1


def test_how_many_images_no_check_has_seen_is_told(made, open_controller, context, settle, qtbot):
    controller = open_controller(made.path)
    context.edit(lambda project: set_excluded(project, [1, 2], True))
    settle()
    controller.checking.start(PLAIN)
    settle()
    context.edit(lambda project: set_excluded(project, [1, 2], False))
    controller.count_stale()
    settle()
    assert controller.unseen == 2
    panel = CheckPanel(controller, context.theme, lambda: None)
    qtbot.addWidget(panel)
    assert "2 images came in or were labelled since." in " ".join(label.text() for label in panel.findChildren(QLabel))
