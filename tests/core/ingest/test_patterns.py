from __future__ import annotations

import pytest

from core.domain.samples import Split
from core.errors import UserError
from core.ingest.bounded_pattern import compiled
from core.ingest.csv_table import Assignment
from core.ingest.patterns import PETS, assignment, pattern_preview


def said(pattern, path):
    return assignment(compiled(pattern), path)


def test_named_parts_say_label_group_and_split_and_the_others_are_tags():
    pattern = r"(?P<split>train|test)/(?P<group>s\d+)_(?P<label>[A-Z]+)_(?P<stain>\w+)\.png"
    assert said(pattern, "train/s3_WBC_giemsa.png") == Assignment("WBC", "s3", Split.TRAIN, tags=("stain=giemsa",))
    assert said(pattern, "other.png") == Assignment()


def test_without_names_the_first_part_is_the_label_or_all_that_was_found():
    assert said(r"_([A-Z]+)_", "a_WBC_1.png").label == "WBC"
    assert said(r"[A-Z]+", "a_WBC_1.png").label == "WBC"


def test_the_name_of_the_file_comes_before_its_path():
    assert said(r"s(\d)", "s1/s2.png").label == "2"
    assert said(r"s(\d)/", "s1/x.png").label == "1"


def test_a_label_that_cannot_be_one_is_refused():
    with pytest.raises(UserError) as caught:
        said("(.+)", "abstain")
    assert caught.value.code == "label_name_invalid"


def test_the_preview_shows_where_the_parts_stand():
    seen = pattern_preview(r"(?P<label>[A-Z]+)_(?P<group>\d+)", ["x/WBC_12.png", "x/other.png"])
    assert (seen.matched, seen.total, seen.unmatched, seen.error) == (1, 2, ("x/other.png",), "")
    assert seen.rows[0].parts == (("label", "WBC", 2, 5), ("group", "12", 6, 8))
    assert all("x/WBC_12.png"[start:end] == text for _, text, start, end in seen.rows[0].parts)


def test_the_preview_says_what_is_wrong_with_a_pattern():
    assert "(" in pattern_preview("(", ["a"]).error


@pytest.mark.parametrize(
    ("name", "label"), [("great_pyrenees_173.jpg", "great_pyrenees"), ("Abyssinian_1.jpg", "Abyssinian")]
)
def test_the_rule_of_the_pets(name, label):
    assert said(PETS, name).label == label
