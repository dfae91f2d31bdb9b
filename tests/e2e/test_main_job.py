"""The main job, as a user does it in the window: import, label, undo, train, judge, export, predict."""

from __future__ import annotations

import csv
from pathlib import Path

from core.domain.runs import RunState
from core.inference.verify import verify_kit
from core.store.samples import counts
from tests.e2e.conftest import N_PER_LABEL


def test_from_a_folder_to_predictions(window, qtbot, until, image_folder: Path, tmp_path: Path):
    import_by_drop(window, until, image_folder, tmp_path)
    label_and_undo_by_key(window, qtbot, until)
    train_under_moving_curves(window, until)
    open_a_cell_of_the_confusion_matrix(window, until)
    export_with_proof(window, until, tmp_path / "kit")
    predict_with_the_kit(window, until, tmp_path / "kit", image_folder, tmp_path / "out.csv")


def import_by_drop(window, until, image_folder: Path, place: Path):
    """A folder dropped on the window becomes a project."""
    window.take_dropped([str(image_folder)])
    importing = window.controllers["import"]
    until(lambda: importing.can_import)
    importing.enter(group_kind="pattern", group_pattern=r"(slide\d+)_", place=str(place))
    until(lambda: importing.can_import and importing.seen.preview.group_count == 6)
    importing.run()
    until(lambda: window.context.project is not None)
    found = counts(window.context.project)
    assert (found.labels, found.groups) == ({"disc": N_PER_LABEL, "stripes": N_PER_LABEL}, 6)


def label_and_undo_by_key(window, qtbot, until):
    """One key labels the selection; undo takes it back."""
    project, images = window.context.project, window.controllers["images"]
    window.context.show("images")
    until(lambda: len(images.grid.ids) == 2 * N_PER_LABEL)
    grid = window.current_page().grid
    grid.setFocus()
    images.grid.select_all()
    qtbot.keyClick(grid, "2")
    until(lambda: counts(project).labels == {"disc": 0, "stripes": 2 * N_PER_LABEL})
    window.context.undo()
    until(lambda: counts(project).labels == {"disc": N_PER_LABEL, "stripes": N_PER_LABEL})


def train_under_moving_curves(window, until):
    """Two epochs of fine-tuning; the curves move while they run."""
    train = window.controllers["train"]
    window.context.show("train")
    train.set_values(epochs=2, size=32, batch_size=8, stages=1, patience=0)
    moved: list[int] = []
    train.progressed.connect(lambda: moved.append(len(train.live.step_losses)))
    train.start()
    assert train.running
    until(lambda: not train.running, timeout_s=120)
    assert [run.state for run in train.runs] == [RunState.DONE]
    assert [epoch.epoch for epoch in train.live.epochs][-2:] == [1, 2]
    assert max(moved) == len(train.live.step_losses) > 2


def open_a_cell_of_the_confusion_matrix(window, until):
    """A cell opens its images in the grid."""
    evaluate, images = window.controllers["evaluate"], window.controllers["images"]
    window.context.show("evaluate")
    until(lambda: evaluate.judged is not None)
    judged = evaluate.judged
    assert judged.evaluation.n == judged.evaluation.confusion.sum() > 0
    given, predicted = next(zip(*judged.evaluation.confusion.nonzero(), strict=True))
    window.current_page().matrix.cell_chosen.emit(int(given), int(predicted))
    until(lambda: window.page_id == "images" and sorted(images.grid.ids) == sorted(judged.cell(given, predicted)))


def export_with_proof(window, until, kit: Path):
    """The export proves itself on the project's own images."""
    export = window.controllers["export"]
    window.context.show("export")
    export.choose_directory(str(kit))
    until(lambda: export.can_start())
    export.start()
    until(lambda: export.shown == kit, timeout_s=120)
    assert verify_kit(kit).ok


def predict_with_the_kit(window, until, kit: Path, image_folder: Path, table: Path):
    """The kit predicts the folder, and the table says what the grid shows."""
    predict = window.controllers["predict"]
    window.context.show("predict")
    predict.add_model_file(kit)
    predict.choose_source(image_folder)
    until(lambda: predict.results is not None, timeout_s=120)
    assert len(predict.grid.ids) == 2 * N_PER_LABEL
    predict.save_table(table)
    until(table.exists)
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * N_PER_LABEL
    assert {row["decision"] for row in rows} <= {"disc", "stripes"}


def test_closing_the_window_while_training_keeps_the_place(window, qtbot, until, image_folder: Path, tmp_path: Path):
    from core.ingest.importer import import_source
    from core.ingest.rules import parse_group_rule, parse_label_rule
    from core.progress import Progress
    from core.store.project import Project
    from core.store.runs import runs

    project = Project.create(tmp_path / "cells")
    rules = parse_label_rule("folder"), parse_group_rule(None)
    import_source(project, image_folder, labels=rules[0], groups=rules[1], progress=Progress())
    window.context.set_project(project)
    train = window.controllers["train"]
    train.set_values(epochs=200, size=32, batch_size=8, stages=1, patience=0)
    train.start()
    until(lambda: train.live.step_losses, timeout_s=120)
    window.close()
    with Project.open(tmp_path / "cells") as again:
        assert [run.state for run in runs(again)] == [RunState.PAUSED]


def test_every_page_shows_itself_on_an_empty_project(window, qtbot, until, tmp_path: Path):
    from core.store.project import Project

    window.context.set_project(Project.create(tmp_path / "empty"))
    for spec in window.steps:
        window.context.show(spec.id)
        assert window.page_id == spec.id
        assert window.current_page().isVisible()
