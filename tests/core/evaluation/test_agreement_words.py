"""Agreement in words: what the value says, and what the interval leaves open."""

import pytest

from core.domain.metrics import Metric
from core.evaluation.agreement import Coefficient
from core.evaluation.agreement_words import kappa_words

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "low", "expected"),
    [
        (0.9, 0.85, "Almost perfect agreement. The whole 95 % interval says so, or better."),
        (0.9, 0.7, "Almost perfect agreement. It may be no more than substantial (95 % interval)."),
        (0.5, 0.1, "Moderate agreement: let more than one reader decide. It may be hardly better than chance"),
        (-0.2, -0.4, "No agreement beyond chance."),
        (0.1, NAN, "Slight agreement: hardly better than chance. One group of images"),
    ],
)
def test_a_value_and_its_interval_are_said_in_words(value, low, expected):
    assert kappa_words(Coefficient(Metric(value, low, 1.0), 9, 9)).startswith(expected)


def test_why_there_is_no_value_is_said():
    nothing = Metric(NAN, NAN, NAN)
    assert "twice" in kappa_words(Coefficient(nothing, 0, 0, "no_overlap"))
    assert "Only one label" in kappa_words(Coefficient(nothing, 5, 5, "one_label"))
