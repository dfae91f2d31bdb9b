from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from desktop_app.pages.importing.form import Form, propose_patterns


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([f"BloodImage_{i:05d}_{j:02d}.jpg" for i in range(5) for j in range(3)], r"(BloodImage_\d+)"),
        ([f"slide{i:02d}_cell{j:04d}.png" for i in range(4) for j in range(9)], r"(slide\d+)"),
        ([f"P-{i}.well-{j}.tif" for i in range(3) for j in range(4)], r"(P-\d+)"),
        ([f"{name}_{j}.png" for name in ("anna", "bert", "cleo") for j in range(4)], r"^([^_]+)_"),
    ],
)
def test_the_part_of_the_name_that_repeats_is_proposed(names: list[str], expected: str):
    assert propose_patterns(names)[0] == expected


@pytest.mark.parametrize("names", [[], ["a.png", "b.png"], [f"img{i}.png" for i in range(20)]])
def test_nothing_is_proposed_where_nothing_repeats(names: list[str]):
    assert propose_patterns(names) == []


def test_the_form_says_which_entry_is_missing():
    assert Form().waiting_for == "root"
    folder = Path("cells")
    assert Form(root=folder, label_kind="csv").waiting_for == "table"
    assert Form(root=folder, group_kind="pattern").waiting_for == "group_pattern"
    assert Form(root=folder, name=" ", place="somewhere").waiting_for == "name"
    assert Form(root=folder, name="cells", place="somewhere").waiting_for == ""
    assert Form(root=folder, new=False).waiting_for == ""


def test_the_project_gets_its_suffix_once():
    assert Form(name="cells.coverslip", place="here").target == Path("here/cells.coverslip")
    assert Form(name="cells", place="here").target == Path("here/cells.coverslip")


def test_a_pattern_that_does_not_compile_is_the_user_s_to_put_right():
    with pytest.raises(UserError) as told:
        Form(group_kind="pattern", group_pattern="(slide").rules()
    assert told.value.code == "pattern_invalid"
