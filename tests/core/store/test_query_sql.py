"""Every field of the query language finds what it says, in projects of one label an image and of many."""

from datetime import datetime

import numpy as np
import pytest

from core.domain.query_line import parse_query
from core.domain.samples import NewSample, SampleState, Split
from core.domain.task import Task
from core.store.edits import add_label_to, set_excluded, set_labels, set_pin, set_state, set_tag, undo
from core.store.labels import add_label, add_labels, labels, set_parent
from core.store.merge_labels import merge_labels
from core.store.predictions import NO_LABEL, write_predictions
from core.store.project import Project
from core.store.runs import create_run
from core.store.samples import add_samples, sample_ids, samples_by_id
from core.store.sections import Section, sections
from core.store.sources import add_source
from core.store.task import set_task
from core.store.views import View, remove_view, rename_view, save_view, views


def found(project, line):
    return sample_ids(project, parse_query(line)).tolist()


def new(path, label, group, day, width):
    modified = int(datetime.fromisoformat(f"{day}T12:00").timestamp()) * 10**9
    return NewSample(path, path, 10, modified, width=width, height=20, label=label, group=group)


@pytest.fixture
def project(tmp_path):
    """Six samples: two kinds of white cell below WBC, one red, one without label."""
    with Project.create(tmp_path / "cells") as project:
        first = add_source(project, "folder", tmp_path / "slides")
        second = add_source(project, "folder", tmp_path / "100%_more")
        rows = [
            new("a.png", "WBC", "s1", "2024-01-31", 10),
            new("b.png", "Lymphocyte", "s1", "2024-02-01", 30),
            new("c.png", "Neutrophil", "s2", "2024-02-29", 50),
            new("d.png", "RBC", None, "2024-03-01", 70),
        ]
        add_samples(project, first.id, rows)
        add_samples(
            project, second.id, [new("e.png", "RBC", "s2", "2025-01-01", 90), new("f.png", None, None, "2025-06-01", 5)]
        )
        set_parent(project, "Lymphocyte", "WBC")
        set_parent(project, "Neutrophil", "WBC")
        set_tag(project, [1, 4], "blurred", True)
        set_tag(project, [4], "two words", True)
        set_state(project, [2], SampleState.UNCERTAIN, "overlaps another")
        set_state(project, [6], SampleState.UNGRADABLE)
        set_pin(project, [3], Split.TEST)
        with project.db.write() as connection:
            connection.execute("UPDATE sample SET missing = 1 WHERE id = 4")
            connection.executemany(
                "INSERT INTO finding (id, kind, key, sample_id, score, state, found_at) VALUES (?, ?, ?, ?, ?, ?, '')",
                [
                    (1, "blurry", "1", 1, 0.4, 0),
                    (2, "outlier", "1", 1, 0.9, 0),
                    (3, "blurry", "3", 3, 0.7, 0),
                    (4, "blurry", "5", 5, 1.0, 2),
                ],
            )
            connection.execute("INSERT INTO finding_member SELECT id, sample_id, 0 FROM finding")
        run = create_run(project, "efficientnet_lite0", "{}")
        number = {label.name: label.id for label in labels(project)}
        given = ["WBC", "WBC", "Neutrophil", "WBC", "RBC"]
        write_predictions(
            project,
            run.id,
            np.arange(1, 6),
            np.array([number[name] for name in given]),
            np.array([0.99, 0.6, 0.5, 0.4, 0.8]),
        )
        yield project


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("label:WBC", [1, 2, 3]),
        ("label:Lymphocyte", [2]),
        ("-label:WBC", [4, 5, 6]),
        ("label:none", [6]),
        ("-label:none", [1, 2, 3, 4, 5]),
        ("is:unlabelled", [6]),
        ("is:labelled", [1, 2, 3, 4, 5]),
        ("group:s1", [1, 2]),
        ("group:none", [4, 6]),
        ("-group:s1", [3, 4, 5, 6]),
        ("tag:blurred", [1, 4]),
        ('tag:"two words"', [4]),
        ("tag:none", [2, 3, 5, 6]),
        ("-tag:blurred", [2, 3, 5, 6]),
        ("source:slides", [1, 2, 3, 4]),
        ("source:100%_more", [5, 6]),
        ("source:100x_more", []),
        ("finding:blurry", [1, 3]),
        ("-finding:blurry", [2, 4, 5, 6]),
        ("conf:<0.6", [3, 4]),
        ("conf:0.5..0.8", [2, 3, 5]),
        ("pred:WBC", [1, 2, 3, 4]),
        ("pred:Neutrophil", [3]),
        ("-pred:WBC", [5, 6]),
        ("is:wrong", [2, 4]),
        ("is:right", [1, 3, 5]),
        ("run:1 is:wrong", [2, 4]),
        ("run:2 is:wrong", []),
        ("state:uncertain", [2]),
        ("state:none", [1, 3, 4, 5]),
        ("-state:ungradable", [1, 2, 3, 4, 5]),
        ('reason:"overlaps another"', [2]),
        ("is:pinned", [3, 5]),
        ("is:unpinned", [1, 2, 4, 6]),
        ("is:missing", [4]),
        ("is:present", [1, 2, 3, 5, 6]),
        ("date:2024-02", [2, 3]),
        ("date:2024", [1, 2, 3, 4]),
        ("date:>=2024-03-01", [4, 5, 6]),
        ("date:<2024-02-01", [1]),
        ("date:9999", []),
        ("size:>=50", [3, 4, 5]),
        ("size:<=20", [1, 6]),
        ("-name:a* -name:b*", [3, 4, 5, 6]),
        ("sort:-size", [5, 4, 3, 2, 1, 6]),
        ("sort:-date", [6, 5, 4, 3, 2, 1]),
        ("sort:confidence", [4, 3, 2, 5, 1, 6]),
        ("sort:-suspicion", [1, 3, 2, 4, 5, 6]),
        ("by:group sort:-name", [2, 1, 5, 3, 6, 4]),
        ("id:3,1 by:label", [1, 3]),
    ],
)
def test_a_query_finds(project, line, expected):
    assert found(project, line) == expected


