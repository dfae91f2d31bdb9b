from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.domain.query import SampleQuery
from core.domain.samples import NewSample
from core.errors import Cancelled, UserError
from core.images.contents import examine, raw_digest
from core.images.decode import decode
from core.images.open_tree import open_tree
from core.progress import CancelToken, Progress, ProgressReport
from core.quality.facts.bank import FactsBank
from core.quality.facts.gather import gather_facts
from core.quality.facts.image_facts import ImageFacts
from core.store.project import Project
from core.store.samples import add_samples, digests, sample_table
from core.store.sources import add_source
from tests.support.pictures import gradient, jpeg_bytes, png_bytes


def project_of(folder: Path) -> Project:
    """Return a project of all the files of a folder, as an import would record them."""
    project = Project.create(folder.parent / "facts")
    source = add_source(project, "folder", folder)
    tree, samples = open_tree(source), []
    for path in sorted(folder.iterdir()):
        digest = examine(tree, path.name).digest or path.name
        state = path.stat()
        samples.append(NewSample(path.name, digest, state.st_size, state.st_mtime_ns))
    add_samples(project, source.id, samples)
    return project


def gather(project: Project, progress: Progress | None = None, **options: float) -> ImageFacts:
    table = sample_table(project, SampleQuery())
    return gather_facts(project, table, digests(project, table.ids), progress or Progress(), **options)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    random = np.random.default_rng(3)
    for number in range(12):
        pixels = random.integers(0, 256, (20 + number, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    return folder


def test_every_image_is_measured_once_and_known_the_next_time(images: Path):
    with project_of(images) as project:
        first = gather(project)
        assert (len(first), first.measured) == (12, 12)
        again = gather(project)
        assert again.measured == 0
        assert again.column("height").tolist() == list(range(20, 32))
        for name in ("small", "colours", "pixel_digest", "numbers", "tags"):
            np.testing.assert_array_equal(first.array(name), again.array(name))
        assert again.modified_ns.tolist() == [path.stat().st_mtime_ns for path in sorted(images.iterdir())]


def test_the_arrays_are_a_memory_map_where_the_order_is_that_of_the_bank_and_a_copy_otherwise(images: Path):
    with project_of(images) as project:
        facts = gather(project)
        assert isinstance(facts.small, np.memmap)
        backwards = facts.take(np.arange(12)[::-1].astype(np.int64))
        np.testing.assert_array_equal(backwards.small, facts.small[::-1])
        np.testing.assert_array_equal(backwards.column("height"), facts.column("height")[::-1])


def test_equal_pixels_have_equal_digests_whatever_the_file(tmp_path: Path):
    folder = tmp_path / "images"
    folder.mkdir()
    Image.fromarray(gradient()).save(folder / "a.png")
    Image.fromarray(gradient()).save(folder / "b.bmp")
    Image.fromarray(255 - gradient()).save(folder / "c.png")
    with project_of(folder) as project:
        found = gather(project).pixel_digest
    assert bytes(found[0]) == bytes(found[1]) != bytes(found[2])
    assert bytes(found[0]).hex() == raw_digest(decode(folder / "a.png"))


def test_what_cannot_be_read_has_its_reason_and_no_facts_and_is_tried_again(images: Path):
    (images / "00.png").write_bytes(b"no picture")
    (images / "05.png").write_bytes(png_bytes()[:-30])
    (images / "copy.png").write_bytes(b"no picture")
    with project_of(images) as project:
        facts = gather(project)
        assert sorted(facts.problems) == [0, 5, 12]
        assert facts.readable.tolist() == [index not in facts.problems for index in range(13)]
        assert "cut off" in facts.problems[5]
        assert np.isnan(facts.column("mean")[5])
        assert not facts.small[5].any()
        assert facts.tag("format")[5] == -1
        assert gather(project).measured == 3


def test_a_project_of_nothing_but_unreadable_images_has_no_facts(tmp_path: Path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(b"no picture %d" % number)
    with project_of(folder) as project:
        facts = gather(project)
    assert sorted(facts.problems) == [0, 1, 2]
    assert facts.small.shape == (3, 32, 32)
    assert np.isnan(facts.column("width")).all()


def test_of_no_samples_there_are_no_facts(tmp_path: Path):
    (tmp_path / "images").mkdir()
    with project_of(tmp_path / "images") as project:
        facts = gather(project)
    assert len(facts) == 0
    assert facts.small.shape == (0, 32, 32)
    assert facts.column("mean").shape == (0,)


def test_a_pass_that_is_stopped_goes_on_where_it_was(images: Path):
    with project_of(images) as project:
        token = CancelToken()

        def stop(report: ProgressReport) -> None:
            if report.done >= 4:
                token.cancel()

        with pytest.raises(Cancelled):
            gather(project, Progress(stop, token, interval_s=0))
        done = len(FactsBank(project.cache_dir))
        assert 4 <= done < 12
        assert gather(project).measured == 12 - done


def test_a_full_disk_is_said_and_leaves_nothing_half_written(images: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with project_of(images) as project:
        with monkeypatch.context() as patch, pytest.raises(UserError) as caught:
            patch.setattr(os, "fsync", full)
            gather(project)
        assert caught.value.code == "disk_full"
        assert len(FactsBank(project.cache_dir)) == 0
        assert gather(project).measured == 12
        assert gather(project).measured == 0


def test_pictures_of_all_kinds_are_measured(tmp_path: Path):
    folder = tmp_path / "images"
    folder.mkdir()
    random = np.random.default_rng(1)
    Image.fromarray(gradient(1, 1)).save(folder / "one_pixel.png")
    Image.fromarray(np.dstack([gradient(), np.full((40, 60), 90, np.uint8)])).save(folder / "rgba.png")
    Image.fromarray(gradient()[..., 0]).save(folder / "grey.png")
    Image.new("RGB", (30, 20), "white").save(folder / "flat.png")
    Image.fromarray(gradient(3, 900)).save(folder / "long.png")
    (folder / "photo.jpg").write_bytes(jpeg_bytes(quality=71))
    tifffile.imwrite(folder / "deep.tif", random.integers(0, 4096, (50, 40), dtype=np.uint16))
    five = random.integers(0, 999, (5, 32, 33), dtype=np.uint16)
    tifffile.imwrite(folder / "five.ome.tif", five, metadata={"axes": "CYX"})
    floats = random.normal(size=(30, 30)).astype(np.float32)
    floats[0, 0], floats[1, 1] = np.nan, np.inf
    tifffile.imwrite(folder / "float.tif", floats)
    with project_of(folder) as project:
        facts = gather(project)
        assert not facts.problems
        paths = sample_table(project, SampleQuery()).paths
    at = {path: index for index, path in enumerate(paths)}
    assert facts.column("channels")[at["five.ome.tif"]] == 5
    assert facts.column("bit_depth")[at["deep.tif"]] == 16
    assert facts.column("jpeg_quality")[at["photo.jpg"]] == 71
    assert facts.words[facts.tag("format")[at["photo.jpg"]]] == "jpeg"
    assert facts.column("entropy")[at["flat.png"]] == 0
    for name in ("mean", "deviation", "p99", "object_share", "entropy", "tail", "clipped_high"):
        assert np.isfinite(facts.column(name)).all(), name
