"""How a project's images are looked at is kept with it, and is measured once after an import."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from core.images.display import Display, default_display
from core.images.intensity import Window
from core.images.reader import ImageReader
from core.images.thumbnails import thumbnail
from core.ingest.importer import import_source
from core.ingest.intensities import ensure_display
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from core.store.display import display, set_display
from core.store.pixel_kinds import PixelKind, pixel_kinds
from core.store.project import Project, write_meta
from core.store.samples import samples_by_id
from core.store.sources import sources


@pytest.fixture
def project(tmp_path: Path):
    """Return an empty project, open."""
    with Project.create(tmp_path / "p") as made:
        yield made


def add(project: Project, folder: Path, pixels: np.ndarray, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(folder / name, pixels)
    import_source(project, folder, labels=parse_label_rule("none"), progress=Progress())


def test_a_look_comes_back_as_it_was_kept(project):
    assert display(project) is None
    look = Display(default_display([Window(1, 9), Window(-1, 2)], ["DAPI", "GFP"]).channels, chosen=True)
    assert set_display(project, look).display
    assert display(project) == look
    set_display(project, None)
    assert display(project) is None


@pytest.mark.parametrize("kept", [{}, {"channels": [{"window": [2, 1]}]}, {"channels": 3}, 7])
def test_a_look_that_cannot_be_read_is_none(project, kept):
    write_meta(project, "display", kept)
    assert display(project) is None


def test_plain_images_need_no_look(project, tmp_path):
    add(project, tmp_path / "in", np.zeros((8, 8), np.uint8), "a.tif")
    assert display(project) is None
    assert pixel_kinds(project) == [PixelKind(1, 8, 1)]


def test_an_import_of_deep_images_measures_one_window_for_all_and_keeps_it(project, tmp_path):
    rng = np.random.default_rng(0)
    for name, top in (("dim.tif", 1000), ("bright.tif", 4000)):
        add(project, tmp_path / "in", rng.integers(0, top, (40, 40)).astype(np.uint16), name)
    first = display(project)
    assert first.windows[0].high <= 1000  # of the first image alone: it was all there was
    set_display(project, None)
    assert ensure_display(project).display
    both = display(project)
    assert both.windows[0].high > 3900
    assert not ensure_display(project).display  # it is settled
    assert display(project) == both


def test_thumbnails_of_deep_images_are_seen_through_the_window_of_the_data_set(project, tmp_path):
    for name, level in (("dim.tif", 500), ("bright.tif", 4000)):
        add(project, tmp_path / "in", np.full((16, 16), level, np.uint16), name)
    look = default_display([Window(0, 5000)])
    reader = ImageReader(sources(project))
    shown = {
        sample.name: int(thumbnail(reader, sample.source_id, sample.path, 16, display=look).mean())
        for sample in samples_by_id(project, [1, 2])
    }
    assert shown == {"dim.tif": 26, "bright.tif": 204}


def test_a_thumbnail_that_was_kept_is_not_shown_under_another_look(project, tmp_path):
    add(project, tmp_path / "in", np.full((600, 600), 1000, np.uint16), "a.tif")
    [sample] = samples_by_id(project, [1])
    reader = ImageReader(sources(project))

    def shown(high: int) -> int:
        look = default_display([Window(0, high)])
        cached = {"digest": sample.digest, "cache_dir": tmp_path / "thumbnails"}
        return int(thumbnail(reader, sample.source_id, sample.path, 32, display=look, **cached).mean())

    assert [shown(2000), shown(1000), shown(2000)] == [128, 255, 128]
