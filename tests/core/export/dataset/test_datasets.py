"""Every format that a data set can be written in: importing what was exported gives the same project back."""

from __future__ import annotations

import json
import os
import tempfile
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.domain.query import SampleQuery
from core.domain.samples import NewSample, SampleState, Split
from core.domain.task import Task
from core.errors import Cancelled, UserError
from core.export.dataset.exporter import export_dataset
from core.export.dataset.images import encode_pixels
from core.export.dataset.spec import Fact, Files
from core.export.dataset.table import DATASET_FORMATS
from core.images.decode import decode_bytes
from core.images.hashing import file_digest
from core.images.reader import ImageReader
from core.ingest.formats.spec import ImportOptions
from core.ingest.importer import import_source
from core.progress import CancelToken, Progress
from core.store.labels import add_labels, labels, set_label_colour, set_label_key, set_parent
from core.store.project import Project
from core.store.samples import add_samples, sample_ids, samples_by_id
from core.store.sources import add_source, sources
from core.store.task import project_task, set_task
from tests.support.datasets import DATASETS

EVERYTHING = SampleQuery(excluded=None)
IDS = [format.id for format in DATASET_FORMATS]


@dataclass(frozen=True)
class Picture:
    """What a project holds of an image."""

    name: str
    labels: tuple[str, ...] | None
    group: str | None
    split: Split
    tags: tuple[str, ...]
    state: SampleState
    reason: str | None
    excluded: bool
    pinned: bool


def write_pictures(folder: Path, names: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 5), number, np.uint8)).save(file)


def make_project(root: Path, names: list[str], pictures: list[Picture], task: Task) -> Project:
    """Make a project of small images; `names` are the labels in their order."""
    write_pictures(root / "source", [one.name for one in pictures])
    project = Project.create(root / "made")
    add_labels(project, names)
    set_task(project, task)
    source = add_source(project, "folder", root / "source")
    rows = []
    for one in pictures:
        file = root / "source" / one.name
        rows.append(
            NewSample(
                path=one.name,
                digest=file_digest(file),
                size_bytes=file.stat().st_size,
                mtime_ns=file.stat().st_mtime_ns,
                width=5,
                height=4,
                channels=1,
                group=one.group,
                split=one.split,
                labels=one.labels,
                tags=one.tags,
                state=one.state,
                reason=one.reason,
                excluded=one.excluded,
                pinned=one.pinned,
            )
        )
    add_samples(project, source.id, rows)
    return project


def what_it_holds(project: Project) -> tuple[object, ...]:
    """Return all that an export must keep: of the whole, and of each image by its content."""
    names = {label.id: label.name for label in labels(project)}
    looks = [(x.name, x.colour, x.key, names.get(x.parent_id)) for x in labels(project)]
    images = Counter(
        (
            s.digest,
            tuple(names[i] for i in s.label_ids),
            s.labelled,
            s.group,
            s.split,
            s.tags,
            s.state,
            s.reason,
            s.excluded,
            s.pinned,
        )
        for s in samples_by_id(project, sample_ids(project, EVERYTHING))
    )
    return project_task(project), looks, images


