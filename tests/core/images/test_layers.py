"""The pages and planes that a file has beside the image that was imported of it."""

import numpy as np
import pydicom
import pytest
import tifffile
from PIL import Image

from core.domain.samples import Source
from core.images.deep import open_sample
from core.images.formats import Where
from core.images.layers import layers_of
from core.images.open_tree import open_tree
from core.images.reader import ImageReader
from core.images.trees import FOLDER, ZIP

RANDOM = np.random.default_rng(11)
TZCYX = RANDOM.integers(0, 4096, (2, 5, 2, 12, 16), dtype=np.uint16)


@pytest.fixture
def reader(tmp_path):
    return ImageReader({1: Source(1, FOLDER, str(tmp_path))})


def layers(tmp_path, path):
    return layers_of(open_tree(Source(1, FOLDER, str(tmp_path))), path)


def write_stack(path, pixels, axes, **more):
    tifffile.imwrite(path, pixels, ome=True, metadata={"axes": axes, **more})


def test_the_planes_of_a_stack_are_walked_from_the_brightest_of_all(tmp_path, reader):
    write_stack(tmp_path / "s.ome.tif", TZCYX[0], "ZCYX", PhysicalSizeX=0.5, PhysicalSizeY=0.5)
    image = open_sample(reader, 1, "s.ome.tif")
    found = image.layers
    assert (found.depths, found.own) == ((0, 1, 2, 3, 4), Where(z=None, t=0))
    where = found.own
    for z in range(5):
        where = found.moved(where, 1)
        plane = open_sample(reader, 1, found.address(where))
        assert np.array_equal(plane.source.region(0, 0, 0, 16, 12), np.moveaxis(TZCYX[0, z], 0, -1))
        assert plane.pixel_size_um == 0.5
    assert found.moved(where, 1) == where
    assert found.address(found.moved(where, -9)) == "s.ome.tif"
    assert found.later(where, 1) == where


def test_times_are_walked_beside_the_planes(tmp_path, reader):
    tifffile.imwrite(tmp_path / "s.tif", TZCYX, imagej=True, metadata={"axes": "TZCYX"})
    found = layers(tmp_path, "s.tif")
    later = found.later(found.own, 1)
    assert found.address(later) == "s.tif::plane=t1"
    assert found.address(found.moved(later, 2)) == "s.tif::plane=z1,t1"
    assert found.later(later, 9) == later
    shown = open_sample(reader, 1, "s.tif::plane=z1,t1").source.region(0, 0, 0, 16, 12)
    assert np.array_equal(shown, np.moveaxis(TZCYX[1, 1], 0, -1))


def test_an_image_that_is_one_plane_begins_there(tmp_path):
    write_stack(tmp_path / "s.ome.tif", TZCYX[0], "ZCYX")
    found = layers(tmp_path, "s.ome.tif::plane=z3")
    assert found.own == Where(z=3, t=0)
    assert found.address(found.moved(found.own, 1)) == "s.ome.tif::plane=z4"
    assert found.address(Where(t=0)) == "s.ome.tif"


def test_a_box_is_cut_out_of_every_plane(tmp_path):
    write_stack(tmp_path / "s.ome.tif", TZCYX[0], "ZCYX")
    found = layers(tmp_path, "s.ome.tif::box=1,2,5,6")
    assert found.address(found.moved(found.own, 2)) == "s.ome.tif::plane=z1::box=1,2,5,6"


def test_pages_of_a_plain_tiff_and_frames_are_walked_from_the_first(tmp_path):
    tifffile.imwrite(tmp_path / "p.tif", TZCYX[0, :3, 0], photometric="minisblack", metadata=None)
    Image.fromarray(TZCYX[0, 0, 0].astype(np.uint8)).save(
        tmp_path / "f.gif", save_all=True, append_images=[Image.fromarray(TZCYX[0, 1, 0].astype(np.uint8))]
    )
    pages, frames = layers(tmp_path, "p.tif"), layers(tmp_path, "f.gif")
    assert (pages.pages, pages.frames, pages.own) == (3, False, Where(page=0))
    assert pages.address(pages.moved(pages.own, 9)) == "p.tif::page=2"
    assert (frames.pages, frames.frames) == (2, True)
    assert layers(tmp_path, "p.tif::page=1").own == Where(page=1)


def test_frames_of_dicom_are_walked(tmp_path):
    from tests.support.science import dicom_bytes

    (tmp_path / "d.dcm").write_bytes(dicom_bytes(TZCYX[0, :3, 0]))
    assert isinstance(pydicom.dcmread(tmp_path / "d.dcm").NumberOfFrames, int)
    assert layers(tmp_path, "d.dcm").pages == 3


def test_planes_of_volumes_in_arrays_are_walked(tmp_path):
    np.savez(tmp_path / "v.npz", train_images=RANDOM.integers(0, 255, (2, 28, 28, 28), dtype=np.uint8))
    found = layers(tmp_path, "v.npz::item=train_images/1")
    assert len(found.depths) == 28
    assert found.address(found.moved(found.own, 4)) == "v.npz::item=train_images/1.z3"
    assert found.address(found.own) == "v.npz::item=train_images/1"


def test_what_is_one_image_or_cannot_be_read_has_no_layers(tmp_path):
    write_stack(tmp_path / "c.ome.tif", TZCYX[0, 0], "CYX")
    Image.fromarray(TZCYX[0, 0, 0].astype(np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "empty.tif").write_bytes(b"")
    (tmp_path / "broken.tif").write_bytes(b"II*\0\xff\xff\xff\x00rest")
    for path in ("c.ome.tif", "a.png", "empty.tif", "broken.tif", "gone.tif", "a.png::box=0,0,2,2"):
        assert layers(tmp_path, path) is None


def test_layers_in_an_archive_are_found(tmp_path):
    import zipfile

    write_stack(tmp_path / "s.ome.tif", TZCYX[0], "ZCYX")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.write(tmp_path / "s.ome.tif", "in/s.ome.tif")
    found = layers_of(open_tree(Source(1, ZIP, str(tmp_path / "z.zip"))), "in/s.ome.tif")
    assert found.address(found.moved(found.own, 1)) == "in/s.ome.tif::plane=z0"
