"""Every format that a data set can be written in: importing what was exported gives the same project back."""

from __future__ import annotations

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
from core.export.dataset.exporter import export_dataset
from core.export.dataset.spec import Files
from core.export.dataset.table import DATASET_FORMATS
from core.images.hashing import file_digest
from core.ingest.formats.spec import ImportOptions
from core.ingest.importer import import_source
from core.progress import Progress
from core.store.labels import add_labels, labels, set_label_colour, set_label_key, set_parent
from core.store.project import Project
from core.store.samples import add_samples, sample_ids, samples_by_id
from core.store.sources import add_source
from core.store.task import project_task, set_task

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
