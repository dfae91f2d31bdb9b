"""Counting in one pass finds what the plain questions find, for every combination of what a sample can be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.domain.query import SampleQuery
from core.domain.samples import STATE_CODES, NewSample, SampleState, Split
from core.domain.task import Task
from core.store import edits
from core.store.project import Project
from core.store.samples import add_samples, counts, sample_ids
from core.store.sources import add_source
from core.store.tally import USABLE
from core.store.task import set_task


@pytest.fixture
def mixed(tmp_path: Path) -> Iterator[Project]:
    """Return a project of 400 samples that are everything at once, by chance."""
    project = Project.create(tmp_path / "mixed")
    source = add_source(project, "folder", tmp_path)
    names = ("A", "B", "C", None)
    random = np.random.default_rng(11)
    samples = [
        NewSample(f"{i}.png", f"{i:032x}", 1, 1, label=names[int(random.integers(4))], group=f"g{random.integers(30)}")
        for i in range(400)
    ]
    add_samples(project, source.id, samples)
    with project.db.write() as connection:
        for i in range(1, 401):
            values = (
                random.integers(4), random.integers(3), random.random() < 0.2, random.random() < 0.2,
                "broken" if random.random() < 0.2 else None, i,
            )  # fmt: skip
            connection.execute(
                "UPDATE sample SET split = ?, state = ?, excluded = ?, missing = ?, problem = ? WHERE id = ?",
                tuple(int(v) if not isinstance(v, (str, type(None))) else v for v in values),
            )
    yield project
    project.close()


@pytest.mark.parametrize("task", list(Task))
def test_every_count_is_that_of_the_plain_question(mixed: Project, task: Task) -> None:
    if task is Task.MULTI:
        set_task(mixed, task)
        edits.add_label_to(mixed, list(range(1, 100)), "D")
    found = counts(mixed)

    def ask(sql: str) -> object:
        return mixed.db.read().execute(sql).fetchone()[0]

    assert found.samples == 400
    for name in ("excluded", "missing"):
        assert getattr(found, name) == ask(f"SELECT sum({name}) FROM sample")
    assert found.unreadable == ask("SELECT count(*) FROM sample WHERE problem IS NOT NULL")
    assert found.groups == ask(f"SELECT count(DISTINCT group_id) FROM sample WHERE {USABLE}")
    for split, code in zip((Split.NONE, Split.TRAIN, Split.VAL, Split.TEST), range(4), strict=True):
        assert found.splits[split] == ask(f"SELECT count(*) FROM sample WHERE split = {code} AND {USABLE}")
    for state in SampleState:
        assert found.states[state] == ask(f"SELECT count(*) FROM sample WHERE state = {STATE_CODES[state]}")
    known = "label_id IS NOT NULL" if task is Task.SINGLE else "labelled = 1"
    assert found.unlabelled == ask(f"SELECT count(*) FROM sample WHERE NOT ({known}) AND {USABLE}")
    assert found.groups_shown == ask("SELECT count(DISTINCT group_id) FROM sample WHERE excluded = 0")
    assert found.unlabelled_shown == ask(f"SELECT count(*) FROM sample WHERE NOT ({known}) AND excluded = 0")
    for split, code in zip((Split.NONE, Split.TRAIN, Split.VAL, Split.TEST), range(4), strict=True):
        assert found.splits_shown[split] == ask(f"SELECT count(*) FROM sample WHERE split = {code} AND excluded = 0")
    assert found.usable == ask(f"SELECT count(*) FROM sample WHERE {USABLE}")
    for name, count in found.labels_shown.items():
        assert count == len(sample_ids(mixed, SampleQuery(labels=(name,))))
    for name, count in found.labels.items():
        having = "label_id = label.id" if task is Task.SINGLE else "sample_label.label_id = label.id"
        tables = "sample" if task is Task.SINGLE else "sample JOIN sample_label ON sample_id = sample.id"
        assert count == ask(f"SELECT count(*) FROM {tables} JOIN label ON {having} WHERE name = '{name}' AND {USABLE}")


def test_counts_are_kept_until_something_is_written(mixed: Project) -> None:
    before = counts(mixed)
    assert counts(mixed) is before
    edits.set_excluded(mixed, list(range(1, 401)), True)
    assert counts(mixed).excluded == 400


def test_who_only_reads_sees_what_another_process_wrote(mixed: Project) -> None:
    with Project.open(mixed.root, read_only=True) as reader:
        before = counts(reader).excluded
        edits.set_excluded(mixed, list(range(1, 401)), True)
        assert before < counts(reader).excluded == 400
