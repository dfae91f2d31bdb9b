import numpy as np
import pytest

from core.errors import UserError
from core.store.project import Project
from core.store.runs import create_run, run_dir
from core.training.predictions import RunPredictions, read_predictions, write_predictions


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p") as project:
        create_run(project, "tiny", "{}")
        yield project


def some():
    rng = np.random.default_rng(7)
    return RunPredictions(
        sample_ids=np.arange(5),
        logits=rng.normal(size=(5, 3)).astype(np.float32),
        y=np.array([0, 1, 2, 1, 0]),
        groups=np.array([1, 1, 2, -4, -5]),
        splits=np.array([2, 2, 3, 3, 3], dtype=np.int8),
        label_ids=(4, 8, 15),
        temperature=1.25,
    )


def test_predictions_come_back_as_they_were_written(project):
    write_predictions(project, 1, some())
    found, expected = read_predictions(project, 1), some()
    for name in ("sample_ids", "logits", "y", "groups", "splits"):
        assert np.array_equal(getattr(found, name), getattr(expected, name))
        assert getattr(found, name).dtype == getattr(expected, name).dtype
    assert (found.label_ids, found.temperature) == (expected.label_ids, expected.temperature)


def test_a_run_without_predictions_says_so(project):
    with pytest.raises(UserError) as caught:
        read_predictions(project, 1)
    assert caught.value.code == "run_not_usable"


@pytest.mark.parametrize("spoil", [lambda b: b[:100], lambda b: b"", lambda b: b"no zip at all"])
def test_a_damaged_file_is_named(project, spoil):
    write_predictions(project, 1, some())
    path = run_dir(project, 1) / "predictions.npz"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(UserError) as caught:
        read_predictions(project, 1)
    assert caught.value.code == "run_damaged"


def test_nothing_is_unpickled(project):
    path = run_dir(project, 1) / "predictions.npz"
    np.savez(path, **{name: np.array([{"evil": 1}], dtype=object) for name in RunPredictions.__slots__})
    with pytest.raises(UserError) as caught:
        read_predictions(project, 1)
    assert caught.value.code == "run_damaged"
