from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDoubleSpinBox, QLabel, QSpinBox, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from core.backbones.table import BACKBONES
from core.domain.query import SampleQuery
from core.domain.runs import RunState
from core.errors import UserError
from core.ingest.importer import import_source
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from core.store.edits import set_excluded
from core.store.project import Project
from core.store.runs import create_run, runs, update_run
from core.store.samples import sample_ids
from core.training.config import PRESETS, Preset, Strategy
from core.training.events import RunEnded
from core.training.run_log import read_events
from desktop_app.context import AppContext
from desktop_app.pages.train.controller import TrainController
from desktop_app.pages.train.page import TrainPage
from tests.support.trained import TINTS, write_pictures

LEFT = Qt.MouseButton.LeftButton
Settle = Callable[[], None]
TRAINING_MS = 120_000


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.window().findChildren(QLabel) if label.isVisible())


def named(page: QWidget, kind: type, name: str) -> QWidget:
    [found] = [widget for widget in page.findChildren(kind) if widget.accessibleName() == name]
    return found


def visible(page: QWidget, name: str) -> bool:
    return any(
        button.isVisible() for button in page.findChildren(QAbstractButton) if button.accessibleName().startswith(name)
    )


def press(qtbot: QtBot, page: QWidget, name: str) -> None:
    [button] = [
        button
        for button in page.findChildren(QAbstractButton)
        if button.accessibleName().startswith(name) and button.isVisible()
    ]
    assert button.isEnabled()
    qtbot.mouseClick(button, LEFT)


def rows(table: QTableWidget, column: int = 0) -> list[str]:
    return [item.text() for row in range(table.rowCount()) if (item := table.item(row, column)) is not None]


# --- what there is to train on


def test_without_images_the_page_leads_to_them(
    qtbot: QtBot, page: TrainPage, context: AppContext, tmp_path: Path, settle: Settle
):
    context.set_project(Project.create(tmp_path / "new"))
    settle()
    assert "Nothing to train on yet" in texts(page)
    with qtbot.waitSignal(context.navigated) as asked:
        press(qtbot, page, "Go to Images")
    assert asked.args[0] == "images"


def test_one_label_is_not_enough_and_the_page_says_so(
    page: TrainPage, controller: TrainController, context: AppContext, tmp_path: Path, settle: Settle
):
    folder = write_pictures(tmp_path / "pictures")
    with Project.create(tmp_path / "one") as project:
        import_source(project, folder / "rose", labels=parse_label_rule("none"), progress=Progress())
    context.set_project(Project.open(project.root))
    settle()
    assert not controller.can_start()
    assert not named(page, QAbstractButton, "Start training").isEnabled()
    assert "Training needs images of at least two labels; there are 0." in texts(page)
    assert "No run yet." in texts(page)


# --- the configuration


@pytest.mark.parametrize(("chip", "preset"), [("Quick look", "quick"), ("Best", "best"), ("Balanced", "balanced")])
def test_a_preset_fills_everything_in(
    qtbot: QtBot, opened: TrainPage, controller: TrainController, chip: str, preset: str
):
    controller.set_values(epochs=77, size=96, seed=3, backbone="mobilenet_v2", strengths={"rotation": 11})
    press(qtbot, opened, f"Preset: {chip}")
    wanted = PRESETS[Preset(preset)]
    assert controller.config == wanted.with_changes(backbone="mobilenet_v2")
    assert named(opened, QSpinBox, "Epochs").value() == wanted.epochs
    assert named(opened, QSpinBox, "Image size (px)").value() == wanted.size
    assert named(opened, QDoubleSpinBox, "Weight decay").value() == wanted.weight_decay
    assert named(opened, QComboBox, "Imbalance").currentData() == str(wanted.class_weights)
    strategy = {"quick": "Head only", "balanced": "Last stages", "best": "Whole network"}[preset]
    assert named(opened, QAbstractButton, f"Strategy: {strategy}").isChecked()


def test_a_preset_whose_values_were_changed_says_so(opened: TrainPage, controller: TrainController):
    assert "Some values are your own" not in texts(opened)
    controller.set_values(backbone="mobilenet_v2")
    assert "Some values are your own" not in texts(opened)
    controller.set_values(dropout=0.5)
    assert "Some values are your own" in texts(opened)


