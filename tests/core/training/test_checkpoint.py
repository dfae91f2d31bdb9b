import json

import pytest
import torch

from core.errors import UserError
from core.training.checkpoint import FileKeeper, load_trained, read_checkpoints
from core.training.events import EpochScores
from core.training.snapshot import Best, Place, Snapshot
from tests.core.training.tiny import copied, run_fit, tiny_model


@pytest.fixture(scope="module")
def fitted():
    return run_fit()


def equal(first, second):
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(equal(first[key], second[key]) for key in first)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(equal, first, second))
    return first == second


def test_a_run_without_checkpoints_has_none(tmp_path):
    assert read_checkpoints(tmp_path, 1) is None


def test_best_and_last_come_back_as_they_were_kept(tmp_path, fitted):
    keeper = FileKeeper(tmp_path)
    best, last = fitted.keeper.best[-1], fitted.keeper.last[-1]
    keeper.keep_best(best)
    assert read_checkpoints(tmp_path, 1)[1] is None
    keeper.keep_last(last)
    found_best, found_last = read_checkpoints(tmp_path, 1)
    assert (found_best.epoch, found_best.val) == (best.epoch, best.val)
    assert equal(dict(found_best.weights), dict(best.weights))
    assert found_last.place == last.place
    for name in ("model", "optimiser", "scaler", "tally"):
        assert equal(copied(dict(getattr(found_last, name))), copied(dict(getattr(last, name))))


def test_tensors_in_any_layout_are_kept(tmp_path):
    model = tiny_model().to(memory_format=torch.channels_last)
    FileKeeper(tmp_path).keep_best(Best(3, EpochScores(1.0, 0.5, 0.5), model.state_dict()))
    best, _ = read_checkpoints(tmp_path, 1)
    assert equal(dict(best.weights), dict(model.state_dict()))


def test_only_files_under_their_final_names_are_left(tmp_path, fitted):
    keeper = FileKeeper(tmp_path)
    keeper.keep_best(fitted.keeper.best[0])
    keeper.keep_last(fitted.keeper.last[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.safetensors", "last.pt"]
    keeper.forget_last()
    keeper.forget_last()
    assert [path.name for path in tmp_path.iterdir()] == ["best.safetensors"]


@pytest.mark.parametrize("name", ["best.safetensors", "last.pt"])
@pytest.mark.parametrize("spoil", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"\x00" * 64])
def test_a_damaged_checkpoint_is_named(tmp_path, fitted, name, spoil):
    keeper = FileKeeper(tmp_path)
    keeper.keep_best(fitted.keeper.best[0])
    keeper.keep_last(fitted.keeper.last[0])
    path = tmp_path / name
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(UserError) as caught:
        read_checkpoints(tmp_path, 4)
    assert caught.value.code == "run_damaged"
    assert caught.value.params["path"] == name


class Evil:
    def __reduce__(self):
        return (print, ("unpickled",))


def test_nothing_is_unpickled(tmp_path, fitted, capsys):
    FileKeeper(tmp_path).keep_best(fitted.keeper.best[0])
    torch.save({"place": {}, "model": Evil()}, tmp_path / "last.pt")
    with pytest.raises(UserError) as caught:
        read_checkpoints(tmp_path, 4)
    assert caught.value.code == "run_damaged"
    assert "unpickled" not in capsys.readouterr().out


def test_a_place_survives_with_its_score_as_a_pair(tmp_path, fitted):
    keeper = FileKeeper(tmp_path)
    keeper.keep_best(fitted.keeper.best[0])
    keeper.keep_last(Snapshot(Place(1, 2, 3, 4, 5, (0.5, -0.25)), {}))
    assert read_checkpoints(tmp_path, 1)[1].place == Place(1, 2, 3, 4, 5, (0.5, -0.25))


def test_a_run_that_has_not_ended_has_no_model(project):
    from core.store.runs import create_run

    run = create_run(project, "efficientnet_lite0", json.dumps({}))
    with pytest.raises(UserError) as caught:
        load_trained(project, run.id)
    assert caught.value.code == "run_not_usable"
