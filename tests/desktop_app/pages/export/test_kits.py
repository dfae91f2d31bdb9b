from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Cancelled, UserError
from core.progress import CancelToken, Progress
from core.store.project import Project, write_meta
from desktop_app.pages.export.kits import forget_kit, free_directory, known_kits, read_contents, remember_kit
from desktop_app.pages.export.speed import measure_speed


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "cells") as made:
        yield made


def test_a_kit_is_remembered_and_read_from_the_disk(project: Project, built_kit: Path):
    remember_kit(project, built_kit, 1.5)
    [kit] = known_kits(project)
    assert kit.path == built_kit
    assert kit.ms_per_image == 1.5
    assert kit.contents is not None
    assert kit.contents.metadata.run == 3
    assert [file.name for file in kit.contents.files] == [
        "model.onnx",
        "metadata.json",
        "labels.txt",
        "golden/",
        "proof.json",
        "README.md",
    ]
    on_disk = sum(path.stat().st_size for path in built_kit.rglob("*") if path.is_file())
    assert kit.contents.bytes == on_disk


def test_remembered_twice_it_is_listed_once_and_first(project: Project, built_kit: Path, tmp_path: Path):
    other = Path(shutil.copytree(built_kit, tmp_path / "other"))
    for path in (built_kit, other, built_kit):
        remember_kit(project, path, None)
    assert [kit.path for kit in known_kits(project)] == [built_kit, other]


def test_a_kit_that_is_gone_stays_on_the_list_and_says_so(project: Project, built_kit: Path, tmp_path: Path):
    gone = Path(shutil.copytree(built_kit, tmp_path / "gone"))
    remember_kit(project, gone, None)
    shutil.rmtree(gone)
    [kit] = known_kits(project)
    assert kit.contents is None
    assert str(gone) in kit.problem


def test_forgetting_a_kit_leaves_its_files(project: Project, built_kit: Path):
    remember_kit(project, built_kit, None)
    forget_kit(project, built_kit)
    assert known_kits(project) == []
    assert (built_kit / "model.onnx").is_file()


@pytest.mark.parametrize("kept", ["text", {"a": 1}, [{"no": "path"}], [3]])
def test_what_another_version_remembered_does_no_harm(project: Project, kept: object):
    write_meta(project, "kits", kept)
    assert known_kits(project) == []


def test_a_folder_that_is_no_kit_is_refused(tmp_path: Path):
    with pytest.raises(UserError) as caught:
        read_contents(tmp_path)
    assert caught.value.code == "kit_not_one"


def test_a_free_name_is_found_beside_those_taken(tmp_path: Path):
    assert free_directory(tmp_path, "cells-run1").name == "cells-run1"
    (tmp_path / "cells-run1").mkdir()
    (tmp_path / "cells-run1-2").write_text("a file")
    assert free_directory(tmp_path, "cells-run1").name == "cells-run1-3"


def test_the_speed_is_measured_and_can_be_cancelled(built_kit: Path):
    assert measure_speed(built_kit, Progress()) > 0
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        measure_speed(built_kit, Progress(token=token))