def test_fields_without_a_meaning_for_the_strategy_are_off(opened: TrainPage, controller: TrainController):
    stages, epochs = named(opened, QSpinBox, "Stages"), named(opened, QSpinBox, "Epochs")
    for strategy, wanted in (
        (Strategy.HEAD, (False, False)),
        (Strategy.STAGED, (True, True)),
        (Strategy.WHOLE, (False, True)),
    ):
        controller.set_values(strategy=strategy)
        assert (stages.isEnabled(), epochs.isEnabled()) == wanted


def test_what_is_typed_into_a_field_is_the_configuration(qtbot: QtBot, opened: TrainPage, controller: TrainController):
    field = named(opened, QSpinBox, "Epochs")
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "12")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert controller.config.epochs == 12


def test_an_invalid_value_goes_to_the_message_bar_and_changes_nothing(
    qtbot: QtBot, opened: TrainPage, controller: TrainController, context: AppContext
):
    before = controller.config
    with qtbot.waitSignal(context.user_error) as said:
        controller.set_values(epochs=-3)
    assert isinstance(said.args[0], UserError)
    assert "-3" in said.args[0].message
    assert controller.config is before


def test_an_augmentation_preset_puts_every_slider_back(qtbot: QtBot, opened: TrainPage, controller: TrainController):
    controller.set_strength("blur", 1.0)
    press(qtbot, opened, "Augmentation: None")
    assert not any(controller.config.augmentation_strengths.values())


# --- the backbones


def test_the_names_of_the_backbones_are_read_in_full_in_a_small_window(opened: TrainPage):
    table = named(opened, QTableWidget, "Backbones")
    assert isinstance(table, QTableWidget)
    assert table.isColumnHidden(3)
    for row in range(6):
        item = table.item(row, 0)
        assert item is not None
        # The icon and the padding stand before the text.
        assert table.fontMetrics().horizontalAdvance(item.text()) + 40 <= table.columnWidth(0)


def test_starting_without_weights_or_permission_says_what_to_do_and_makes_no_run(
    qtbot: QtBot, opened: TrainPage, controller: TrainController, context: AppContext
):
    controller.set_values(backbone="resnet18")
    assert "Its weights are not here" in texts(opened)
    assert visible(opened, "Settings")
    with qtbot.waitSignal(context.user_error) as said:
        press(qtbot, opened, "Start training")
    message = said.args[0].message
    assert "ResNet-18 (47 MB)" in message
    assert "Settings" in message
    assert BACKBONES["resnet18"].file_name in message
    assert not controller.running
    assert [run.id for run in controller.runs] == [1]


def test_with_downloads_allowed_the_note_says_that_it_will_be_downloaded(
    opened: TrainPage, controller: TrainController, context: AppContext
):
    controller.set_values(backbone="resnet18")
    context.change_settings(downloads_allowed=True)
    assert "downloaded when the training starts" in texts(opened)
    assert not visible(opened, "Settings")


def test_a_weights_file_is_recognised_kept_and_its_backbone_chosen(
    opened: TrainPage, controller: TrainController, context: AppContext, tmp_path: Path, settle: Settle
):
    import torch
    from torchvision.models import mobilenet_v3_small

    file = tmp_path / "mine.pth"
    torch.save(mobilenet_v3_small(weights=None).state_dict(), file)
    said: list[str] = []
    context.message.connect(said.append)
    controller.weights.add(file)
    settle()
    assert controller.config.backbone == "mobilenet_v3_small"
    assert said == ["MobileNet-V3 small can be trained with now."]
    assert "Its weights are not here" not in texts(opened)
    # Those that can be used at once come first.
    assert "MobileNet-V3 small" in rows(named(opened, QTableWidget, "Backbones"))[:3]


def test_a_file_that_is_no_weights_goes_to_the_message_bar(
    qtbot: QtBot, opened: TrainPage, controller: TrainController, context: AppContext, tmp_path: Path
):
    before = controller.config
    (tmp_path / "notes.pth").write_text("not weights")
    with qtbot.waitSignal(context.user_error, timeout=20_000) as said:
        controller.weights.add(tmp_path / "notes.pth")
    assert "notes.pth" in said.args[0].message
    assert controller.config == before


# --- a training


