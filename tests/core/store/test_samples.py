import unicodedata

import numpy as np
import pytest

from core.domain.query import SampleQuery, SortKey
from core.domain.query_line import parse_query
from core.domain.samples import Split
from core.domain.split import parse_ratios
from core.errors import UserError
from core.store.edits import set_excluded, undo
from core.store.labels import add_label, labels, rename_label, set_label_colour, set_label_key
from core.store.samples import (
    add_samples,
    counts,
    digests,
    fill_groups,
    finish_import,
    group_names,
    known_files,
    paths_of,
    sample_ids,
    sample_table,
    samples_by_id,
)
from core.store.sources import add_source, sources
from core.store.splits import assign_project_splits, groups_straddling
from tests.support.projects import new_sample, project_with_rows

ROWS = [
    ("RBC/s1_a.png", "RBC", "s1"),
    ("RBC/s1_b.png", "RBC", "s1"),
    ("WBC/s2_a.png", "WBC", "s2"),
    ("WBC/s2_100%.png", None, "s2"),
    (unicodedata.normalize("NFD", "백혈구/하나.png"), None, None),
]


@pytest.fixture
def project(tmp_path):
    with project_with_rows(tmp_path, ROWS) as project:
        yield project


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("label:RBC", [1, 2]),
        ("label:RBC label:none", [1, 2, 4, 5]),
        ("group:s2", [3, 4]),
        ("name:*_a.png", [1, 3]),
        ("name:s?_b.png", [2]),
        ("100%", [4]),
        ("하나", [5]),
        ("is:unreadable", []),
        ("id:3,1,3", [3, 1]),
        ("label:Nobody", []),
        ("sort:-name", [5, 3, 4, 2, 1]),
        ("sort:label", [1, 2, 3, 4, 5]),
        ("sort:-label", [3, 1, 2, 4, 5]),
    ],
)
def test_a_query_finds(project, line, expected):
    assert sample_ids(project, parse_query(line)).tolist() == expected


def test_every_order_finds_every_sample(project):
    for key in SortKey:
        for descending in (False, True):
            found = sample_ids(project, SampleQuery(sort=key, descending=descending))
            assert sorted(found.tolist()) == [1, 2, 3, 4, 5]


def test_samples_come_in_the_order_asked_for(project):
    assert [s.id for s in samples_by_id(project, [4, 1, 3])] == [4, 1, 3]
    assert samples_by_id(project, [3])[0].group == "s2"
    with pytest.raises(UserError):
        samples_by_id(project, [77])


def test_known_paths_are_not_added_twice(project):
    source = next(iter(sources(project).values()))
    assert add_samples(project, source.id, [new_sample("RBC/s1_a.png", "WBC"), new_sample("new.png")]) == 1
    assert set(paths_of(project, source.id)) == {row[0] for row in ROWS} | {"new.png"}
    assert set(known_files(project, source.id, ["new.png", "RBC/s1_a.png", "no.png"])) == {"new.png", "RBC/s1_a.png"}
    assert samples_by_id(project, [1])[0].label_id == labels(project)[0].id


def test_the_same_root_is_the_same_source(project, tmp_path):
    assert add_source(project, "folder", tmp_path / "." / "x" / "..").id == 1


def test_the_columns_agree_with_the_samples(project):
    table = sample_table(project, SampleQuery())
    assert table.ids.tolist() == [1, 2, 3, 4, 5]
    assert table.label_ids.tolist() == [1, 1, 2, -1, -1]
    assert table.groups_or_self().tolist() == [1, 1, 2, 2, -6]
    part = table.take(np.array([2, 0]))
    assert (part.ids.tolist(), part.paths) == ([3, 1], [ROWS[2][0], ROWS[0][0]])
    assert digests(project, part.ids) == part.paths


def test_an_empty_project_has_empty_columns(tmp_path):
    with project_with_rows(tmp_path, []) as project:
        assert len(sample_table(project, SampleQuery())) == 0
        assert counts(project).samples == 0
        assert groups_straddling(project) == 0


def test_splitting_keeps_groups_whole_and_is_stable(tmp_path):
    rows = [(f"{i}.png", "AB"[i % 2], f"g{i % 12}") for i in range(120)]
    with project_with_rows(tmp_path, rows) as project:
        assign_project_splits(project)
        assert groups_straddling(project) == 0
        assert counts(project).splits[Split.NONE] == 0
        before = sample_table(project, SampleQuery()).splits
        more = [new_sample(f"more{i}.png", "A", f"g{i % 20}") for i in range(40)]
        add_samples(project, 1, more)
        assert assign_project_splits(project).edit.count == 40
        after = sample_table(project, SampleQuery()).splits
        np.testing.assert_array_equal(after[:120], before)
        assert groups_straddling(project) == 0
        assert assign_project_splits(project).edit is None


def test_another_seed_deals_everything_out_anew(tmp_path):
    rows = [(f"{i}.png", "A", None) for i in range(60)]
    with project_with_rows(tmp_path, rows) as project:
        assign_project_splits(project)
        assert assign_project_splits(project, seed=1).edit.count > 10
        assert counts(project).splits[Split.TRAIN] == 42


def test_an_import_is_in_the_ledger(project):
    source = sources(project)[1]
    changes = finish_import(project, source, 5)
    assert changes.edit.params == {"source": source.root}


def test_labels_are_renamed_recoloured_and_given_keys(project):
    rename_label(project, "RBC", "Red cell")
    set_label_colour(project, "Red cell", "#123456")
    set_label_key(project, "WBC", "1")
    red, white = labels(project)
    assert (red.name, red.colour, red.key, white.key) == ("Red cell", "#123456", "", "1")
    assert counts(project).labels == {"Red cell": 2, "WBC": 1}


def test_label_names_are_unique(project):
    for action in (lambda: rename_label(project, "RBC", "WBC"), lambda: add_label(project, " WBC ")):
        with pytest.raises(UserError) as caught:
            action()
        assert caught.value.code == "label_exists"
    with pytest.raises(UserError) as caught:
        rename_label(project, "Lost", "Found")
    assert caught.value.code == "label_missing"


def test_a_split_that_was_undone_is_forgotten(tmp_path):
    rows = [(f"{i}.png", "A", None) for i in range(60)]
    with project_with_rows(tmp_path, rows) as project:
        assign_project_splits(project)
        assign_project_splits(project, ratios=parse_ratios("40/30/30"))
        assert counts(project).splits[Split.TRAIN] == 24
        undo(project)
        assert counts(project).splits[Split.TRAIN] == 42
        assign_project_splits(project, ratios=parse_ratios("40/30/30"))
        assert counts(project).splits[Split.TRAIN] == 24


def test_an_excluded_sample_keeps_to_its_group(tmp_path):
    rows = [(f"{i}.png", "A", f"g{i % 10}") for i in range(60)]
    with project_with_rows(tmp_path, rows) as project:
        assign_project_splits(project)
        set_excluded(project, [1, 2, 3], True)
        assign_project_splits(project, seed=5)
        set_excluded(project, [1, 2, 3], False)
        assert groups_straddling(project) == 0


def test_only_samples_without_a_group_are_put_into_one(project):
    alone = samples_by_id(project, [5])[0].path
    assert fill_groups(project, 1, {"RBC/s1_a.png": "other", alone: "s9", "gone.png": "none"}).edit.count == 1
    assert [sample.group for sample in samples_by_id(project, [1, 5])] == ["s1", "s9"]
    assert sorted(group_names(project).values()) == ["s1", "s2", "s9"]
