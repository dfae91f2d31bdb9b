import numpy as np
import pytest
import tifffile
from PIL import Image

from core.ingest.formats.spec import ImportOptions
from core.ingest.importer import import_source, preview_source
from core.ingest.rules import AUTO_LABELS, parse_group_rule
from core.progress import Progress
from core.store.project import Project
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