def usable(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


LETTERS = st.characters(exclude_categories=("C", "Zl", "Zp")) | st.sampled_from("/\\:;|=+-@'\"*?<>. a")
TEXTS = st.text(LETTERS, min_size=1, max_size=12).map(usable).filter(bool)
NAMES = TEXTS.filter(lambda text: text.casefold() not in ("abstain", "(none)"))
STEMS = ["a", "A", "é", "e\u0301", "con", "x y", "..b", "a.b", "a.png", "=1+1", "-x", "n\nl", "ㄱ" * 60]
FILES = st.tuples(st.sampled_from(["", "d/", "D/e/"]), st.sampled_from(STEMS))


@st.composite
def contents(draw, task: Task) -> tuple[list[str], list[Picture]]:
    """Draw the labels and the images of a project."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    given = st.sampled_from(names).map(lambda name: (name,))
    if task is Task.MULTI:
        given = st.sets(st.sampled_from(names)).map(lambda some: tuple(sorted(some, key=names.index)))
    pictures = []
    for number, (folder, stem) in enumerate(draw(st.lists(FILES, min_size=1, max_size=6, unique=True))):
        state = draw(st.sampled_from(SampleState))
        picture = Picture(
            name=f"{folder}{stem}{number if folder else ''}.png",
            labels=draw(st.none() | given),
            group=draw(st.none() | TEXTS),
            split=draw(st.sampled_from(Split)),
            tags=tuple(sorted(draw(st.sets(TEXTS, max_size=2)))),
            state=state,
            reason=draw(st.none() | TEXTS) if state is not SampleState.NONE else None,
            excluded=draw(st.booleans()),
            pinned=draw(st.booleans()),
        )
        pictures.append(picture)
    return names, pictures


PAIRS = [(one.id, files) for one in DATASET_FORMATS for files in Files if files is Files.COPY or not one.packed]


@pytest.mark.parametrize(("format", "files"), PAIRS)
@pytest.mark.parametrize("task", list(Task))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_importing_what_was_exported_gives_the_same_project_back(tmp_path_factory, task, format, files, data):
    root = tmp_path_factory.mktemp("x")
    names, pictures = data.draw(contents(task))
    with make_project(root, names, pictures, task) as project, Project.create(root / "back") as back:
        set_label_colour(project, names[0], "#123456")
        set_label_key(project, names[-1], "q")
        if len(names) > 1:
            set_parent(project, names[1], names[0])
        report = export_dataset(project, root / "out", format=format, files=files, query=EVERYTHING)
        assert (report.images, report.left_out) == (len(pictures), [])
        follow = ImportOptions(follow_links=True) if files is Files.SYMLINK else ImportOptions()
        found = import_source(back, root / "out", options=follow, progress=Progress())
        assert (found.unreadable, found.skipped) == ([], [])
        assert what_it_holds(back) == what_it_holds(project)


def own(name: str, **said) -> Picture:
    rest = {"labels": None, "group": None, "split": Split.NONE, "tags": (), "state": SampleState.NONE, "reason": None}
    return Picture(name=name, **(rest | {"excluded": False, "pinned": False} | said))


def plain_pictures(task: Task) -> list[Picture]:
    """Return images of which every common thing is said, in names that need no care."""
    many = task is Task.MULTI
    return [
        own("a.png", labels=("WBC", "RBC") if many else ("WBC",), group="p1", split=Split.TRAIN, tags=("odd", "old")),
        own("b.png", labels=("RBC",), group="p1", split=Split.TRAIN),
        own("c.png", labels=("WBC",), group="p2", split=Split.VAL, tags=("odd",)),
        own("d.png", labels=() if many else ("RBC",), group="p3", split=Split.TEST),
        own("e.png", labels=None, group="p4"),
        own("f.png", labels=("RBC",)),
    ]


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("format", DATASET_FORMATS, ids=lambda format: format.id)
def test_what_a_format_is_said_to_hold_is_in_its_own_files(tmp_path, format, task):
    if format.id == "csv":
        pytest.skip("its own table is the one that is beside the others")
    pictures = plain_pictures(task)
    with (
        make_project(tmp_path, ["WBC", "RBC", "rest"], pictures, task) as project,
        Project.create(tmp_path / "back") as back,
    ):
        export_dataset(project, tmp_path / "out", format=format.id)
        (tmp_path / "out" / "coverslip.csv").unlink()
        (tmp_path / "out" / "coverslip.json").unlink()
        import_source(back, tmp_path / "out", progress=Progress())
        held = format.holds[task]
        assert seen(back, held, task) == seen(project, held, task)
        if Fact.ORDER in held:
            assert [label.name for label in labels(back)] == ["WBC", "RBC", "rest"]


def seen(project: Project, held: frozenset[Fact], task: Task) -> Counter:
    """Return of each image what a format holds."""
    names = {label.id: label.name for label in labels(project)}
    rows = []
    for s in samples_by_id(project, sample_ids(project, EVERYTHING)):
        has = frozenset(names[i] for i in s.label_ids)
        if task is Task.MULTI and Fact.MANY not in held:
            has = frozenset()
        rows.append(
            (
                s.digest,
                has,
                s.labelled if Fact.NO_LABEL in held else None,
                s.group if Fact.GROUP in held else None,
                s.split if Fact.SPLIT in held else None,
                s.tags if Fact.TAGS in held else None,
            )
        )
    return Counter(rows)


@pytest.mark.parametrize("format", IDS)
def test_the_same_images_give_the_same_files(tmp_path, format):
    with make_project(tmp_path, ["WBC", "RBC", "rest"], plain_pictures(Task.SINGLE), Task.SINGLE) as project:
        found = []
        for name in ("one", "two"):
            export_dataset(project, tmp_path / name, format=format)
            root = tmp_path / name
            found.append({p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()})
    assert found[0] == found[1]


def test_what_only_the_table_says_is_reported(tmp_path):
    pictures = [own("a.png", labels=("x",), state=SampleState.UNCERTAIN, reason="blurred", tags=("t",))]
    with make_project(tmp_path, ["x", "unused"], pictures, Task.SINGLE) as project:
        said = {row.what for row in export_dataset(project, tmp_path / "out", format="folders").not_held}
    assert said == {Fact.TAGS, Fact.STATE, Fact.REASON, Fact.ORDER, Fact.UNUSED}


def test_only_the_images_of_the_query_are_exported(tmp_path):
    with make_project(tmp_path, ["WBC", "RBC", "rest"], plain_pictures(Task.SINGLE), Task.SINGLE) as project:
        report = export_dataset(project, tmp_path / "out", format="csv", query=SampleQuery(labels=("WBC",)))
    assert (report.images, report.labels) == (2, {"WBC": 2})


class TestWhatGoesWrong:
    @pytest.fixture
    def project(self, tmp_path):
        with make_project(tmp_path, ["WBC", "RBC", "rest"], plain_pictures(Task.SINGLE), Task.SINGLE) as project:
            yield project

    def refused(self, project, directory, code, format="csv", files=Files.COPY, **more):
        before = sorted(directory.parent.iterdir())
        with pytest.raises(UserError) as error:
            export_dataset(project, directory, format=format, files=files, **more)
        assert error.value.code == code
        assert sorted(directory.parent.iterdir()) == before

    def test_a_folder_that_is_not_empty_is_refused(self, project, tmp_path):
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "mine.txt").write_text("mine")
        self.refused(project, tmp_path / "full", "export_target_exists")
        (tmp_path / "empty").mkdir()
        assert export_dataset(project, tmp_path / "empty", format="csv").images == 6

    def test_the_project_and_the_sources_are_refused(self, project, tmp_path):
        self.refused(project, project.root / "out", "dataset_in_project")
        self.refused(project, tmp_path / "source" / "out", "dataset_in_source")
        (tmp_path / "link").symlink_to(tmp_path / "source")
        self.refused(project, tmp_path / "link" / "out", "dataset_in_source")

    def test_an_unknown_format_links_into_a_tar_and_an_empty_query_are_refused(self, project, tmp_path):
        self.refused(project, tmp_path / "out", "dataset_format_unknown", format="zarr")
        self.refused(project, tmp_path / "out", "dataset_packed", format="webdataset", files=Files.HARDLINK)
        self.refused(project, tmp_path / "out", "dataset_no_images", query=SampleQuery(labels=("rest",)))

    def test_an_image_that_is_gone_is_left_out_with_its_reason(self, project, tmp_path):
        (tmp_path / "source" / "b.png").unlink()
        for format in ("coco", "webdataset"):
            report = export_dataset(project, tmp_path / format, format=format)
            assert report.images == 5
            assert [path for path, _ in report.left_out] == ["b.png"]

    @pytest.mark.parametrize("format", IDS)
    def test_a_cancelled_export_leaves_nothing(self, project, tmp_path, format):
        token = CancelToken()
        progress = Progress(lambda report: token.cancel() if report.done else None, token, interval_s=0)
        before = sorted(tmp_path.iterdir())
        with pytest.raises(Cancelled):
            export_dataset(project, tmp_path / "out", format=format, progress=progress)
        assert sorted(tmp_path.iterdir()) == before

    @pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no second file system")
    def test_a_hard_link_to_another_file_system_is_refused_clearly(self, project):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
            if os.stat(other).st_dev == os.stat(project.root).st_dev:
                pytest.skip("the same file system")
            self.refused(project, Path(other) / "out", "dataset_cannot_link", files=Files.HARDLINK)


class TestPartsOfFiles:
    @pytest.mark.parametrize(
        ("shape", "dtype"),
        [
            ((6, 7), "uint8"),
            ((6, 7), "uint16"),
            ((6, 7), "float32"),
            ((6, 7, 2), "uint8"),
            ((6, 7, 3), "uint16"),
            ((6, 7, 3), "float32"),
            ((6, 7, 4), "uint8"),
            ((6, 7, 5), "uint16"),
        ],
    )
    def test_pixels_come_back_exactly(self, shape, dtype):
        raw = (np.random.default_rng(0).random(shape) * 250).astype(dtype)
        back = decode_bytes(encode_pixels(raw), Path("a"))
        assert back.dtype == raw.dtype
        np.testing.assert_array_equal(back, raw)

    def imported(self, tmp_path, source, **options) -> Project:
        project = Project.create(tmp_path / "made")
        import_source(project, source, options=ImportOptions(**options), progress=Progress())
        return project

    def pixels(self, project) -> Counter:
        reader, names = ImageReader(sources(project)), {label.id: label.name for label in labels(project)}
        return Counter(
            (reader.raw(s.source_id, s.path).tobytes(), tuple(names[i] for i in s.label_ids), s.group, s.split, s.tags)
            for s in samples_by_id(project, sample_ids(project, EVERYTHING))
        )

    @pytest.mark.parametrize("format", IDS)
    @pytest.mark.parametrize("kind", ["coco", "cifar", "webdataset", "npz", "imagefolder, parquet"])
    def test_they_come_back_as_images_of_their_own(self, tmp_path, format, kind):
        (tmp_path / "data").mkdir()
        DATASETS[kind][1](tmp_path / "data")
        with self.imported(tmp_path, tmp_path / "data") as project, Project.create(tmp_path / "back") as back:
            report = export_dataset(project, tmp_path / "out", format=format)
            assert report.left_out == []
            import_source(back, tmp_path / "out", progress=Progress())
            assert self.pixels(back) == self.pixels(project)
            assert project_task(back) is project_task(project)

    def test_coco_boxes_stay_boxes_of_images_that_are_written_once(self, tmp_path):
        (tmp_path / "data").mkdir()
        DATASETS["coco"][1](tmp_path / "data")
        with self.imported(tmp_path, tmp_path / "data") as project:
            assert export_dataset(project, tmp_path / "out", format="coco").made == 0
        assert sorted(p.name for p in (tmp_path / "out" / "data").iterdir()) == ["a.jpg", "b.jpg"]
        assert (tmp_path / "out" / "data" / "a.jpg").read_bytes() == (tmp_path / "data/images/a.jpg").read_bytes()
        document = json.loads((tmp_path / "out" / "labels.json").read_text("utf-8"))
        assert len(document["annotations"]) == 3
