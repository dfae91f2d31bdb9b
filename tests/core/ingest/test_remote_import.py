from __future__ import annotations

import numpy as np
import pytest

from core.domain.query import SampleQuery
from core.errors import UserError
from core.images.reader import ImageReader
from core.ingest.formats.spec import ImportOptions
from core.ingest.importer import import_source
from core.ingest.presence import check_presence
from core.progress import Progress
from core.settings import Settings, save_settings
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.store.sources import sources
from tests.core.ingest.test_relink import picture
from tests.support.web import serving

ALLOWED = ImportOptions(network=True)


@pytest.fixture
def web(tmp_path):
    for seed in range(14):
        file = tmp_path / "served" / ("WBC" if seed % 2 else "RBC") / f"{seed}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture(seed))
    with serving(tmp_path / "served") as server:
        yield server


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p") as project:
        yield project


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr("core.images.remote_tree.BACKOFF_S", 0.01)


def contents(project):
    samples = samples_by_id(project, sample_ids(project, SampleQuery()))
    return [(s.path, s.digest, s.label_id, s.width, s.problem) for s in samples]


def test_nothing_is_asked_of_a_server_without_consent(project, web):
    with pytest.raises(UserError) as caught:
        import_source(project, web.url, progress=Progress())
    assert caught.value.code == "remote_not_allowed"
    assert web.asked == []
    save_settings(Settings(downloads_allowed=True))
    assert import_source(project, web.url, progress=Progress()).added == 14


def test_images_of_a_server_are_labelled_kept_and_open_offline(project, web):
    report = import_source(project, web.url, options=ALLOWED, progress=Progress())
    assert (report.added, report.labels, report.unreadable) == (14, {"RBC": 7, "WBC": 7}, [])
    assert [(source.kind, source.root) for source in sources(project).values()] == [("remote", web.url)]
    web.status = 503
    reader = ImageReader(sources(project))
    assert all(reader.raw(1, path).shape == (12, 14, 3) for path, *_ in contents(project))
    assert check_presence(project, Progress()).missing == 0


def test_what_is_no_longer_here_nor_to_be_fetched_is_missing_and_comes_back(project, web):
    import_source(project, web.url, options=ALLOWED, progress=Progress())
    for file in (project.cache_dir / "remote").rglob("*.png"):
        file.unlink()
    assert check_presence(project, Progress()).missing == 14
    assert len(contents(project)) == 14
    save_settings(Settings(downloads_allowed=True))
    found = check_presence(project, Progress())
    assert (found.missing, found.returned) == (0, 14)
    assert ImageReader(sources(project)).raw(1, "WBC/1.png").shape == (12, 14, 3)


@pytest.mark.parametrize("after", [0, 7])
def test_a_server_that_dies_midway_loses_nothing(project, web, tmp_path, after):
    web.dies_after = after
    with pytest.raises(UserError) as caught:
        import_source(project, web.url, options=ALLOWED, progress=Progress(), workers=2)
    assert caught.value.code == "remote_unreachable"
    assert all(problem is None for *_, problem in contents(project))
    web.dies_after = None
    web.asked.clear()
    import_source(project, web.url, options=ALLOWED, progress=Progress())
    fetched = [one for one in web.asked if one.startswith("GET") and one.strip().endswith(".png")]
    assert len(fetched) <= 14 - after + 2, "what came before is not fetched again"
    with Project.create(tmp_path / "once") as once:
        import_source(once, web.url, options=ALLOWED, progress=Progress())
        assert contents(project) == contents(once)


@pytest.mark.parametrize("name", ["WBC/1.png", "one b.npz"])
def test_an_address_of_one_file_imports_that_file_alone(project, web, tmp_path, name):
    stack = np.zeros((3, 8, 8), np.uint8)
    np.savez(tmp_path / "served" / "one b.npz", train_images=stack, train_labels=np.array([0, 1, 1]))
    report = import_source(project, f"{web.url}/{name.replace(' ', '%20')}", options=ALLOWED, progress=Progress())
    assert (report.added, report.unreadable) == (1 if name.endswith("png") else 3, [])
    assert not any(one.startswith("GET / ") or one == "GET /" for one in web.asked), "the folder is not listed"
    web.status = 503
    reader = ImageReader(sources(project))
    assert all(reader.raw(1, path).shape[:2] in ((12, 14), (8, 8)) for path, *_ in contents(project))


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("WEB/gone.png", "remote_missing"),
        ("WEB/tree.zip", "remote_zip"),
        ("http://[::1", "remote_address"),
        ("http://[::1/x.png", "remote_address"),
        ("", "source_unnamed"),
    ],
)
def test_what_names_nothing_that_can_be_had_is_refused_in_one_line(project, web, place, code):
    with pytest.raises(UserError) as caught:
        import_source(project, place.replace("WEB", web.url), options=ALLOWED, progress=Progress())
    assert caught.value.code == code
