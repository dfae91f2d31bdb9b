"""Many labels an image, from the images to another team's table of predictions."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.domain.query import SampleQuery
from core.domain.query_line import parse_query
from core.domain.runs import RunState
from core.domain.samples import SPLIT_CODES, Split
from core.domain.task import Task
from core.evaluation.hierarchy import Level
from core.evaluation.multilabel import MultiEvaluation
from core.export.exporter import export_run
from core.inference.folder import predict_source
from core.inference.predictor import Predictor
from core.inference.sorting import sort_into
from core.inference.table_files import write_table
from core.inference.verify import verify_kit
from core.kit.metadata import FORMAT
from core.store.edits import set_labels, set_state
from core.store.labels import add_label, label_names, set_parent
from core.store.multilabel import label_matrix
from core.store.predictions import NO_LABEL, predictions_of
from core.store.project import Project
from core.store.runs import get_run
from core.store.samples import sample_ids, sample_table
from core.training.checkpoint import load_trained
from core.training.config import TrainConfig
from core.training.control import TrainControl
from core.training.dataset import choose_dataset
from core.training.events import EpochDone, RunEnded, RunStarted
from core.training.judge import judge_run
from core.training.predictions import read_predictions
from core.training.session import train
from tests.support.many_labels import COLOURS, labels_of, make_project

QUICK = TrainConfig(preset="quick", strategy="head", size=32)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a closed project with a finished run."""
    root = make_project(tmp_path_factory.mktemp("many"))
    with Project.open(root) as project:
        events = list(train(project, QUICK, TrainControl(), spare_core=True))
    assert isinstance(events[-1], RunEnded)
    assert events[-1].state is RunState.DONE
    return root


@pytest.fixture
def project(trained: Path, tmp_path: Path) -> Iterator[Project]:
    with Project.open(shutil.copytree(trained, tmp_path / trained.name)) as project:
        yield project


