from __future__ import annotations

import unicodedata

import pytest

from core.domain.samples import Split
from core.errors import UserError
from core.ingest.assign import FileNames, assignments, natural_key
from core.ingest.csv_table import Assignment
from core.ingest.rules import AUTO_LABELS, LABELS_BY_FOLDER, NO_GROUPS, NO_LABELS, parse_group_rule, parse_label_rule


def assign(tmp_path, paths, labels=LABELS_BY_FOLDER, groups=NO_GROUPS):
    of = assignments(tmp_path, paths, labels, groups)
    return {path: of(path) for path in paths}


def test_the_first_folder_is_the_label_and_files_without_one_have_none(tmp_path):
    found = assign(tmp_path, ["WBC/deep/1.png", "RBC/2.png", "3.png"], AUTO_LABELS)
    assert {path: of.label for path, of in found.items()} == {
        "WBC/deep/1.png": "WBC",
        "RBC/2.png": "RBC",
        "3.png": None,
    }


def test_folders_of_splits_hold_the_labels(tmp_path):
    found = assign(tmp_path, ["Train/WBC/1.png", "valid/RBC/2.png", "test/3.png", "4.png"])
    assert list(found.values()) == [
        Assignment("WBC", None, Split.TRAIN),
        Assignment("RBC", None, Split.VAL),
        Assignment(None, None, Split.TEST),
        Assignment(),
    ]


def test_a_label_may_be_called_test_where_other_folders_are_labels(tmp_path):
    found = assign(tmp_path, ["test/1.png", "control/2.png"])
    assert [of.label for of in found.values()] == ["test", "control"]
    assert {of.split for of in found.values()} == {Split.NONE}


@pytest.mark.parametrize(
    ("paths", "labels", "splits"),
    [
        (["tree/train/a/1.png", "tree/val/b/2.png"], ["a", "b"], [Split.TRAIN, Split.VAL]),
        (["tree/train/a/1.png", "tree/train/b/2.png"], ["a", "b"], [Split.TRAIN, Split.TRAIN]),
        (["a/train/1.png", "a/test/2.png", "b/train/3.png"], ["a", "a", "b"], [Split.TRAIN, Split.TEST, Split.TRAIN]),
        (["tree/a/1.png", "tree/b/2.png"], ["a", "b"], [Split.NONE] * 2),
        (["one/two/a/1.png", "one/two/b/2.png", "x.png"], ["a", "b", None], [Split.NONE] * 3),
        (["a/test/1.png", "b/2.png"], ["a", "b"], [Split.NONE] * 2),
        (["WBC/slide_1/1.png", "RBC/slide_2/2.png"], ["WBC", "RBC"], [Split.NONE] * 2),
        (["WBC/images/1.png", "RBC/images/2.png"], ["WBC", "RBC"], [Split.NONE] * 2),
        (["patient1/a/0.png", "patient2/a/0.png", "patient2/b/0.png"], ["a", "a", "b"], [Split.NONE] * 3),
    ],
)
def test_the_level_of_labels_and_the_level_of_splits_are_found_wherever_they_are(tmp_path, paths, labels, splits):
    found = assign(tmp_path, paths, AUTO_LABELS)
    assert [of.label for of in found.values()] == labels
    assert [of.split for of in found.values()] == splits


def test_labels_by_folder_are_the_folders_that_the_images_are_in(tmp_path):
    found = assign(tmp_path, ["WBC/slide_1/1.png", "RBC/2.png", "train/x/3.png", "4.png"])
    assert [of.label for of in found.values()] == ["slide_1", "RBC", "x", None]


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        (["patient1/a/0.png", "patient2/b/0.png"], "level 2, such as “a”"),
        (["WBC/deep/1.png", "RBC/2.png"], "level 1, such as “RBC”"),
        (["tree/train/a/1.png", "tree/test/b/2.png"], ""),
        (["a/1.png", "b/2.png"], ""),
    ],
)
def test_which_of_several_levels_was_taken_is_told(tmp_path, paths, told):
    notes = []
    assignments(tmp_path, paths, AUTO_LABELS, NO_GROUPS, notes=notes)
    assert len(notes) == bool(told)
    assert told in "".join(notes)


