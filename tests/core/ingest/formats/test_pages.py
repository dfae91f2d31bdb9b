import numpy as np
import pytest
import tifffile
from PIL import Image

from core.domain.query import SampleQuery
from core.images.reader import ImageReader
from core.ingest.formats.spec import ImportOptions
from core.ingest.importer import import_source, preview_source
from core.ingest.rules import AUTO_LABELS, parse_group_rule
from core.progress import Progress
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.store.sources import sources
from tests.support.pictures import gradient
from tests.support.science import dicom_bytes


def test_pages_of_a_stack_are_a_group_so_that_none_judges_another(tmp_path):
    for name in ("a", "b"):
        (tmp_path / "stacks" / name).mkdir(parents=True)
        file = tmp_path / "stacks" / name / "s1.tif"
        tifffile.imwrite(file, np.zeros((3, 8, 9), np.uint16), photometric="minisblack")
    options = ImportOptions(pages=True)
    with Project.create(tmp_path / "cells") as project:
        seen = preview_source(project, tmp_path / "stacks", options=options, progress=Progress())
        assert seen.groups == {"a/s1.tif": 3, "b/s1.tif": 3}
        by_name = parse_group_rule(r"pattern:(s\d)\.tif")
        seen = preview_source(project, tmp_path / "stacks", groups=by_name, options=options, progress=Progress())
        assert seen.groups == {"s1": 6}
        report = import_source(project, tmp_path / "stacks", labels=AUTO_LABELS, options=options, progress=Progress())
        assert (report.added, report.groups) == (6, 2)


def _write_gif(file, frames):
    pictures = [Image.fromarray(np.roll(gradient(8, 9), at, axis=1)) for at in range(frames)]
    pictures[0].save(file, save_all=True, append_images=pictures[1:])


@pytest.mark.parametrize(("kind", "format"), [("gif", "auto"), ("dicom", "folders")])
def test_frames_are_told_as_pages_and_each_can_be_taken(tmp_path, kind, format):
    root = tmp_path / "films"
    (root / "a").mkdir(parents=True)
    for name, frames in (("three", 3), ("one", 1)):
        if kind == "gif":
            _write_gif(root / "a" / f"{name}.gif", frames)
        else:
            (root / "a" / f"{name}.dcm").write_bytes(dicom_bytes(np.zeros((frames, 8, 9), np.uint8)))
    with Project.create(tmp_path / "cells") as project:
        seen = preview_source(project, root, format=format, progress=Progress())
        assert (seen.would_add, seen.multi_page) == (2, 1)
        every = ImportOptions(pages=True)
        seen = preview_source(project, root, format=format, options=every, progress=Progress())
        assert (seen.would_add, seen.multi_page, len(seen.groups)) == (4, 0, 1)
        report = import_source(project, root, format=format, options=every, progress=Progress())
        assert (report.added, report.unreadable, report.labels) == (4, [], {"a": 4})


def test_a_gif_beside_dicom_files_is_taken_frame_by_frame_too(tmp_path):
    root = tmp_path / "films"
    root.mkdir()
    _write_gif(root / "b.gif", 3)
    (root / "a.dcm").write_bytes(dicom_bytes(np.zeros((2, 8, 9), np.uint8)))
    with Project.create(tmp_path / "cells") as project:
        seen = preview_source(project, root, progress=Progress())
        assert (seen.format, seen.would_add, seen.multi_page) == ("dicom", 3, 1)
        assert preview_source(project, root, options=ImportOptions(pages=True), progress=Progress()).would_add == 5


def test_a_gif_of_more_frames_than_can_be_taken_one_by_one_stays_one_image(tmp_path):
    root = tmp_path / "films"
    root.mkdir()
    head = b"GIF89a" + bytes([8, 0, 8, 0, 0x80, 0, 0]) + bytes(6)
    frame = b"," + bytes([0, 0, 0, 0, 8, 0, 8, 0, 0]) + b"\x02\x02\x4c\x01\x00"
    (root / "long.gif").write_bytes(head + frame * 1001 + b";")
    with Project.create(tmp_path / "cells") as project:
        seen = preview_source(project, root, options=ImportOptions(pages=True), progress=Progress())
        assert (seen.would_add, seen.multi_page) == (1, 1)


def _write_stack(folder, shape, axes):
    folder.mkdir(parents=True)
    pixels = np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)
    tifffile.imwrite(folder / "s.ome.tif", pixels, photometric="minisblack", metadata={"axes": axes})
    return pixels


def _added(tmp_path, root, **options):
    with Project.create(tmp_path / f"p{len(list(tmp_path.iterdir()))}") as project:
        import_source(project, root, options=ImportOptions(**options), progress=Progress())
        return {
            sample.path: (None if sample.problem else ImageReader(sources(project)).raw(sample.source_id, sample.path))
            for sample in samples_by_id(project, sample_ids(project, SampleQuery()))
        }


def test_pages_of_a_stack_with_channels_are_its_planes_with_all_channels(tmp_path):
    pixels = _write_stack(tmp_path / "s" / "a", (5, 2, 8, 9), "ZCYX")
    Image.fromarray(gradient(8, 9)).save(tmp_path / "s" / "a" / "plain.png")
    found = _added(tmp_path, tmp_path / "s", pages=True)
    assert sorted(found) == ["a/plain.png", *(f"a/s.ome.tif::plane=z{z}" for z in range(5))]
    for z in range(5):
        assert np.array_equal(found[f"a/s.ome.tif::plane=z{z}"], np.moveaxis(pixels[z], 0, -1))


def test_channels_without_depth_are_one_image_and_times_are_told_apart(tmp_path):
    _write_stack(tmp_path / "c", (2, 8, 9), "CYX")
    assert list(_added(tmp_path, tmp_path / "c", pages=True)) == ["s.ome.tif"]
    _write_stack(tmp_path / "t", (2, 3, 2, 8, 9), "TZCYX")
    assert len(_added(tmp_path, tmp_path / "t", pages=True)) == 6


def test_a_plane_can_be_chosen_and_one_that_is_not_there_is_told(tmp_path):
    pixels = _write_stack(tmp_path / "s", (5, 2, 8, 9), "ZCYX")
    Image.fromarray(gradient(8, 9)).save(tmp_path / "s" / "plain.png")
    assert np.array_equal(_added(tmp_path, tmp_path / "s")["s.ome.tif"], np.moveaxis(pixels.max(axis=0), 0, -1))
    chosen = _added(tmp_path, tmp_path / "s", plane=3)
    assert sorted(chosen) == ["plain.png", "s.ome.tif::plane=z3"]
    assert np.array_equal(chosen["s.ome.tif::plane=z3"], np.moveaxis(pixels[3], 0, -1))
    assert _added(tmp_path, tmp_path / "s", plane=7)["s.ome.tif::plane=z7"] is None
