"""When two answers are the same answer."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import UserError
from core.kit.proof import TOLERANCES, Proof, compare, read_proof


def rows(*values: tuple[float, ...]) -> np.ndarray:
    return np.array(values, np.float32)


def test_equal_answers_have_no_distance():
    found = compare(rows((0.7, 0.3)), rows((0.7, 0.3)), 1e-5)
    assert found.same_label.all()
    assert not found.tied.any()
    assert found.distance.max() == 0


def test_another_label_is_another_label_however_near():
    found = compare(rows((0.5002, 0.4998)), rows((0.4999, 0.5001)), 1e-5)
    assert not found.same_label[0]
    assert found.distance[0] == pytest.approx(3e-4, rel=1e-3)


def test_labels_that_neither_side_tells_apart_are_tied():
    found = compare(rows((0.500001, 0.499999)), rows((0.499999, 0.500001)), 1e-5)
    assert found.same_label[0]
    assert found.tied[0]


def test_one_side_that_decides_is_no_tie():
    assert not compare(rows((0.6, 0.4)), rows((0.499999, 0.500001)), 1e-5).same_label[0]
    assert not compare(rows((0.500001, 0.499999)), rows((0.4, 0.6)), 1e-5).same_label[0]


def test_exactly_equal_probabilities_take_the_first_on_both_sides():
    found = compare(rows((0.5, 0.5)), rows((0.5, 0.5)), 0.0)
    assert found.same_label[0]
    assert not found.tied[0]


def test_what_is_not_a_number_is_infinitely_far():
    found = compare(rows((0.5, 0.5)), rows((np.nan, 0.5)), 1e-5)
    assert np.isinf(found.distance[0])


def test_float32_must_agree_to_the_fourth_decimal():
    assert TOLERANCES["fp32"].probability == 1e-4
    assert TOLERANCES["fp32"].tie < TOLERANCES["fp32"].probability


def test_a_proof_reads_back_and_a_damaged_one_is_refused(tmp_path):
    proof = Proof(n=2, argmax_equal=2, max_abs_dp=1e-6, tolerance=1e-4, tie_margin=1e-5, files={"model.onnx": "0"})
    path = tmp_path / "proof.json"
    path.write_text(proof.to_text(), encoding="utf-8")
    assert read_proof(path) == proof
    for text in ("", "{}", proof.to_text()[:-20], proof.to_text().replace('"n": 2', '"n": -2')):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UserError) as caught:
            read_proof(path)
        assert caught.value.code == "kit_damaged"


def test_many_labels_must_all_be_decided_alike():
    expected, thresholds = rows((0.7, 0.2), (0.7, 0.2)), (0.5, 0.3)
    found = compare(expected, rows((0.70001, 0.2), (0.7, 0.31)), 1e-5, thresholds)
    assert found.same_label.tolist() == [True, False]
    assert not found.tied.any()


def test_a_label_at_its_threshold_on_both_sides_is_tied():
    found = compare(rows((0.500004, 0.2)), rows((0.499996, 0.2)), 1e-5, (0.5, 0.3))
    assert found.same_label[0]
    assert found.tied[0]
    assert not compare(rows((0.5001, 0.2)), rows((0.4999, 0.2)), 1e-5, (0.5, 0.3)).same_label[0]