@pytest.mark.parametrize("by", ["label", "split", "group", "finding", "source", "state", "pred"])
@pytest.mark.parametrize("line", ["", "label:WBC conf:<0.9", "-tag:blurred is:any"])
@pytest.mark.parametrize("task", Task)
def test_headings_are_in_the_order_of_their_samples(project, by, line, task):
    set_task(project, task)
    query = parse_query(f"{line} by:{by} sort:-size")
    ids = sample_ids(project, query)
    headings = sections(project, query)
    assert sum(section.count for section in headings) == len(ids) > 0
    assert len({section.key for section in headings}) == len(headings)
    start = 0
    for section in headings:
        within = ids[start : start + section.count].tolist()
        assert within == [i for i in found(project, f"{line} sort:-size") if i in within]
        start += section.count


def test_headings_name_what_their_samples_have_in_common(project):
    assert sections(project, parse_query("by:group")) == [Section("s1", 2), Section("s2", 2), Section(None, 2)]
    assert sections(project, parse_query("by:finding")) == [
        Section("blurry", 1),
        Section("outlier", 1),
        Section(None, 4),
    ]
    assert sections(project, parse_query("")) == []


def test_groups_with_names_in_any_script_stand_in_the_order_of_their_samples(project):
    source = add_source(project, "folder", project.root)
    names = ["Zoë", "a", "ä", "슬라이드", "🔬", "ﬁ", "10", "9"]
    rows = [new(f"{number}.png", None, name, "2024-01-31", 10) for number, name in enumerate(names)]
    add_samples(project, source.id, rows)
    query = parse_query("by:group")
    of = {sample.id: sample.group for sample in samples_by_id(project, sample_ids(project, query))}
    in_order = list(dict.fromkeys(of[sample_id] for sample_id in sample_ids(project, query).tolist()))
    assert [section.key for section in sections(project, query)] == in_order


def test_an_image_of_many_labels_is_found_by_each_of_them(project):
    set_task(project, Task.MULTI)
    add_label_to(project, [1], "RBC")
    set_labels(project, [6], [])
    assert found(project, "label:RBC") == [1, 4, 5]
    assert found(project, "label:WBC") == [1, 2, 3]
    assert found(project, "-label:RBC") == [2, 3, 6]
    assert found(project, "label:none") == [6]
    assert found(project, "is:unlabelled") == []
    sample = samples_by_id(project, [1])[0]
    assert (sample.label_id, len(sample.label_ids), sample.labelled) == (None, 2, True)


def test_a_prediction_is_wrong_where_any_of_many_labels_differs(project):
    set_task(project, Task.MULTI)
    set_labels(project, [6], [])
    number = {label.name: label.id for label in labels(project)}
    run = create_run(project, "efficientnet_lite0", "{}")
    rows = [
        (1, number["WBC"]),
        (2, number["Lymphocyte"]),
        (2, number["RBC"]),
        (3, NO_LABEL),
        (6, NO_LABEL),
    ]
    samples, given = np.array(rows).T
    write_predictions(project, run.id, samples, given, np.full(len(rows), 0.9))
    assert found(project, "is:wrong") == [2, 3]
    assert found(project, "is:right") == [1, 6]
    assert found(project, "run:1 is:wrong") == [2, 4]


def test_the_excluded_are_found_only_when_asked_for(project):
    set_excluded(project, [1], True)
    assert found(project, "label:WBC") == [2, 3]
    assert found(project, "label:WBC is:any") == [1, 2, 3]


def test_views_are_kept_in_order_and_renamed(project):
    save_view(project, "Doubtful", "conf:<0.6")
    save_view(project, "새 보기", "label:WBC by:group")
    save_view(project, "Doubtful", "conf:<0.7")
    rename_view(project, "Doubtful", "To check")
    assert views(project) == [View("To check", "conf:<0.7"), View("새 보기", "label:WBC by:group")]
    remove_view(project, "To check")
    assert [view.name for view in views(project)] == ["새 보기"]


def test_labels_of_one_name_differ_by_their_case(project):
    add_labels(project, ["wbc"])
    assert found(project, "label:wbc") == []


@pytest.mark.parametrize("task", Task)
def test_what_was_predicted_before_a_merge_is_found_by_what_it_became(project, task):
    set_task(project, task)
    add_label(project, "Cell")
    merge_labels(project, ["WBC"], "RBC")
    merge_labels(project, ["RBC"], "Cell")
    assert found(project, "pred:Cell -pred:Neutrophil") == [1, 2, 4, 5]
    assert found(project, "is:wrong") == [2]
    assert found(project, "by:pred -pred:Neutrophil label:Cell") == [1, 2, 4, 5]
    assert len(sections(project, parse_query("by:pred -pred:Neutrophil pred:Cell"))) == 1
    undo(project)
    undo(project)
    assert found(project, "is:wrong") == [2, 4]
