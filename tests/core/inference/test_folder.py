"""A folder of images becomes a table: every file a row, in order, whatever is wrong with it."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.errors import Cancelled, UserError
from core.images.decode import decode
from core.inference.folder import _run_together, predict_source
from core.inference.predictor import Predictor
from core.inference.results import PredictionTable
from core.inference.walk import image_files
from core.progress import CancelToken, Progress, ProgressReport
from tests.support.kits import picture
from tests.support.web import serving


@pytest.fixture(scope="module")
def predictor(built_kit: Path) -> Predictor:
    return Predictor.open(built_kit)


def save(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as labs have them: nested, several formats, some files of no use."""
    for index in range(30):
        save(tmp_path / f"plate {index % 3}" / f"세포_{index:02d}.png", picture(index % 7 + (index > 20) * index, 40))
    save(tmp_path / "top.jpg", picture(90))
    Image.fromarray(picture(91)).convert("L").save(tmp_path / "grey.bmp")
    tifffile.imwrite(tmp_path / "deep.tif", np.arange(600, dtype=np.uint16).reshape(20, 30) * 100)
    (tmp_path / "notes.txt").write_text("not an image")
    (tmp_path / ".hidden.png").write_bytes(b"")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "top.jpg").read_bytes()[:300])
    (tmp_path / "fake.png").write_text("not an image either")
    return tmp_path


def test_every_image_gets_its_own_answer(folder, predictor):
    table = predict_source(predictor, folder, workers=3)
    assert table.paths == sorted(table.paths)
    assert len(table) == 35
    assert {"top.jpg", "grey.bmp", "deep.tif", "plate 2/세포_29.png"} <= set(table.paths)
    for row, path in enumerate(table.paths):
        if path.endswith("세포_11.png") or path == "top.jpg":
            expected = predictor.predict([decode(folder / path)]).probabilities[0]
            assert table.probabilities[row] == pytest.approx(expected, abs=1e-6)


def test_running_images_together_gives_the_same_table(folder, predictor):
    found = image_files(folder, Progress())
    table = PredictionTable.empty(found.folder, found.paths, predictor.labels)
    _run_together(predictor, found, table, Progress(), 3)
    alone = predict_source(predictor, folder)
    assert table.errors == alone.errors
    assert table.probabilities == pytest.approx(alone.probabilities, abs=1e-6, nan_ok=True)


def test_what_cannot_be_read_is_a_row_with_its_reason(folder, predictor):
    table = predict_source(predictor, folder)
    errors = {path: error for path, error in zip(table.paths, table.errors, strict=True) if error}
    assert set(errors) == {"cut.jpg", "fake.png"}
    assert all(np.isnan(table.probabilities[table.paths.index(path)]).all() for path in errors)
    assert np.isfinite(table.probabilities).all(axis=1).sum() == 33


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are Unicode there")
def test_a_name_that_is_no_unicode_is_a_row_with_its_reason(tmp_path, predictor):
    save(tmp_path / "good.png", picture(1))
    os.rename(tmp_path / "good.png", os.fsencode(tmp_path) + b"/b\xffd.png")
    save(tmp_path / "good.png", picture(1))
    table = predict_source(predictor, tmp_path)
    assert table.paths == ["b\\xffd.png", "good.png"]
    assert "Unicode" in (table.errors[0] or "")
    assert table.errors[1] is None


def test_projects_and_linked_folders_are_passed_over(tmp_path, predictor):
    save(tmp_path / "good.png", picture(1))
    save(tmp_path / "mine.coverslip" / "cache" / "thumbnail.png", picture(2))
    save(tmp_path / ".trash" / "old.png", picture(3))
    if os.name != "nt":
        (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert predict_source(predictor, tmp_path).paths == ["good.png"]


def test_the_number_of_workers_changes_nothing(folder, predictor):
    one, many = (predict_source(predictor, folder, workers=n) for n in (1, 7))
    assert one.paths == many.paths
    assert one.errors == many.errors
    assert one.probabilities == pytest.approx(many.probabilities, abs=1e-6, nan_ok=True)


def test_one_image_is_a_folder_of_one(folder, predictor):
    table = predict_source(predictor, folder / "top.jpg")
    assert table.paths == ["top.jpg"]
    assert table.root == folder
    assert table.errors == [None]


def test_progress_counts_every_image(folder, predictor):
    reports: list[ProgressReport] = []
    predict_source(predictor, folder, progress=Progress(reports.append, interval_s=0))
    assert (reports[-1].done, reports[-1].total) == (35, 35)


def test_a_missing_and_an_empty_folder_are_told(tmp_path, predictor):
    for path, code in ((tmp_path / "nowhere", "predict_source_missing"), (tmp_path, "predict_no_images")):
        with pytest.raises(UserError) as caught:
            predict_source(predictor, path)
        assert caught.value.code == code


def test_it_can_be_stopped_half_way(folder, predictor):
    token = CancelToken()

    def stop(report: ProgressReport) -> None:
        if report.done > 3:
            token.cancel()

    with pytest.raises(Cancelled):
        predict_source(predictor, folder, progress=Progress(stop, token, interval_s=0))


def test_a_zip_and_a_server_give_the_answers_of_the_folder(folder, predictor, tmp_path_factory):
    packed = tmp_path_factory.mktemp("packed") / "images.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(folder.rglob("*.*")):
            archive.write(file, file.relative_to(folder))
    expected = predict_source(predictor, folder)
    with serving(folder) as web:
        with pytest.raises(UserError) as caught:
            predict_source(predictor, web.url)
        assert caught.value.code == "remote_not_allowed"
        tables = [predict_source(predictor, packed), predict_source(predictor, web.url, network=True)]
    for table in tables:
        assert table.paths == expected.paths
        np.testing.assert_array_equal(table.probabilities, expected.probabilities)
