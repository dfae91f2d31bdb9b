"""The table as a file: columns that do not change, cells that no spreadsheet runs."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.labels import NONE_GIVEN
from core.errors import UserError
from core.inference.results import ABSTAIN, PredictionTable, columns, rows, safe_cell
from core.inference.table_files import write_table


def table(labels: tuple[str, ...] = ("RBC", "WBC"), paths: tuple[str, ...] = ("a.png", "b.png", "c.png")):
    return PredictionTable(
        root=Path("images"),
        paths=list(paths),
        labels=labels,
        probabilities=np.array([[0.75, 0.25], [0.4, 0.6], [np.nan, np.nan]], np.float32),
        errors=[None, None, "The file is cut off."],
    )


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_columns_are_a_contract(tmp_path):
    out = tmp_path / "out.csv"
    write_table(table(), out)
    assert read(out) == [
        ["path", "label", "confidence", "decision", "p_RBC", "p_WBC", "error"],
        ["a.png", "RBC", "0.75", "RBC", "0.75", "0.25", ""],
        ["b.png", "WBC", "0.6", "WBC", "0.4", "0.6", ""],
        ["c.png", "", "", "", "", "", "The file is cut off."],
    ]


def test_below_the_threshold_it_abstains_but_says_what_it_thinks(tmp_path):
    out = tmp_path / "out.csv"
    write_table(table(), out, threshold=0.7)
    assert [row[3] for row in read(out)[1:]] == ["RBC", ABSTAIN, ""]
    assert read(out)[2][1:3] == ["WBC", "0.6"]
    assert table().counts(0.7) == {"RBC": 1, "WBC": 0}
    assert table().abstained(0.7) == 1


def test_without_a_threshold_it_never_abstains():
    assert table().counts() == {"RBC": 1, "WBC": 1}
    assert table().abstained() == 0
    assert table().best.tolist() == [0, 1, -1]


def test_a_confidence_equal_to_the_threshold_is_enough():
    assert table().decisions(0.75) == ["RBC", ABSTAIN, ""]


@pytest.mark.parametrize("threshold", [-0.1, 1.5, float("nan")])
def test_a_threshold_is_a_probability(threshold):
    with pytest.raises(UserError) as caught:
        table().decisions(threshold)
    assert caught.value.code == "threshold_invalid"


@given(st.text(max_size=30))
def test_no_cell_begins_like_a_formula(text):
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert cell.removeprefix("'") == text.removeprefix("'")


def test_formulas_in_names_and_labels_are_made_text():
    found = list(rows(table(("=cmd|x", "-1"), ("=1+1.png", "@a.png", "+c.png"))))
    assert found[0][:4] == ["'=1+1.png", "'=cmd|x", "0.75", "'=cmd|x"]
    assert found[1][:2] == ["'@a.png", "'-1"]
    assert columns(("=cmd",)) == ["path", "label", "confidence", "decision", "p_=cmd", "error"]


def test_the_byte_order_mark_is_there_exactly_where_excel_needs_it(tmp_path):
    out = tmp_path / "out.csv"
    write_table(table(), out)
    assert out.read_bytes().startswith(b"path,")
    write_table(table(("적혈구", "WBC")), out)
    assert out.read_bytes().startswith(b"\xef\xbb\xbfpath,")
    assert read(out)[1][1] == "적혈구"


def test_commas_quotes_and_new_lines_stay_in_their_cell(tmp_path):
    out = tmp_path / "out.csv"
    names = ('a,"b"\n.png', "b;c.png", " d.png")
    write_table(table(paths=names), out)
    assert [row[0] for row in read(out)[1:]] == list(names)


def test_a_table_that_was_there_is_replaced_as_a_whole(tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("old")
    write_table(table(), out)
    assert len(read(out)) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("out.xls", "table_format"),
        ("out", "table_format"),
        ("no/out.csv", "table_folder_missing"),
    ],
)
def test_another_format_and_a_missing_folder_are_told_and_nothing_is_written(tmp_path, name, code):
    with pytest.raises(UserError) as caught:
        write_table(table(), tmp_path / name)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def many():
    return replace(table(), thresholds=(0.3, 0.5))


def test_many_labels_are_joined_and_the_least_sure_decision_is_the_confidence(tmp_path):
    write_table(many(), tmp_path / "out.csv")
    found = read(tmp_path / "out.csv")
    assert found[0][:4] == ["path", "labels", "confidence", "decision"]
    assert [row[1:4] for row in found[1:]] == [["RBC", "0.75", "RBC"], ["RBC;WBC", "0.4", "RBC;WBC"], ["", "", ""]]
    assert many().counts() == {"RBC": 2, "WBC": 1}


def test_an_image_of_many_labels_can_have_none_or_be_refused():
    none = replace(many(), thresholds=(0.9, 0.9))
    assert none.decisions() == [NONE_GIVEN, NONE_GIVEN, ""]
    assert none.without_label() == 2
    assert many().decisions(0.5) == ["RBC", ABSTAIN, ""]
    assert many().abstained(0.5) == 1


def test_a_spreadsheet_holds_numbers_as_numbers_and_no_formula(tmp_path):
    import python_calamine

    names = ("=cmd|' /C calc'!A0", "백혈구.png", "c.png")
    write_table(table(paths=names), tmp_path / "out.xlsx")
    found = python_calamine.CalamineWorkbook.from_path(tmp_path / "out.xlsx").get_sheet_by_index(0).to_python()
    write_table(table(paths=names), tmp_path / "out.csv")
    expected = read(tmp_path / "out.csv")
    assert found[0] == expected[0]
    assert [row[0] for row in found[1:]] == ["'" + names[0], *names[1:]]
    assert [row[2] for row in found[1:] if row[2] != ""] == [float(row[2]) for row in expected[1:] if row[2]]


def test_parquet_holds_the_same_columns(tmp_path):
    from pyarrow import parquet

    write_table(table(), tmp_path / "out.parquet")
    write_table(table(), tmp_path / "out.csv")
    found, expected = parquet.read_table(tmp_path / "out.parquet"), read(tmp_path / "out.csv")
    assert found.column_names == expected[0]
    assert [value or "" for value in found.column("path").to_pylist()] == [row[0] for row in expected[1:]]
    assert found.column("confidence").to_pylist()[0] == pytest.approx(float(expected[1][2]))


def test_a_table_longer_than_a_sheet_is_refused_as_a_spreadsheet(tmp_path, monkeypatch):
    monkeypatch.setattr("core.inference.table_files._SHEET_ROWS", 3)
    with pytest.raises(UserError) as caught:
        write_table(table(), tmp_path / "out.xlsx")
    assert caught.value.code == "table_too_long"
    assert list(tmp_path.iterdir()) == []
