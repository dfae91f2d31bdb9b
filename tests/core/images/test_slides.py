from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from core.domain.samples import Source
from core.errors import UnreadableImage
from core.images.contents import examine
from core.images.decode import decode, read_info, readable
from core.images.folder_tree import FolderTree
from core.images.reader import ImageReader
from core.images.slides import read_tile, slide_facts, tile_header, tile_values
from core.images.thumbnails import thumbnail
from tests.support.pictures import gradient, jpeg_bytes
from tests.support.science import write_slide

PIXELS = gradient(600, 900)


@pytest.fixture(scope="module")
def slide(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "a.svs"
    write_slide(path, PIXELS)
    return path


def near(found, expected, within=12):
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).mean() < within


def test_a_slide_says_its_levels_its_pixel_size_and_its_objective(slide):
    facts = slide_facts(slide)
    assert facts.levels == ((900, 600, 1.0), (450, 300, 2.0), (225, 150, 4.0))
    assert facts.pixel_size_um == (0.5, 0.5)
    assert (facts.objective, facts.vendor) == (20.0, "aperio")


def test_the_whole_of_a_slide_is_a_reduced_picture(slide, monkeypatch):
    near(decode(slide), PIXELS)
    monkeypatch.setattr("core.images.slides.WHOLE_PX", 100)
    small = decode(slide)
    assert small.shape == (67, 100, 3)
    info = read_info(slide)
    assert (info.width, info.height, info.format) == (100, 67, "slide")
    assert info.pixel_size_um == pytest.approx((4.5, 4.5))


def test_a_tile_is_cut_out_of_any_level(slide):
    near(read_tile(slide, "128,64,100,50,0"), PIXELS[64:114, 128:228])
    near(read_tile(slide, "128,64,100,50,1"), PIXELS[64:164:2, 128:328:2])
    assert (read_tile(slide, "850,550,100,100,0")[60:, 60:] == 255).all()
    assert tile_header(slide, "0,0,10,20,2").pixel_size_um == (2.0, 2.0)


@pytest.mark.parametrize(
    "value",
    ["0,0,10,10,3", "900,0,10,10,0", "0,600,10,10,0", "0,0,0,10,0", "0,0,99999,99999,0", "1,2,3", "", "a,0,1,1,0"],
)
def test_tiles_that_are_not_there_are_refused(slide, value):
    with pytest.raises(UnreadableImage) as caught, readable(slide):
        read_tile(slide, value)
    assert caught.value.code == "image_no_part"


def test_a_slide_is_covered_by_tiles_and_glass_can_be_left_out(tmp_path):
    pixels = np.full((256, 512, 3), 230, np.uint8)
    pixels[:, 256:] = (200, 80, 160)
    write_slide(tmp_path / "b.svs", pixels, levels=1)
    assert tile_values(tmp_path / "b.svs", 128) == [f"{x},{y},128,128,0" for y in (0, 128) for x in (0, 128, 256, 384)]
    tissue = tile_values(tmp_path / "b.svs", 128, min_tissue=0.5)
    assert tissue == [f"{x},{y},128,128,0" for y in (0, 128) for x in (256, 384)]


def test_slides_and_their_tiles_are_samples_with_thumbnails(slide):
    reader = ImageReader({1: Source(1, "folder", str(slide.parent))})
    near(reader.raw(1, "a.svs"), PIXELS)
    near(reader.raw(1, "a.svs::tile=64,64,64,64,0"), PIXELS[64:128, 64:128])
    assert thumbnail(reader, 1, "a.svs", 90).shape == (60, 90, 3)
    assert thumbnail(reader, 1, "a.svs::tile=64,64,64,64,0", 32).shape == (32, 32, 3)
    found = [examine(FolderTree(slide.parent), path) for path in ("a.svs", "a.svs::tile=0,0,64,32,1")]
    assert [(one.info.width, one.info.height) for one in found] == [(900, 600), (64, 32)]
    assert all(len(one.digest) == 32 for one in found)


def test_what_is_no_slide_is_refused(tmp_path):
    for name, data in {"a.svs": b"", "b.ndpi": b"nothing" * 99, "c.mrxs": jpeg_bytes(), "d.svs": bytes(99)}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UnreadableImage):
            decode(tmp_path / name)
    with pytest.raises(UnreadableImage) as caught:
        decode(tmp_path / "gone.svs")
    assert caught.value.code == "image_missing"


def test_a_slide_cut_off_is_refused_or_read_but_never_more(slide, tmp_path):
    data = slide.read_bytes()
    for part in (0.1, 0.5, 0.9):
        (tmp_path / "cut.svs").write_bytes(data[: int(len(data) * part)])
        with pytest.raises(UnreadableImage):
            decode(tmp_path / "cut.svs")


def test_a_slide_is_opened_once_for_all_tiles_of_a_tree_and_anew_when_it_changed(slide, tmp_path, monkeypatch):
    import openslide

    opened = []

    class Counting(openslide.OpenSlide):
        def __init__(self, path):
            opened.append(path)
            super().__init__(path)

    monkeypatch.setattr(openslide, "OpenSlide", Counting)
    copy = tmp_path / "a.svs"
    copy.write_bytes(slide.read_bytes())
    reader = ImageReader({1: Source(1, "folder", str(tmp_path))})
    for x in (0, 100, 200):
        reader.raw(1, f"a.svs::tile={x},0,50,50,0")
    assert len(opened) == 1
    os.utime(copy, ns=(1, 1))
    reader.raw(1, "a.svs::tile=0,0,50,50,0")
    assert len(opened) == 2
    ImageReader({1: Source(1, "folder", str(tmp_path))}).raw(1, "a.svs::tile=0,0,50,50,0")
    assert len(opened) == 3