def test_start_pause_resume_and_stop_follow_the_state(
    qtbot: QtBot, opened: TrainPage, controller: TrainController, context: AppContext
):
    def stepped() -> bool:
        return controller.live.last_step is not None

    assert visible(opened, "Start training")
    assert not visible(opened, "Pause")
    controller.set_values(size=32, epochs=500, patience=0, batch_size=8)
    press(qtbot, opened, "Start training")
    assert controller.running
    assert not visible(opened, "Start training")
    assert visible(opened, "Stop, keep best")
    assert not named(opened, QSpinBox, "Epochs").isEnabled()
    qtbot.waitUntil(stepped, timeout=TRAINING_MS)
    assert "Epoch 1 of 500" in texts(opened)

    press(qtbot, opened, "Pause")
    assert not named(opened, QAbstractButton, "Pause").isEnabled()
    assert "Pausing after this step…" in texts(opened)
    qtbot.waitUntil(lambda: not controller.running, timeout=TRAINING_MS)
    assert context.project is not None
    assert runs(context.project)[0].state is RunState.PAUSED
    assert visible(opened, "Start training")
    assert named(opened, QSpinBox, "Epochs").isEnabled()
    steps = len(controller.live.step_losses)

    press(qtbot, opened, "Resume run 2")
    assert controller.running
    assert not visible(opened, "Resume")
    qtbot.waitUntil(lambda: len(controller.live.step_losses) > steps, timeout=TRAINING_MS)
    press(qtbot, opened, "Stop, keep best")
    qtbot.waitUntil(lambda: not controller.running, timeout=TRAINING_MS)
    [newest, _] = runs(context.project)
    assert (newest.id, newest.state) == (2, RunState.STOPPED)
    assert not visible(opened, "Resume")
    assert "Finished" in texts(opened)


def test_a_training_that_fails_says_why_and_leaves_the_page_ready(
    qtbot: QtBot, opened: TrainPage, controller: TrainController, context: AppContext, tmp_path: Path
):
    assert context.project is not None
    for label in TINTS:
        # All of its images are gone before the training reads them.
        set_excluded(context.project, sample_ids(context.project, SampleQuery(labels=(label,))).tolist(), True)
    with qtbot.waitSignal(context.user_error, timeout=TRAINING_MS):
        controller.start()
    qtbot.waitUntil(lambda: not controller.running, timeout=TRAINING_MS)
    assert visible(opened, "Start training")


# --- what ran


def test_the_curves_of_a_run_come_back_from_its_log_after_reopening(
    opened: TrainPage, controller: TrainController, context: AppContext, project_path: Path, settle: Settle
):
    context.close_project()
    settle()
    assert controller.curves() == []
    context.set_project(Project.open(project_path))
    settle()
    assert context.project is not None
    [(title, curves)] = controller.curves()
    assert title == "run 1"
    [ended] = [event for event in read_events(context.project, 1) if isinstance(event, RunEnded)]
    assert curves.ended == ended
    assert curves.epochs
    assert f"val {curves.epochs[-1].val.macro_f1:.3f}" in texts(opened)
    assert "Finished: macro-F1 on val is" in texts(opened)


def test_two_runs_are_compared_by_selecting_both(
    qtbot: QtBot, opened: TrainPage, controller: TrainController, context: AppContext
):
    assert context.project is not None
    second = create_run(context.project, "mobilenet_v2", PRESETS[Preset.BEST].model_dump_json())
    update_run(context.project, second.id, state=RunState.PAUSED)
    from core.domain.changes import Changes

    context.changed.emit(Changes(runs=True))
    table = named(opened, QTableWidget, "Runs")
    assert isinstance(table, QTableWidget)
    assert rows(table) == ["2", "1"]
    assert rows(table, 1) == ["MobileNet-V2\nwhole network", "EfficientNet-Lite0\nhead only"]
    middles = [table.visualItemRect(table.item(row, 0)).center() for row in range(2)]
    qtbot.mouseClick(table.viewport(), LEFT, pos=QPoint(middles[1]))
    assert [title for title, _ in controller.curves()] == ["run 1"]
    qtbot.mouseClick(table.viewport(), LEFT, Qt.KeyboardModifier.ControlModifier, QPoint(middles[0]))
    assert sorted(title for title, _ in controller.curves()) == ["run 1", "run 2"]
    assert "run 1" in texts(opened)


def test_a_run_shows_its_score_with_its_interval(opened: TrainPage, controller: TrainController):
    table = named(opened, QTableWidget, "Runs")
    assert isinstance(table, QTableWidget)
    [score] = rows(table, 2)
    assert "(" in score
    assert "–" in score
