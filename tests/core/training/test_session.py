"""Whole runs of a real backbone on few, small pictures."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from core.domain.query import SampleQuery
from core.domain.runs import RunState
from core.domain.samples import SPLIT_CODES, Split
from core.errors import Cancelled, UserError
from core.images.network_input import to_network
from core.ingest.importer import import_source
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from core.store.edits import set_label
from core.store.project import Project
from core.store.runs import get_run, run_dir, runs
from core.store.samples import sample_table
from core.training.checkpoint import load_trained
from core.training.config import TrainConfig
from core.training.control import TrainControl
from core.training.events import EpochDone, Notice, Preparing, RunEnded, RunStarted, StageStarted, StepDone
from core.training.predictions import read_predictions
from core.training.run_inputs import reading
from core.training.run_log import read_events
from core.training.session import train

QUICK = TrainConfig(preset="quick", strategy="head", size=32)
STAGED = TrainConfig(size=32, stages=1, epochs=3, batch_size=8, device="cpu")
REPOSITORY = Path(__file__).resolve().parents[3]


def drain(project, config=QUICK, *, control=None, watch=None, resume=None):
    control = control or TrainControl()
    events = []
    # One core spared of two: one thread, as many as the other tests compute with.
    for event in train(project, config, control, resume=resume, spare_core=True):
        events.append(event)
        if watch:
            watch(event, control)
    return events


def epochs(events):
    return [(e.stage, e.epoch, e.train, e.val, e.best) for e in events if isinstance(e, EpochDone)]


def weights(project, run_id):
    return load_trained(project, run_id).classifier.state_dict()


def same_result(first, second):
    """Tell whether run 1 of two projects came to the same, bit for bit."""
    one, two = weights(first, 1), weights(second, 1)
    logits = [read_predictions(project, 1).logits for project in (first, second)]
    return all(torch.equal(one[name], two[name]) for name in one) and np.array_equal(*logits)


@pytest.fixture(scope="module")
def through(imported, tmp_path_factory):
    """Return a closed project with one staged run that nothing interrupted, and its events."""
    root = shutil.copytree(imported, tmp_path_factory.mktemp("through") / "through.coverslip")
    torch.set_num_threads(1)
    with Project.open(root) as project:
        events = drain(project, STAGED)
    return root, events


def test_a_quick_run_goes_from_images_to_a_judged_model(project):
    events = drain(project)
    kinds = [type(event) for event in events if not isinstance(event, Preparing)]
    assert kinds == [RunStarted, Notice, StageStarted, EpochDone, RunEnded]
    ended = events[-1]
    assert ended.state is RunState.DONE
    assert ended.best_epoch == 0
    assert set(ended.metrics["val"]["macro_f1"]) == {"value", "low", "high"}
    run = get_run(project, ended.run_id)
    assert run.state is RunState.DONE
    summary = json.loads(run.summary)
    assert summary["macro_f1"] == ended.metrics["val"]["macro_f1"]["value"]
    assert TrainConfig.from_json(run.config) == QUICK
    names = sorted(path.name for path in run_dir(project, run.id).iterdir())
    expected = ["best.safetensors", "config.json", "metrics.jsonl", "model.json"]
    assert names == [*expected, "predictions.npz", "run.json", "samples.npz"]


def test_what_was_predicted_is_what_the_model_answers_from_the_images(project):
    drain(project)
    found, trained = read_predictions(project, 1), load_trained(project, 1)
    table = sample_table(project, SampleQuery(ids=tuple(found.sample_ids.tolist())))
    assert np.array_equal(table.ids, found.sample_ids)
    read = reading(project, table, trained.preprocess)
    with torch.inference_mode():
        logits = trained.classifier(to_network([read(row) for row in range(len(table))], trained.preprocess))
    assert np.allclose(found.logits, logits.numpy(), atol=2e-3)
    assert found.label_ids == tuple(label.id for label in trained.labels)
    assert found.readout == trained.readout
    assert SPLIT_CODES[Split.TRAIN] not in found.splits


def test_the_same_seed_gives_the_same_quick_run(project):
    drain(project)
    drain(project)
    first, second = (read_predictions(project, run_id) for run_id in (1, 2))
    assert np.array_equal(first.logits, second.logits)


def test_fine_tuning_starts_from_the_head_and_keeps_the_best(through):
    root, events = through
    assert [(e.stage, e.first_epoch) for e in events if isinstance(e, StageStarted)] == [
        ("head", 0),
        ("last_stages", 1),
    ]
    assert [e.epoch for e in events if isinstance(e, EpochDone)] == [0, 1, 2, 3]
    assert events[-1].best_epoch == max(e.epoch for e in events if isinstance(e, EpochDone) and e.best)
    with Project.open(root) as project:
        logged = read_events(project, 1)
        assert logged == [event for event in events if not isinstance(event, Preparing)]
        found, trained = read_predictions(project, 1), load_trained(project, 1)
        table = sample_table(project, SampleQuery(ids=tuple(found.sample_ids.tolist())))
        read = reading(project, table, trained.preprocess)
        with torch.inference_mode():
            logits = trained.classifier(to_network([read(row) for row in range(len(table))], trained.preprocess))
        assert np.allclose(found.logits, logits.numpy(), atol=2e-3)


@pytest.mark.parametrize("moment", [Preparing, StageStarted, StepDone, EpochDone])
def test_a_run_paused_at_any_time_goes_on_to_the_same_result(copied_project, through, moment):
    def pause(event, control):
        if isinstance(event, moment):
            control.pause()

    with Project.open(copied_project("paused")) as project:
        # The first pause comes at the first such event, the second at the first one after that.
        first = drain(project, STAGED, watch=pause) if moment is not Preparing else drain_from_run(project, pause)
        assert first[-1].state is RunState.PAUSED
        assert get_run(project, 1).state is RunState.PAUSED
        second = drain(project, resume=1)
        assert second[-1].state is RunState.DONE
        assert next(e for e in second if isinstance(e, RunStarted)).resumed
        with Project.open(through[0], read_only=True) as other:
            assert same_result(project, other)
        logged = [e for e in read_events(project, 1) if isinstance(e, EpochDone)]
    assert epochs(logged) == epochs(through[1])


def drain_from_run(project, watch):
    """Drain a training, watching from `RunStarted` on: a pause before there is a run has no run to keep."""
    started = False

    def from_run(event, control):
        nonlocal started
        started = started or isinstance(event, RunStarted)
        if started:
            watch(event, control)

    return drain(project, STAGED, watch=from_run)


def test_stopping_ends_with_the_best_epoch_as_a_model(project):
    def stop(event, control):
        if isinstance(event, EpochDone) and event.epoch == 1:
            control.stop()

    events = drain(project, STAGED, watch=stop)
    assert events[-1].state is RunState.STOPPED
    assert events[-1].metrics["val"]
    assert load_trained(project, 1).classifier
    assert not (run_dir(project, 1) / "last.pt").exists()
    with pytest.raises(UserError) as caught:
        drain(project, resume=1)
    assert caught.value.code == "run_not_resumable"


@pytest.mark.parametrize("config", [QUICK, STAGED], ids=["quick", "staged"])
def test_a_cancelled_run_can_be_resumed(project, config):
    def cancel(event, control):
        if isinstance(event, StageStarted):
            control.cancel()

    events = drain(project, config, watch=cancel)
    assert events[-1].state is RunState.INTERRUPTED
    assert get_run(project, 1).state is RunState.INTERRUPTED
    with pytest.raises(UserError) as caught:
        load_trained(project, 1)
    assert caught.value.code == "run_not_usable"
    assert drain(project, resume=1)[-1].state is RunState.DONE


def test_cancelling_before_there_is_a_run_leaves_none(project):
    control = TrainControl()
    control.cancel()
    with pytest.raises(Cancelled):
        drain(project, control=control)
    assert runs(project) == []


def test_a_generator_that_is_closed_leaves_a_run_to_resume(project):
    events = train(project, STAGED, TrainControl(), spare_core=True)
    while not isinstance(next(events), StepDone):
        pass
    events.close()
    assert get_run(project, 1).state is RunState.INTERRUPTED
    assert drain(project, resume=1)[-1].state is RunState.DONE


def test_a_run_goes_on_with_the_labels_it_began_with(copied_project, through):
    def pause(event, control):
        if isinstance(event, EpochDone) and event.epoch == 1:
            control.pause()

    with Project.open(copied_project("edited")) as project:
        drain(project, STAGED, watch=pause)
        set_label(project, sample_table(project, SampleQuery(labels=("ash",))).ids, "beech")
        drain(project, resume=1)
        with Project.open(through[0], read_only=True) as other:
            assert same_result(project, other)


def test_one_label_makes_no_run(project):
    set_label(project, sample_table(project, SampleQuery()).ids, "ash")
    with pytest.raises(UserError):
        drain(project)
    assert runs(project) == []


def test_weights_that_are_not_here_make_no_run_and_no_split(project):
    with pytest.raises(UserError) as caught:
        drain(project, TrainConfig(backbone="resnet152", strategy="head"))
    assert caught.value.code == "weights_missing"
    assert runs(project) == []
    assert (sample_table(project, SampleQuery()).splits == 0).all()


def test_images_that_are_gone_are_left_out_and_counted(picture_folder, tmp_path):
    folder = Path(shutil.copytree(picture_folder, tmp_path / "own"))
    with Project.create(tmp_path / "own_project") as project:
        import_source(project, folder, labels=parse_label_rule("folder"), progress=Progress())
        for path in sorted(folder.rglob("*.png"))[::10]:
            path.unlink()
        events = drain(project)
        assert [e.params for e in events if isinstance(e, Notice) and e.code == "images_skipped"] == [{"count": 5}]
        assert events[-1].state is RunState.DONE


def test_an_image_that_goes_while_it_is_needed_fails_the_run_and_it_can_be_resumed(picture_folder, tmp_path):
    folder = Path(shutil.copytree(picture_folder, tmp_path / "own"))
    with Project.create(tmp_path / "own_project") as project:
        import_source(project, folder, labels=parse_label_rule("folder"), progress=Progress())
        drain(project)  # from here on the embeddings are known
        (folder / "ash").rename(tmp_path / "away")
        with pytest.raises(UserError) as caught:
            drain(project, STAGED)
        assert caught.value.code == "training_image_needed"
        assert str(folder / "ash") in caught.value.message
        assert get_run(project, 2).state is RunState.FAILED
        (tmp_path / "away").rename(folder / "ash")
        assert drain(project, resume=2)[-1].state is RunState.DONE


def test_a_folder_that_is_gone_makes_no_run_and_fails_none_that_waits(picture_folder, tmp_path):
    folder = Path(shutil.copytree(picture_folder, tmp_path / "own"))
    with Project.create(tmp_path / "own_project") as project:
        import_source(project, folder, labels=parse_label_rule("folder"), progress=Progress())
        folder.rename(tmp_path / "away")
        with pytest.raises(UserError) as caught:
            drain(project)
        assert (caught.value.code, runs(project)) == ("source_gone", [])
        (tmp_path / "away").rename(folder)

        def cancel(event, control):
            if isinstance(event, RunStarted):
                control.cancel()

        drain(project, watch=cancel)
        folder.rename(tmp_path / "away")
        with pytest.raises(UserError) as caught:
            drain(project, resume=1)
        assert caught.value.code == "source_gone"
        assert get_run(project, 1).state is RunState.INTERRUPTED


KILLED = """
import os, signal, sys, torch
torch.set_num_threads(1)
from pathlib import Path
from core.store.project import Project
from core.training.config import TrainConfig
from core.training.control import TrainControl
from core.training.events import EpochDone, StepDone
from core.training.session import train
with Project.open(Path(sys.argv[1])) as project:
    for event in train(project, TrainConfig.from_json(sys.argv[2]), TrainControl(), spare_core=True):
        if isinstance(event, StepDone) and event.epoch == 2:
            os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_run_goes_on_to_the_same_result(copied_project, through):
    root = copied_project("killed")
    command = [sys.executable, "-c", KILLED, str(root), STAGED.to_json()]
    assert subprocess.run(command, cwd=REPOSITORY, check=False).returncode == -9
    with Project.open(root) as project:
        assert get_run(project, 1).state is RunState.INTERRUPTED
        assert not [path for path in run_dir(project, 1).iterdir() if path.name == "predictions.npz"]
        events = drain(project, resume=1)
        assert events[-1].state is RunState.DONE
        with Project.open(through[0], read_only=True) as other:
            assert same_result(project, other)
        assert epochs(e for e in read_events(project, 1) if isinstance(e, EpochDone)) == epochs(through[1])
