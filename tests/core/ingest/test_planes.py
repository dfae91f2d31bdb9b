"""One plane of every file that has several, whatever names the files."""

import json
import zipfile

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.domain.query import SampleQuery
from core.errors import UserError
from core.images.reader import ImageReader
from core.ingest.formats.spec import ImportOptions
from core.ingest.importer import import_source, preview_source
from core.progress import Progress
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.store.sources import sources

STACK = np.random.default_rng(3).integers(0, 4096, (5, 2, 20, 24), dtype=np.uint16)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "cells") as made:
        yield made


def write_stack(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, STACK, ome=True, metadata={"axes": "ZCYX"})


def taken(project, root, **options):
    import_source(project, root, options=ImportOptions(**options), progress=Progress())
    reader = ImageReader(sources(project))
    return {
        sample.path: None if sample.problem else reader.raw(sample.source_id, sample.path)
        for sample in samples_by_id(project, sample_ids(project, SampleQuery()))
    }


def test_a_plane_is_taken_of_the_stacks_that_a_table_names(project, root):
    write_stack(root / "files" / "s.ome.tif")
    (root / "labels.csv").write_text("path,label\nfiles/s.ome.tif,cell\n")
    found = taken(project, root, plane=2)
    assert list(found) == ["files/s.ome.tif::plane=z2"]
    assert np.array_equal(found["files/s.ome.tif::plane=z2"], np.moveaxis(STACK[2], 0, -1))


def test_boxes_are_cut_out_of_the_plane(project, root):
    write_stack(root / "s.ome.tif")
    document = {
        "images": [{"id": 1, "file_name": "s.ome.tif", "width": 24, "height": 20}],
        "categories": [{"id": 1, "name": "cell"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 3, 10, 8]}],
    }
    (root / "instances.json").write_text(json.dumps(document))
    found = taken(project, root, plane=4, margin=0)
    [(path, pixels)] = found.items()
    assert path == "s.ome.tif::plane=z4::box=2,3,10,8"
    assert np.array_equal(pixels, np.moveaxis(STACK[4, :, 3:11, 2:12], 0, -1))


def test_a_plane_is_taken_in_an_archive(project, root, tmp_path):
    write_stack(root / "s.ome.tif")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.write(root / "s.ome.tif", "s.ome.tif")
    assert list(taken(project, tmp_path / "in.zip", plane=1)) == ["s.ome.tif::plane=z1"]


def test_planes_of_volumes_and_pages_are_taken_by_the_same_number(project, root):
    volumes = np.random.default_rng(5).integers(0, 255, (2, 28, 28, 28), dtype=np.uint8)
    np.savez(root / "v.npz", train_images=volumes, train_labels=np.array([[0], [1]]))
    found = taken(project, root / "v.npz", plane=7)
    assert sorted(found) == [f"v.npz::item=train_images/{at}.z7" for at in (0, 1)]
    assert np.array_equal(found["v.npz::item=train_images/1.z7"], volumes[1, 7])


def test_of_pages_one_is_taken_and_what_has_one_image_only_as_it_is(project, root):
    tifffile.imwrite(root / "p.tif", STACK[:3, 0], photometric="minisblack", metadata=None)
    Image.fromarray(STACK[0, 0].astype(np.uint8)).save(root / "a.png")
    found = taken(project, root, plane=2)
    assert sorted(found) == ["a.png", "p.tif::page=2"]
    assert np.array_equal(found["p.tif::page=2"], STACK[2, 0])


def test_a_plane_of_what_has_none_is_refused_and_nothing_comes_in(project, root):
    Image.fromarray(STACK[0, 0].astype(np.uint8)).save(root / "a.png")
    for work in (import_source, preview_source):
        with pytest.raises(UserError) as caught:
            work(project, root, options=ImportOptions(plane=3), progress=Progress())
        assert caught.value.code == "plane_none"
    assert not len(sample_ids(project, SampleQuery()))


def test_one_plane_and_every_page_contradict_each_other(project, root):
    write_stack(root / "s.ome.tif")
    with pytest.raises(UserError) as caught:
        preview_source(project, root, options=ImportOptions(plane=3, pages=True), progress=Progress())
    assert caught.value.code == "plane_with_pages"
