from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.samples import NewSample
from core.embeddings.labelled import read_pool
from core.error_texts.table import ERROR_TEXTS
from core.images.contents import examine
from core.images.open_tree import open_tree
from core.progress import Progress
from core.quality.data import QualityData, quality_data
from core.quality.facts.gather import gather_facts
from core.quality.spec import Found
from core.quality.unreadable.find import FLAT_END, find_partial, find_unreadable
from core.store.project import Project
from core.store.samples import add_samples
from core.store.sources import add_source
from tests.support.pictures import encoded, gradient, png_bytes

CUT = ERROR_TEXTS["image_truncated"]


def picture(seed: int, height: int = 96, width: int = 128) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.clip(gradient(height, width) * 0.6 + random.normal(60, 12, (height, width, 3)), 0, 255).astype(np.uint8)


def jpeg(pixels: np.ndarray) -> bytes:
    return encoded(Image.fromarray(pixels), "JPEG", quality=90)


def cut_jpeg(pixels: np.ndarray, share: float) -> bytes:
    """Return a JPEG of which the rest of the data is missing, but not the mark of its end."""
    data = jpeg(pixels)
    return data[: round(len(data) * share)] + b"\xff\xd9"


def project_of(folder: Path, files: dict[str, bytes]) -> Project:
    (folder / "images").mkdir()
    project = Project.create(folder / "p")
    source = add_source(project, "folder", folder / "images")
    samples = []
    for name, data in files.items():
        (folder / "images" / name).write_bytes(data)
        contents = examine(open_tree(source), name)
        problem = ERROR_TEXTS[contents.problem.code] if contents.problem else None
        samples.append(NewSample(name, contents.digest or name, len(data), 1, problem=problem))
    add_samples(project, source.id, samples)
    return project


def data_of(project: Project) -> QualityData:
    data = quality_data(project, read_pool(project))
    return replace(data, facts=gather_facts(project, data.table, data.keys, Progress()))


def found_in(project: Project) -> dict[str, tuple[float, str]]:
    data = data_of(project)
    found: Found = find_partial(data, Progress())
    return {data.table.paths[case.rows[0]]: (case.score, str(case.evidence["reason"])) for case in found.cases}


def whole(count: int = 30) -> dict[str, bytes]:
    return {f"{number:02}.jpg": jpeg(picture(number)) for number in range(count)}


def test_what_the_import_could_not_read_is_told_with_its_reason(tmp_path: Path):
    files = whole(2) | {"cut.png": png_bytes()[:-40], "text.jpg": b"no picture"}
    with project_of(tmp_path, files) as project:
        told = dict(find_unreadable(project))
        assert sorted(told.values()) == sorted([CUT, ERROR_TEXTS["image_unknown_format"]])
        assert found_in(project) == {}


@pytest.mark.parametrize("share", [0.3, 0.6, 0.85])
def test_a_jpeg_whose_data_end_early_is_found_though_it_has_its_end_mark(share: float, tmp_path: Path):
    with project_of(tmp_path, whole() | {"cut.jpg": cut_jpeg(picture(90), share)}) as project:
        found = found_in(project)
    assert list(found) == ["cut.jpg"]
    assert found["cut.jpg"][1] == CUT
    assert found["cut.jpg"][0] > 0.9


def test_an_image_that_was_saved_again_with_its_grey_remainder_is_found(tmp_path: Path):
    pixels = picture(91)
    pixels[60:] = 128
    pixels[44:60, 70:] = 128
    with project_of(tmp_path, whole() | {"again.png": encoded(Image.fromarray(pixels), "PNG")}) as project:
        found = found_in(project)
    assert list(found) == ["again.png"]
    assert found["again.png"][1] == FLAT_END


def test_an_object_on_a_plain_ground_is_whole(tmp_path: Path):
    images = {}
    for number in range(30):
        pixels = np.full((60, 60, 3), 255, np.uint8)
        pixels[10 : 30 + number % 20, 20:40] = picture(number, 60, 60)[10 : 30 + number % 20, 20:40]
        images[f"{number}.png"] = encoded(Image.fromarray(pixels), "PNG")
    with project_of(tmp_path, images) as project:
        assert found_in(project) == {}


def test_where_many_images_end_in_a_bar_that_is_how_they_are(tmp_path: Path):
    images = {}
    for number in range(20):
        pixels = picture(number)
        pixels[80:] = 0
        images[f"{number}.png"] = encoded(Image.fromarray(pixels), "PNG")
    with project_of(tmp_path, images) as project:
        assert found_in(project) == {}


def test_an_image_that_cannot_be_read_any_more_is_a_case(tmp_path: Path):
    with project_of(tmp_path, whole(3)) as project:
        (tmp_path / "images" / "01.jpg").write_bytes(b"overwritten")
        assert found_in(project) == {"01.jpg": (1.0, ERROR_TEXTS["image_unknown_format"])}


def test_where_nothing_can_be_read_there_is_nothing_to_look_at(tmp_path: Path):
    with project_of(tmp_path, {f"{number}.jpg": b"no picture %d" % number for number in range(3)}) as project:
        assert found_in(project) == {}
        assert len(find_unreadable(project)) == 3


def test_an_object_that_lies_low_on_a_plain_ground_is_whole(tmp_path: Path):
    def sandal(seed: int) -> bytes:
        pixels = np.zeros((28, 28, 3), np.uint8)
        pixels[12:22, 3:25] = np.random.default_rng(seed).integers(60, 255, (10, 22, 1))
        return encoded(Image.fromarray(pixels), "PNG")

    with project_of(tmp_path, whole() | {"sandal.png": sandal(1)}) as project:
        assert found_in(project) == {}
