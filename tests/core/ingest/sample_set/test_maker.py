import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.ingest.sample_set.cells import LABELS
from core.ingest.sample_set.darkroom import Darkroom
from core.ingest.sample_set.maker import GROUP_PATTERN, SampleSet, make_sample_set
from core.ingest.sample_set.plan import make_plan
from core.progress import CancelToken, Progress, ProgressReport


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SampleSet:
    return make_sample_set(tmp_path_factory.mktemp("sample set") / "demo", progress=Progress())


@pytest.fixture(scope="module")
def truth(made: SampleSet) -> dict[str, dict[str, Any]]:
    files: dict[str, dict[str, Any]] = json.loads(made.truth.read_text(encoding="utf-8"))["files"]
    return files


def _image(made: SampleSet, path: str) -> np.ndarray:
    image = cv2.imread(str(made.images / path))
    assert image is not None
    return image


def test_the_truth_knows_every_file_and_lies_outside_the_images(made: SampleSet, truth: dict[str, Any]) -> None:
    on_disk = {file.relative_to(made.images).as_posix() for file in made.images.rglob("*") if file.is_file()}

    assert on_disk == set(truth)
    assert made.truth.parent == made.images.parent
    assert sorted(path.name for path in made.images.parent.iterdir()) == ["images", "truth.json"]


def test_files_lie_in_the_folder_of_their_given_label_and_name_their_slide(truth: dict[str, Any]) -> None:
    assert {path.split("/")[0] for path in truth} == set(LABELS)
    for path, entry in truth.items():
        label, name = path.split("/")
        assert label == entry["given"]
        assert re.search(GROUP_PATTERN, name)[1] == entry["slide"]  # type: ignore[index]
        assert re.fullmatch(r"slide\d\d_cell\d{4}\.(jpg|png)", name)
    assert len({entry["slide"] for entry in truth.values()}) >= 12


def test_crops_differ_in_size_and_shape_within_bounds(made: SampleSet, truth: dict[str, Any]) -> None:
    sizes = np.array([_image(made, path).shape[:2] for path in list(truth)[::5]])

    assert sizes.min() >= 60 and sizes.max() <= 200
    assert len({tuple(size) for size in sizes.tolist()}) > 0.9 * len(sizes)
    aspect = sizes[:, 0] / sizes[:, 1]
    assert aspect.min() < 0.8 and aspect.max() > 1.25


def test_exact_duplicates_are_the_same_bytes_and_nothing_else_is(made: SampleSet, truth: dict[str, Any]) -> None:
    content = {path: (made.images / path).read_bytes() for path in truth}
    copies = [path for path, entry in truth.items() if "exact_duplicate" in entry["faults"]]

    for path in copies:
        partner = truth[path]["partner"]
        assert content[path] == content[partner]
        assert truth[partner]["partner"] == path and truth[partner]["cell"] == truth[path]["cell"]
    repeated = sum(count - 1 for count in Counter(content.values()).values())
    assert repeated == len(copies)


def test_near_duplicates_show_the_cell_of_their_partner_in_other_bytes(made: SampleSet, truth: dict[str, Any]) -> None:
    for path, entry in truth.items():
        if "near_duplicate" in entry["faults"]:
            assert truth[entry["partner"]]["cell"] == entry["cell"]
            assert (made.images / path).read_bytes() != (made.images / entry["partner"]).read_bytes()


def test_the_blurred_are_blurrier_than_almost_all_others(made: SampleSet, truth: dict[str, Any]) -> None:
    def sharpness(path: str) -> float:
        grey = cv2.cvtColor(_image(made, path), cv2.COLOR_BGR2GRAY)
        return float(cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 2.0), cv2.CV_32F).std())

    blurred = [sharpness(path) for path, entry in truth.items() if "blurred" in entry["faults"]]
    others = [sharpness(path) for path, entry in list(truth.items())[::4] if not entry["faults"]]
    assert np.median(blurred) < np.quantile(others, 0.05)


def test_only_what_shows_no_cell_has_no_label(truth: dict[str, Any]) -> None:
    for entry in truth.values():
        assert (entry["label"] is None) == ("foreign" in entry["faults"]) == (entry["shows"] is not None)


def test_any_file_can_be_painted_again_alone_to_the_same_bytes(made: SampleSet) -> None:
    items = make_plan(7)
    by_stream = {item.stream: item for item in items}
    again = Darkroom(7)

    for item in items[::40] + [item for item in items if item.copy_of is not None][::5]:
        suffix, data = again.file(item, by_stream[item.copy_of] if item.copy_of is not None else None)
        assert (made.images / (item.stem + suffix)).read_bytes() == data


def test_a_set_that_is_there_is_left_as_it_is(made: SampleSet) -> None:
    before = {file: file.stat().st_mtime_ns for file in made.images.rglob("*")}
    reports: list[ProgressReport] = []

    assert make_sample_set(made.images.parent, progress=Progress(reports.append)) == made
    assert not reports
    assert {file: file.stat().st_mtime_ns for file in made.images.rglob("*")} == before


def test_a_folder_that_holds_something_else_is_not_touched(made: SampleSet, tmp_path: Path) -> None:
    own = tmp_path / "images" / "mine.jpg"
    own.parent.mkdir()
    own.write_bytes(b"mine")

    with pytest.raises(UserError) as caught:
        make_sample_set(tmp_path, progress=Progress())
    assert caught.value.code == "sample_set_in_the_way"
    assert [file.name for file in tmp_path.rglob("*")] == ["images", "mine.jpg"]
    with pytest.raises(UserError):
        make_sample_set(made.images.parent, seed=8, progress=Progress())


def test_stopping_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    token = CancelToken()

    def stop_soon(report: ProgressReport) -> None:
        if report.done >= 10:
            token.cancel()

    with pytest.raises(Cancelled):
        make_sample_set(tmp_path / "demo", progress=Progress(stop_soon, token, interval_s=0.0))
    assert list((tmp_path / "demo").iterdir()) == []