@pytest.fixture(scope="module")
def kit(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kits") / "kit"
    with Project.open(trained) as project:
        export_run(project, 1, folder)
    return folder


def test_splits_keep_groups_whole_and_share_out_every_label(project: Project) -> None:
    table = sample_table(project, SampleQuery())
    for group in np.unique(table.group_ids):
        assert len(np.unique(table.splits[table.group_ids == group])) == 1
    matrix = label_matrix(project, table.ids, sorted(label_names(project)))
    for split in (Split.TRAIN, Split.VAL, Split.TEST):
        assert matrix[table.splits == SPLIT_CODES[split]].any(axis=0).all()


def test_a_run_is_judged_with_thresholds_and_average_precision(project: Project) -> None:
    summary = json.loads(get_run(project, 1).summary)
    assert summary["task"] == "multi"
    assert summary["metrics"]["val"]["mean_average_precision"]["value"] > 0.8
    judged = judge_run(project, 1, Split.TEST)
    assert judged.task is Task.MULTI
    assert isinstance(judged.evaluation, MultiEvaluation)
    readout = load_trained(project, 1).readout
    assert [row.threshold for row in judged.evaluation.per_label] == list(readout.thresholds)
    assert readout == read_predictions(project, 1).readout
    assert judged.evaluation.metrics["mean_average_precision"].value > 0.8
    wrong = set(judged.sample_ids[(judged.truth != judged.given).any(axis=1)].tolist())
    assert set(judged.mistakes().tolist()) == wrong
    table = [judged.decided(0, has=has, given=given) for has in (True, False) for given in (True, False)]
    assert sorted(np.concatenate(table).tolist()) == sorted(judged.sample_ids.tolist())


def test_labels_are_those_of_today_and_unknown_ones_do_not_judge(project: Project) -> None:
    before = judge_run(project, 1, Split.TEST)
    first, second = before.sample_ids[:2]
    set_labels(project, np.array([first]), ["red", "green", "blue"])
    set_state(project, np.array([second]), "ungradable")
    after = judge_run(project, 1, Split.TEST)
    assert after.left_out == before.left_out + 1
    assert after.y[after.sample_ids == first].all()


def test_children_count_as_their_parent_at_the_upper_level(project: Project) -> None:
    add_label(project, "warm")
    set_parent(project, "red", "warm")
    set_parent(project, "green", "warm")
    leaf, parent = (judge_run(project, 1, Split.TEST, level=level) for level in Level)
    assert [label.name for label in parent.labels] == ["warm", "blue"]
    np.testing.assert_array_equal(parent.y[:, 0], leaf.y[:, :2].any(axis=1))
    np.testing.assert_array_equal(parent.given[:, 0], leaf.given[:, :2].any(axis=1))
    np.testing.assert_allclose(parent.probabilities[:, 0], leaf.probabilities[:, :2].max(axis=1))


def test_what_a_run_says_of_every_image_can_be_asked_for(project: Project) -> None:
    table = sample_table(project, SampleQuery())
    found = predictions_of(project, 1, table.ids)
    assert set(found) == set(table.ids.tolist())
    names = label_names(project)
    agreeing = sum(
        {names[label] for label, _ in found[i] if label != NO_LABEL} == set(labels_of(path.rsplit("/", 1)[-1]))
        for i, path in zip(table.ids.tolist(), table.paths, strict=True)
    )
    assert agreeing > 0.8 * len(table)
    assert len(sample_ids(project, parse_query("is:wrong"))) == len(table) - agreeing


def test_images_whose_labels_are_not_known_are_left_out_and_those_known_to_have_none_are_not(project: Project) -> None:
    ids = sample_table(project, SampleQuery()).ids
    connection_before = len(choose_dataset(project)[0].table)
    set_labels(project, ids[:1], [])
    with project.db.write() as connection:
        connection.execute("DELETE FROM sample_label WHERE sample_id = ?", (int(ids[1]),))
        connection.execute("UPDATE sample SET labelled = 0 WHERE id = ?", (int(ids[1]),))
    dataset, _ = choose_dataset(project)
    assert len(dataset.table) == connection_before - 1
    assert ids[0] in dataset.table.ids
    assert ids[1] not in dataset.table.ids


def test_a_kit_answers_with_the_labels_it_was_proven_to_give(kit: Path, trained: Path) -> None:
    report = verify_kit(kit, gpu=False)
    assert report.ok
    assert report.argmax_equal == report.n
    metadata = Predictor.open(kit, gpu=False).metadata
    with Project.open(trained, read_only=True) as project:
        assert metadata.readout == load_trained(project, 1).readout
    assert (metadata.task, metadata.format) == (Task.MULTI, FORMAT)
    page = (kit / "README.md").read_text(encoding="utf-8")
    assert "do not sum to 1" in page
    assert "thresholds = [" in page
    compile(page.split("```python\n")[1].split("```")[0], "page", "exec")


def test_every_label_is_predicted_on_its_own(kit: Path, trained: Path, tmp_path: Path) -> None:
    table = predict_source(Predictor.open(kit, gpu=False), trained.parent / "images", workers=1)
    right = sum(names == labels_of(path) for names, path in zip(table.names(), table.paths, strict=True))
    assert right > 0.8 * len(table)
    write_table(table, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["path", "labels", "confidence", "decision", *(f"p_{name}" for name in COLOURS), "error"]
    assert [row["labels"] for row in rows] == [";".join(names) for names in table.names()]
    assert {row["decision"] for row in rows if not row["labels"]} == {"(none)"}


def test_an_image_is_sorted_into_the_folder_of_each_of_its_labels(kit: Path, trained: Path, tmp_path: Path) -> None:
    images = trained.parent / "images"
    table = predict_source(Predictor.open(kit, gpu=False), images, workers=1)
    report = sort_into(table, images, tmp_path / "sorted")
    expected = {(name, path) for names, path in zip(table.decided(), table.paths, strict=True) for name in names}
    found = {(path.parent.name, path.name) for path in (tmp_path / "sorted").rglob("*.png")}
    assert found == expected
    assert report.placed == len(expected)
    assert sort_into(table, images, tmp_path / "sorted").present == len(expected)


@pytest.mark.slow
def test_fine_tuning_pauses_and_goes_on_to_the_same_model(trained: Path, tmp_path: Path) -> None:
    config = TrainConfig(size=32, stages=1, epochs=2, batch_size=16, device="cpu")
    weights = []
    for name, pause_after in (("through", None), ("paused", 1)):
        root = shutil.copytree(trained, tmp_path / name / trained.name)
        with Project.open(root) as project:
            control, run = TrainControl(), 0
            for event in train(project, config, control, spare_core=True):
                run = event.run_id if isinstance(event, RunStarted) else run
                if isinstance(event, EpochDone) and event.epoch == pause_after:
                    control.pause()
            if pause_after is not None:
                list(train(project, config, TrainControl(), resume=run, spare_core=True))
            assert get_run(project, run).state is RunState.DONE
            weights.append(read_predictions(project, run).logits)
    np.testing.assert_array_equal(*weights)
