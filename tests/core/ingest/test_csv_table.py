from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.samples import Split
from core.errors import UserError
from core.ingest.csv_table import Assignment, read_table


def read(tmp_path, data, files=("a.png", "b.png", "c.png"), group_column=""):
    path = tmp_path / "labels.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_table(path, lambda name: [name] if name in files else [], group_column)


def problem(tmp_path, data, **options):
    with pytest.raises(UserError) as caught:
        read(tmp_path, data, **options)
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("column", ["path", "file", "Filename", " image "])
def test_separators_and_column_names_are_recognised(tmp_path, delimiter, column):
    text = f"number{delimiter}{column}{delimiter}Label\n1{delimiter}a.png{delimiter}WBC\n"
    assert read(tmp_path, text) == {"a.png": Assignment("WBC")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_encodings_are_recognised(tmp_path, encoding):
    found = read(tmp_path, "path,label\n가.png,백혈구\n".encode(encoding), files=["가.png"])
    assert found == {"가.png": Assignment("백혈구")}


def test_groups_and_splits_come_from_their_columns(tmp_path):
    text = "path,label,group,split\na.png,x,s1,Train\nb.png,y,,validation\nc.png,x,s2,\n"
    assert read(tmp_path, text) == {
        "a.png": Assignment("x", "s1", Split.TRAIN),
        "b.png": Assignment("y", None, Split.VAL),
        "c.png": Assignment("x", "s2", Split.NONE),
    }


def test_the_group_may_be_in_a_column_of_any_name(tmp_path):
    assert read(tmp_path, "path,label,Slide\na.png,x,7\n", group_column="slide")["a.png"].group == "7"
    error = problem(tmp_path, "path,label,Slide\na.png,x,7\n", group_column="patient")
    assert error.code == "table_no_column"
    assert "Slide" in error.message


def test_quotes_line_ends_and_empty_lines_are_understood(tmp_path):
    text = 'path,label\r\n"a.png","cell, ""odd"""\r\n\r\n , \r\nb.png,y'
    assert read(tmp_path, text) == {"a.png": Assignment('cell, "odd"'), "b.png": Assignment("y")}


@pytest.mark.parametrize("text", ["", "\n", "path\na.png\n", "x,y\n1,2\n", "label\nx\n"])
def test_missing_columns_are_named_with_those_there_are(tmp_path, text):
    assert problem(tmp_path, text).code == "table_columns"


def test_each_faulty_row_is_reported_with_its_number_and_nothing_is_taken(tmp_path):
    text = "path,label,split\na.png,x,train\ngone.png,x,\nb.png, ,\na.png,y,\nc.png,x,sometimes\nb.png\n,x,\n"
    error = problem(tmp_path, text)
    assert error.code == "table_rows"
    assert error.params["count"] == 6
    for row, words in {
        3: "gone.png",
        4: "empty",
        5: "row 2",
        6: "sometimes",
        7: "too few",
        8: "file is empty",
    }.items():
        part = error.message.split(f"row {row}: ")[1].split(";")[0]
        assert words in part


def test_very_many_faults_are_counted_and_the_first_ones_shown(tmp_path):
    text = "path,label\n" + "gone.png,x\n" * 5000
    error = problem(tmp_path, text)
    assert error.params["count"] == 5000
    assert len(error.message) < 2000


@pytest.mark.parametrize("label", ["x" * 81, "a\x07b"])
def test_a_label_that_cannot_be_one_is_reported(tmp_path, label):
    assert problem(tmp_path, f"path,label\na.png,{label}\n").code == "table_rows"


def test_broken_quoting_is_reported(tmp_path):
    error = problem(tmp_path, 'path,label\na.png,"x"y\n')
    assert error.code == "table_rows"
    assert "row 2" in error.message


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0", b"PK\x03\x04\xff\xff\xfe\x81\x90\xff"])
def test_what_is_no_text_is_refused(tmp_path, data):
    assert problem(tmp_path, data).code in ("table_encoding", "table_columns")


def test_a_table_that_is_not_there_or_a_folder_is_reported(tmp_path):
    for path in (tmp_path / "gone.csv", tmp_path):
        with pytest.raises(UserError) as caught:
            read_table(path, lambda name: [])
        assert caught.value.code == "table_missing"


names = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20).map(str.strip).filter(bool)


@given(st.dictionaries(names, names, min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_what_a_csv_writer_writes_is_read_back(tmp_path_factory, table, delimiter):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["path", "label"])
    writer.writerows(table.items())
    found = read(tmp_path_factory.mktemp("table"), out.getvalue(), files=set(table))
    assert set(found) == set(table)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_table_or_a_reason(tmp_path_factory, data):
    try:
        read(tmp_path_factory.mktemp("table"), data)
    except UserError as error:
        assert error.message


@pytest.mark.parametrize("start", ["sep=;\n", '"sep=;"\r\n', "\n\r\n", ";;\n", "\nSEP=;\n\n"])
def test_what_excel_writes_before_the_header_is_skipped(tmp_path, start):
    assert read(tmp_path, start + "path;label\na.png;x,y\n") == {"a.png": Assignment("x,y")}
    lines = len(start.splitlines())
    assert f"row {lines + 2}:" in problem(tmp_path, start + "path;label\ngone.png;x\n").message


@pytest.mark.parametrize("rows", ["", "\n", "\n,\n"])
def test_a_table_that_is_only_a_header_is_refused(tmp_path, rows):
    found = problem(tmp_path, "path,label" + rows)
    assert found.code == "table_empty"
    assert "labels.csv" in found.message


@pytest.mark.parametrize("header", ["path,label,class", "Label,path,label"])
def test_two_columns_of_labels_are_named(tmp_path, header):
    found = problem(tmp_path, header + "\na.png,x,y\n")
    assert found.code == "table_two_columns"
    assert all(name in found.message for name in header.split(",") if name != "path")
