from __future__ import annotations

import pytest

from core.domain.samples import Split
from core.errors import UserError
from core.ingest.csv_table import Assignment, table_content

FILES = ("a.png", "b.png", "c.png")


def content(text, name="labels.csv", **said):
    return table_content(name, text.encode(), lambda file: [file] if file in FILES else [], said, strict=False)


def test_a_column_of_0_and_1_for_each_label_is_one_label_an_image_or_many():
    one = content("image,cat,dog\na.png,1,0\nb.png,0,1.0\n")
    assert (one.multi, one.assignments) == (False, {"a.png": Assignment("cat"), "b.png": Assignment("dog")})
    many = content("image,cat,dog\na.png,1,1\nb.png,0,0\n")
    assert (many.multi, many.labels) == (True, ("cat", "dog"))
    assert [said.names for said in many.assignments.values()] == [("cat", "dog"), ()]


@pytest.mark.parametrize("separator", [";", "|"])
def test_a_list_of_labels_in_a_cell_is_many_labels(separator):
    found = content(f"image,labels\na.png,x{separator} y\nb.png,x\nc.png,\n")
    assert found.multi
    assert [said.names for said in found.assignments.values()] == [("x", "y"), ("x",), None]


def test_a_row_for_each_label_of_an_image_is_many_labels():
    found = content("image,label\na.png,x\na.png,y\nb.png,x\n")
    assert found.multi
    assert [said.names for said in found.assignments.values()] == [("x", "y"), ("x",)]


def test_the_column_of_files_is_known_by_what_is_in_it():
    found = content("number,what,kind,dx\n1,a.png,z,x\n2,b.png,z,y\n")
    assert found.assignments == {"a.png": Assignment("x"), "b.png": Assignment("y")}


def test_the_user_may_say_which_column_is_what():
    text = "image,label,true class,stain,when,use\na.png,wrong,x,HE,1,val\n"
    found = content(text, label="True Class", tags="stain,when", split="use")
    assert found.assignments == {"a.png": Assignment("x", split=Split.VAL, tags=("stain=HE", "when=1"))}
    with pytest.raises(UserError) as caught:
        content(text, label="nothing")
    assert caught.value.code == "table_no_column"


def test_groups_splits_and_tags_are_found_by_their_names():
    found = content("image,diagnosis,Patient ID,Set,tags\na.png,x,p1,Training,odd; blurred\n")
    assert found.assignments == {"a.png": Assignment("x", "p1", Split.TRAIN, tags=("odd", "blurred"))}


def test_what_is_wrong_is_told_and_the_rest_taken():
    found = content("image,label,split\na.png,x,sometimes\ngone.png,y,\nb.png," + "y" * 99 + ",\n")
    assert list(found.assignments) == ["a.png"]
    assert [code for _, code in found.problems] == ["table_split", "image_missing", "label_unusable"]


def test_json_lines_are_a_table_too():
    found = content('{"file_name": "a.png", "labels": ["x", "y"]}\n{"file_name": "b.png"}\n', "metadata.jsonl")
    assert [said.names for said in found.assignments.values()] == [("x", "y"), None]
