import numpy as np
import pytest

from core.domain.query_completion import complete
from core.domain.query_line import parse_query
from core.domain.samples import NewSample, SampleState, Split
from core.store import edits
from core.store.labels import set_parent
from core.store.predictions import write_predictions
from core.store.project import Project
from core.store.samples import add_samples, sample_ids
from core.store.sources import add_source
from core.store.vocabulary import read_vocabulary

MAY = 1_715_000_000_000_000_000


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "p") as made:
        source = add_source(made, "folder", tmp_path)
        labels = ["Cell", "WBC", "WBC", "RBC", None, None]
        samples = [
            NewSample(f"{i}.png", f"{i}", 1, MAY, label=label, group=f"slide {i % 2}" if i else None, split=Split.VAL)
            for i, label in enumerate(labels)
        ]
        add_samples(made, source.id, samples)
        set_parent(made, "WBC", "Cell")
        edits.set_tag(made, np.array([1, 2]), "blurred", True)
        edits.set_state(made, np.array([3]), SampleState.UNCERTAIN, "two cells")
        edits.set_excluded(made, np.array([6]), True)
        yield made


def by_text(project, field):
    return {value.text: value.count for value in read_vocabulary(project).values(field)}


def test_values_come_with_what_the_term_alone_would_show(project):
    vocabulary = read_vocabulary(project)
    for field in ("label", "group", "tag", "source", "reason", "split", "state", "is"):
        for found in complete(f"{field}:", len(field) + 1, vocabulary):
            if found.count is not None:
                assert len(sample_ids(project, parse_query(found.line))) == found.count, found.term


def test_a_label_counts_what_is_below_it_and_says_what_is_above(project):
    assert by_text(project, "label") == {"Cell": 3, "WBC": 2, "RBC": 1}
    notes = {value.text: value.note for value in read_vocabulary(project).values("label")}
    assert notes == {"Cell": "", "WBC": "Cell", "RBC": ""}


def test_predicted_labels_and_runs_are_known_once_a_run_has_predicted(project):
    assert by_text(project, "pred") == {}
    with project.db.write() as connection:
        connection.execute(
            "INSERT INTO run (id, state, backbone, created_at, config) VALUES (4, 'done', 'b0', '2026-01-02', '')"
        )
    write_predictions(project, 4, np.array([1, 2]), np.array([1, 1]), np.array([0.5, 0.9]))
    assert by_text(project, "pred") == {"Cell": 2}
    (run,) = read_vocabulary(project).values("run")
    assert (run.text, run.note) == ("4", "b0 2026-01-02")


def test_dates_are_the_months_in_which_files_were_written(project):
    assert read_vocabulary(project).values("date")[0].text == "2024-05"
    for value in read_vocabulary(project).values("date"):
        assert len(sample_ids(project, parse_query(f"date:{value.text}"))) == 5


def test_an_empty_project_has_no_values(tmp_path):
    with Project.create(tmp_path / "empty") as project:
        assert read_vocabulary(project).values("label") == ()
