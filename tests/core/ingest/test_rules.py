from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.ingest.rules import GroupKind, LabelKind, parse_group_rule, parse_label_rule


def test_label_rules_are_read():
    assert parse_label_rule("folder").kind is LabelKind.FOLDER
    assert parse_label_rule("none").kind is LabelKind.NONE
    assert parse_label_rule("csv:a/b:c.csv").table == Path("a/b:c.csv")
    assert parse_label_rule("pattern:^(.+)_").kind is LabelKind.PATTERN


def test_group_rules_are_read():
    assert parse_group_rule(None).kind is GroupKind.NONE
    assert parse_group_rule("column:slide id").column == "slide id"
    assert parse_group_rule(r"pattern:(slide\d+)").kind is GroupKind.PATTERN


@given(st.text(max_size=12))
def test_anything_else_is_an_error_that_names_it(text):
    for parse in (parse_label_rule, parse_group_rule):
        try:
            parse(text)
        except UserError as error:
            assert text in error.message


@pytest.mark.parametrize("text", ["", "folders", "csv:", "csv", "pattern:", "folder:x", "column:a"])
def test_unknown_label_rules_say_what_is_known(text):
    with pytest.raises(UserError) as caught:
        parse_label_rule(text)
    assert caught.value.code == "label_rule_invalid"


def test_a_pattern_that_does_not_compile_says_why():
    with pytest.raises(UserError) as caught:
        parse_group_rule("pattern:(slide")
    assert caught.value.code == "pattern_invalid"
    assert "(slide" in caught.value.message


@pytest.mark.parametrize(
    ("pattern", "path", "name"),
    [
        (r"(slide\d+)_", "x/slide07_3.png", "slide07"),
        (r"slide\d+", "x/slide07_3.png", "slide07"),
        (r"(?P<site>\w)_(?P<group>\d+)", "a_12.png", "12"),
        (r"(\w)_(\d+)", "a_12.png", "a"),
        (r"^patient(\d+)/", "patient9/slide07.png", "9"),
        (r"(x)?slide", "slide.png", None),
        (r"nothing", "slide.png", None),
        ("(가)_", "가_1.png", "가"),
    ],
)
def test_a_name_is_found_in_the_file_name_or_else_in_the_path(pattern, path, name):
    assert parse_group_rule(f"pattern:{pattern}").pattern.find(path) == name
