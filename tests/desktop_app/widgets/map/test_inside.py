from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from desktop_app.widgets.map import inside as module
from desktop_app.widgets.map.inside import points_inside

coordinate = st.floats(-2, 2, width=32)
corners = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=12)


def as_qt_says(points: np.ndarray, line: np.ndarray) -> list[int]:
    polygon = QPolygonF([QPointF(x, y) for x, y in line.tolist()])
    winding = Qt.FillRule.WindingFill
    return [i for i, (x, y) in enumerate(points.tolist()) if polygon.containsPoint(QPointF(x, y), winding)]


@settings(max_examples=40, deadline=None)
@given(corners, st.integers(0, 1000))
def test_inside_is_what_qt_calls_inside(line, seed):
    points = np.random.default_rng(seed).uniform(-2, 2, (300, 2)).astype(np.float32)
    line = np.array(line, dtype=np.float64)
    assert points_inside(points, line).tolist() == as_qt_says(points, line)


@pytest.mark.parametrize("seed", range(4))
def test_the_short_cut_for_many_points_answers_the_same(monkeypatch, seed):
    monkeypatch.setattr(module, "_FEW", 100)
    random = np.random.default_rng(seed)
    line, points = random.normal(size=(25, 2)), random.normal(size=(6_000, 2)).astype(np.float32)
    assert points_inside(points, line).tolist() == as_qt_says(points, line)


def test_points_that_are_nowhere_are_inside_of_nothing():
    square = np.array([[-9, -9], [9, -9], [9, 9], [-9, 9]], dtype=float)
    points = np.array([[0, 0], [np.nan, np.nan], [1, 1]], dtype=np.float32)
    assert points_inside(points, square).tolist() == [0, 2]


@pytest.mark.parametrize("line", [np.zeros((0, 2)), np.zeros((2, 2)), np.ones((5, 2))])
def test_a_line_without_an_inside_holds_nothing(line):
    assert not len(points_inside(np.ones((4, 2), dtype=np.float32), line))
