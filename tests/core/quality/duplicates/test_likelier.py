import numpy as np
import pytest

from core.domain.findings import FindingKind
from core.quality.duplicates.likelier import likelier
from core.quality.spec import Case
from core.quality.words import explain


def believed(**p):
    return {name: np.array(values, np.float16) for name, values in p.items()}


def test_a_label_that_is_clearly_likelier_is_named_with_its_share():
    said = likelier(believed(A=[0.8, 0.6], B=[0.1, 0.1]))
    assert said["label"] == "A"
    assert said["p"] == pytest.approx(0.875, abs=0.001)
    assert said["of"] == 2


@pytest.mark.parametrize(
    "p",
    [
        {"A": [0.45, 0.5], "B": [0.5, 0.45]},  # as likely as each other
        {"A": [0.05, 0.06], "B": [0.01, 0.02]},  # neither is likely: it shows something else
    ],
)
def test_where_none_is_clearly_likelier_none_is_named(p):
    said = likelier(believed(**p))
    assert "label" not in said
    assert set(said["probabilities"]) == {"A", "B"}


def test_a_copy_of_which_nothing_is_known_says_nothing():
    nan = float("nan")
    assert likelier(believed(A=[nan, 0.9], B=[nan, 0.1]))["of"] == 1
    assert likelier(believed(A=[nan], B=[nan])) is None
    assert likelier(believed(A=[0.9])) is None


def test_a_conflict_is_told_with_what_speaks_for_a_label():
    def words(**evidence):
        return explain(Case(FindingKind.CONFLICTING_DUPLICATE, (0, 1), 1.0, evidence))

    told = likelier(believed(A=[0.8], B=[0.1]))
    assert words(likelier=told) == "A is likelier (P 0.89), by other images that look like these."
    assert words(likelier=likelier(believed(A=[0.5], B=[0.5]))).startswith("None of their labels is clearly likelier")
    assert words(merged_label="B", labels={"A": 1, "B": 2}) == "2 of 3 are called B."
    assert words(merged_label=None).startswith("Nothing is known")
