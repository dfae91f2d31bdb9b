from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.inference.results import ABSTAIN, PredictionTable
from desktop_app.pages.predict.results import Kind, ResultIndex, Shown
from desktop_app.pages.predict.tiles import percent

LABELS = ("round", "long", "flat")


def table_of(rows: list[list[float] | None]) -> PredictionTable:
    table = PredictionTable.empty(Path(), [f"{i}.png" for i in range(len(rows))], LABELS)
    for index, values in enumerate(rows):
        if values is None:
            table.errors[index] = "no picture"
        else:
            table.probabilities[index] = np.array(values) / sum(values)
    return table


weights = st.lists(st.integers(1, 50).map(float), min_size=3, max_size=3)
tables = st.lists(st.none() | weights, max_size=30).map(table_of)
thresholds = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.5, 0.7, 1.0]))


@given(tables, thresholds)
def test_what_is_counted_is_what_is_written(table: PredictionTable, threshold: float):
    counts = ResultIndex(table).counts(threshold)
    decisions = table.decisions(threshold)
    assert counts.by_label.tolist() == [decisions.count(label) for label in LABELS]
    assert counts.refused == decisions.count(ABSTAIN)
    assert counts.unreadable == decisions.count("")
    assert counts.total == len(table)


@given(tables, thresholds, st.booleans())
def test_the_parts_hold_every_image_once_and_as_many_as_counted(table, threshold: float, lowest: bool):
    index = ResultIndex(table)
    parts = [Shown(Kind.LABEL, i) for i in range(3)] + [Shown(Kind.REFUSED), Shown(Kind.UNREADABLE)]
    counts, seen = index.counts(threshold), []
    for part in parts:
        rows = index.rows(part, threshold, lowest_first=lowest).tolist()
        assert len(rows) == counts.of(part)
        seen += rows
    assert sorted(seen) == list(range(len(table)))
    assert sorted(index.rows(Shown(), threshold).tolist()) == list(range(len(table)))


@given(tables, st.booleans())
def test_images_come_by_confidence_and_those_without_an_answer_last(table, lowest: bool):
    index = ResultIndex(table)
    rows = index.rows(Shown(), 0.0, lowest_first=lowest)
    readable = rows[index.best[rows] >= 0]
    assert (rows[: len(readable)] == readable).all()
    steps = np.diff(index.confidence[readable])
    assert (steps >= 0).all() if lowest else (steps <= 0).all()


@given(tables)
def test_the_histogram_holds_every_readable_image(table):
    index = ResultIndex(table)
    assert index.histogram().sum() == (index.best >= 0).sum()


@given(st.floats(0, 1))
def test_only_certainty_is_a_hundred_or_no_percent(share: float):
    words = percent(share)
    assert (words == "100 %") == (share == 1.0)
    assert (words == "0 %") == (share == 0.0)