def test_label_names_are_composed(tmp_path):
    decomposed = unicodedata.normalize("NFD", "백혈구")
    assert assign(tmp_path, [f"{decomposed}/1.png"])[f"{decomposed}/1.png"].label == "백혈구"


def test_a_folder_that_cannot_be_a_label_is_refused(tmp_path):
    with pytest.raises(UserError) as caught:
        assign(tmp_path, ["x" * 100 + "/1.png"])
    assert caught.value.code == "label_name_invalid"


def test_images_sorted_by_prediction_come_in_with_what_was_undecided_unlabelled(tmp_path):
    found = assign(tmp_path, ["WBC/1.png", "abstain/2.png"])
    assert [of.label for of in found.values()] == ["WBC", None]


def test_patterns_give_labels_and_groups(tmp_path):
    found = assign(
        tmp_path,
        ["p1/wbc_1.png", "p2/rbc_2.png", "odd.png"],
        parse_label_rule("pattern:^([a-z]+)_"),
        parse_group_rule("pattern:^(p[0-9])/"),
    )
    assert list(found.values()) == [Assignment("wbc", "p1"), Assignment("rbc", "p2"), Assignment()]


@pytest.mark.parametrize("rules", [("pattern:^q", None), ("none", "pattern:^(q)")])
def test_a_pattern_that_matches_nothing_is_refused_with_an_example(tmp_path, rules):
    with pytest.raises(UserError) as caught:
        assign(tmp_path, ["a/1.png"], parse_label_rule(rules[0]), parse_group_rule(rules[1]))
    assert caught.value.code == "pattern_matches_nothing"
    assert "a/1.png" in caught.value.message


def test_no_labels_are_given_where_none_are_wanted(tmp_path):
    assert assign(tmp_path, ["WBC/1.png"], NO_LABELS)["WBC/1.png"] == Assignment()


def test_a_column_of_groups_needs_a_table(tmp_path):
    with pytest.raises(UserError) as caught:
        assign(tmp_path, ["a/1.png"], LABELS_BY_FOLDER, parse_group_rule("column:slide"))
    assert caught.value.code == "group_needs_table"


def test_a_table_beside_the_images_is_found_and_a_pattern_may_give_the_groups(tmp_path):
    (tmp_path / "labels.csv").write_text("file,label,group\na/s1_1.png,x,from table\n")
    paths = ["a/s1_1.png", "a/s2_2.png"]
    found = assign(tmp_path, paths, parse_label_rule("csv:labels.csv"), parse_group_rule("pattern:(s[0-9])_"))
    assert list(found.values()) == [Assignment("x", "s1"), Assignment(None, "s2")]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a/1.png", ["a/1.png"]),
        ("./a/1.png", ["a/1.png"]),
        ("a\\1.png", ["a/1.png"]),
        ("2.png", ["a/2.png"]),
        ("2", ["a/2.png"]),
        ("1.png", ["a/1.png", "b/1.png"]),
        ("images/b/1.png", ["b/1.png"]),
        ("ROOT/images/a/2.png", ["a/2.png"]),
        ("../images/a/2.png", []),
        ("c/1.png", []),
        ("/etc/hostname", []),
        ("", []),
        ("한글.png", ["a/" + unicodedata.normalize("NFD", "한글") + ".png"]),
    ],
)
def test_names_in_a_table_are_matched_to_files(tmp_path, name, found):
    paths = ["a/1.png", "a/2.png", "b/1.png", "a/" + unicodedata.normalize("NFD", "한글") + ".png"]
    names = FileNames(tmp_path / "images", tmp_path, paths)
    assert names.find(name.replace("ROOT", str(tmp_path))) == found


def test_labels_are_sorted_as_people_do():
    assert sorted(["10", "9", "Stage 10", "stage 2", "b", "A"], key=natural_key) == [
        "9",
        "10",
        "A",
        "b",
        "stage 2",
        "Stage 10",
    ]
