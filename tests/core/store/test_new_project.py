"""A project that is being made is there whole, or not at all."""

import pytest

from core.errors import Cancelled, UserError
from core.progress import CancelToken, Progress
from core.store.labels import add_label, labels
from core.store.new_project import new_project
from core.store.project import Project


def test_what_was_filled_in_is_in_the_project(tmp_path):
    target = tmp_path / "cells.coverslip"
    with new_project(target, Progress()) as project:
        assert not target.exists()
        add_label(project, "RBC")
    with Project.open(target) as project:
        assert [label.name for label in labels(project)] == ["RBC"]
    assert [path.name for path in tmp_path.iterdir()] == ["cells.coverslip"]


@pytest.mark.parametrize(("raised", "told"), [("disk_full_import", "disk_full"), ("task_single", "task_single")])
def test_an_error_leaves_nothing_behind_and_a_full_disk_is_told_as_such(tmp_path, raised, told):
    with pytest.raises(UserError) as caught, new_project(tmp_path / "cells.coverslip", Progress()):
        raise UserError(raised)
    assert caught.value.code == told
    assert list(tmp_path.iterdir()) == []


def test_cancelled_at_the_last_moment_it_is_not_made(tmp_path):
    token = CancelToken()
    with pytest.raises(Cancelled), new_project(tmp_path / "cells.coverslip", Progress(None, token)):
        token.cancel()
    assert list(tmp_path.iterdir()) == []
