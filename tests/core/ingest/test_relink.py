from __future__ import annotations

import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from core.domain.query import SampleQuery
from core.errors import UserError
from core.images.reader import ImageReader
from core.ingest.importer import import_source
from core.ingest.presence import check_presence
from core.ingest.relink import relink
from core.progress import Progress
from core.store.edits import set_tag
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.store.sources import sources
from tests.support.pictures import encoded


def picture(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 14, 3), dtype=np.uint8)
    return encoded(Image.fromarray(pixels), "PNG")


@pytest.fixture
def root(tmp_path):
    for seed in range(6):
        file = tmp_path / "old" / "cells" / ("WBC" if seed % 2 else "RBC") / f"{seed}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture(seed))
    return tmp_path / "old" / "cells"


@pytest.fixture
def project(tmp_path, root):
    with Project.create(tmp_path / "p") as project:
        import_source(project, root, progress=Progress())
        yield project


def missing(project):
    samples = samples_by_id(project, sample_ids(project, SampleQuery()))
    return sorted(sample.path for sample in samples if sample.missing)


def all_readable(project):
    reader = ImageReader(sources(project))
    samples = samples_by_id(project, sample_ids(project, SampleQuery()))
    return all(reader.raw(sample.source_id, sample.path).shape == (12, 14, 3) for sample in samples)


def test_images_that_disappear_are_marked_and_come_back(project, root):
    assert check_presence(project, Progress()).missing == 0
    (root / "WBC" / "1.png").rename(root.parent / "away.png")
    found = check_presence(project, Progress())
    assert (found.present, found.missing, found.returned) == (5, 1, 0)
    assert missing(project) == ["WBC/1.png"]
    (root.parent / "away.png").rename(root / "WBC" / "1.png")
    found = check_presence(project, Progress())
    assert (found.present, found.missing, found.returned) == (6, 0, 1)
    assert missing(project) == []


@pytest.mark.parametrize("new", ["new", "new/cells", "new/deep/cells"])
def test_a_source_that_moved_is_found_below_any_folder_above_it(project, root, tmp_path, new):
    (tmp_path / new).parent.mkdir(parents=True, exist_ok=True)
    root.rename(tmp_path / new)
    assert check_presence(project, Progress()).missing == 6
    done = relink(project, tmp_path / "new", Progress())
    assert done.sources == [(str(root), str(tmp_path / new))]
    assert (done.presence.missing, done.presence.returned) == (0, 6)
    assert all_readable(project)


def test_files_that_were_sorted_into_other_folders_are_found_by_name_size_and_content(project, root):
    (root / "sorted").mkdir()
    for name in ("WBC/1.png", "RBC/0.png"):
        (root / name).rename(root / "sorted" / name.split("/")[1])
    (root / "RBC" / "2.png").rename(root / "sorted" / "2.png")
    (root / "sorted" / "2.png").write_bytes(picture(99))
    done = relink(project, root, Progress())
    assert done.moved == 2
    assert missing(project) == ["RBC/2.png"], "one of that name, and another picture"


def test_other_images_of_the_same_names_are_not_taken_for_them(project, root, tmp_path):
    shutil.copytree(root, tmp_path / "other")
    for file in (tmp_path / "other").rglob("*.png"):
        data = bytearray(file.read_bytes())
        data[-6] ^= 1
        file.write_bytes(data)
    shutil.rmtree(root)
    done = relink(project, tmp_path / "other", Progress())
    assert done.sources == []
    assert done.presence.missing == 6


def test_a_zip_that_moved_is_found(tmp_path, root):
    old, new = tmp_path / "cells.zip", tmp_path / "elsewhere" / "cells.zip"
    with zipfile.ZipFile(old, "w") as archive:
        for file in sorted(root.rglob("*.png")):
            archive.write(file, file.relative_to(root))
    with Project.create(tmp_path / "z") as project:
        report = import_source(project, old, progress=Progress())
        assert (report.added, report.labels) == (6, {"RBC": 3, "WBC": 3})
        assert import_source(project, old, progress=Progress()).known == 6
        new.parent.mkdir()
        old.rename(new)
        assert check_presence(project, Progress()).missing == 6
        done = relink(project, tmp_path / "elsewhere", Progress())
        assert done.sources == [(str(old), str(new))]
        assert done.presence.missing == 0
        assert all_readable(project)


def test_a_place_that_is_not_there_is_told(project, tmp_path):
    with pytest.raises(UserError) as caught:
        relink(project, tmp_path / "nowhere", Progress())
    assert caught.value.code == "source_missing"


def test_a_file_that_was_renamed_is_found_by_its_content(project, root, tmp_path):
    (root / "WBC" / "1.png").rename(root / "WBC" / "other.png")
    root.rename(tmp_path / "new")
    done = relink(project, tmp_path / "new", Progress())
    assert (done.moved, done.presence.missing) == (1, 0)
    assert len(sample_ids(project, SampleQuery(labels=("WBC",)))) == 3
    assert all_readable(project)


@pytest.mark.parametrize("moves", [False, True])
def test_importing_a_folder_again_knows_a_file_that_was_renamed(project, root, tmp_path, moves):
    first = sample_ids(project, SampleQuery())
    set_tag(project, first, "mine", True)
    (root / "WBC" / "1.png").rename(root / "WBC" / "other.png")
    (root / "WBC" / "3.png").write_bytes(picture(99))
    if moves:
        root = root.rename(tmp_path / "new")
    report = import_source(project, root, progress=Progress())
    assert (report.added, report.renamed, report.changed) == (0, 1, 1)
    assert sample_ids(project, SampleQuery(tags=("mine",))).tolist() == first.tolist()
    assert all_readable(project) and check_presence(project, Progress()).missing == 0


def test_a_file_under_another_label_is_a_new_image(project, root):
    (root / "WBC" / "1.png").rename(root / "RBC" / "1.png")
    report = import_source(project, root, progress=Progress())
    assert (report.added, report.renamed) == (1, 0)
