from __future__ import annotations

import numpy as np

from core.domain.findings import FindingKind
from core.progress import Progress
from core.quality.amounts.find import find_amounts
from core.quality.confounds.find import find_confounds
from core.quality.leakage.find import find_leakage
from core.quality.outliers.find import find_outliers
from core.quality.similar_labels import find_similar_labels
from core.quality.spec import Case
from core.quality.words import explain
from tests.core.quality.made_up import clouds, made_up

LABELS = np.arange(300) % 3


def test_an_outlier_is_explained_by_its_distance_and_the_usual_one(tmp_path):
    features, given = clouds(LABELS), LABELS.copy()
    features[7] = -20.0
    given[9] = 1
    cases = find_outliers(made_up(tmp_path, features, given), Progress()).cases
    texts = {case.rows[0]: explain(case) for case in cases}
    assert texts[7].startswith("Unlike every other image: the nearest ones are at a distance of ")
    assert texts[9] == "Unlike the other images of its label, but like A."


def test_a_leak_is_explained_by_what_is_where(tmp_path):
    splits = np.where(np.arange(300) < 200, 1, 3)
    groups = np.arange(300) % 100
    data = made_up(tmp_path, clouds(LABELS), LABELS, splits=splits, groups=groups, duplicates=((0, 250),))
    assert [explain(case) for case in find_leakage(data, Progress()).cases] == [
        "Images that show the same are on both sides of the split (train: 1, test: 1).",
        "The split takes no notice of groups: 100 of them are on both sides.",
    ]


def test_numbers_of_images_are_explained_by_what_more_would_bring(tmp_path):
    given = np.repeat([0, 1], [300, 15])
    imbalance, few = find_amounts(made_up(tmp_path, clouds(given), given), Progress()).cases
    assert explain(imbalance) == "A has 20 times as many images as B: a classifier tends to neglect B."
    assert explain(few).startswith("B has only 15 images. 200 more images of B would raise its F1 by about ")


def test_labels_that_are_alike_are_explained_by_how_often_they_are_mistaken(tmp_path):
    case = find_similar_labels(made_up(tmp_path, clouds(LABELS * 0), LABELS), Progress()).cases[0]
    assert "are hard to tell apart (AUC 0." in explain(case)


def test_a_confound_is_explained_by_what_is_typical(tmp_path):
    paths = [f"{'morning' if label else 'evening'}_{row:03}.png" for row, label in enumerate(LABELS % 2)]
    case = find_confounds(made_up(tmp_path, None, LABELS % 2, paths=paths), Progress()).cases[0]
    assert explain(case).startswith(
        "Your labels differ by parts of the file names, AUC 1.00. Most of it lies in the first word: typically"
        " evening for A and morning for B."
    )


def test_evidence_of_another_version_and_other_kinds_say_nothing():
    assert explain(Case(FindingKind.OUTLIER, (0,), 1.0, {"unlike": "all"})) == ""
    assert explain(Case(FindingKind.UNREADABLE, (0,), 1.0)) == ""
