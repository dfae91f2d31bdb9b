"""Tables as people save them: without a header, with names in another case, with columns that say “uncertain”."""

from __future__ import annotations

import pytest

from core.errors import UserError
from core.ingest import csv_table
from core.ingest.importer import preview_source
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from tests.support.pictures import png_bytes


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    root.mkdir()
    for number in range(6):
        (root / f"i{number}.png").write_bytes(png_bytes())
    return root


def seen(folder, table, rule="auto", format="auto"):
    (folder / "labels.csv").write_text(table)
    return preview_source(None, folder, labels=parse_label_rule(rule), format=format, progress=Progress(), check=0)


@pytest.mark.parametrize("rule", ["auto", "csv:labels.csv"])
def test_names_in_another_case_are_found(folder, rule):
    table = "file,label\n" + "".join(f"I{n}.PNG,{'ab'[n % 2]}\n" for n in range(6))
    assert seen(folder, table, rule).labels == {"a": 3, "b": 3}


@pytest.mark.parametrize("rule", ["auto", "csv:labels.csv"])
def test_a_table_without_a_header_has_its_first_row_counted(folder, rule):
    table = "".join(f"i{n}.png,{'ab'[n % 2]}\n" for n in range(6))
    assert seen(folder, table, rule).labels == {"a": 3, "b": 3}


def test_uncertain_labels_are_not_given_and_told(folder):
    rows = "i0.png,1.0,0.0\ni1.png,-1.0,1.0\ni2.png,,1.0\ni3.png,1.0,1.0\ni4.png,0.0,\ni5.png,0.0,-1.0\n"
    told = seen(folder, "Path,Edema,Effusion\n" + rows)
    assert (told.format, told.labels, told.unlabelled) == ("table", {"Edema": 2, "Effusion": 3}, 2)
    assert "2 cells say -1" in told.notes[0]


def test_a_table_without_a_label_is_told(folder):
    told = seen(folder, "file,patient\n" + "".join(f"i{n}.png,p{n}\n" for n in range(6)))
    assert told.group_count == 6
    assert "no label" in told.notes[0]


def test_a_table_whose_names_are_not_there_says_so_with_an_example(folder):
    with pytest.raises(UserError) as caught:
        seen(folder, "file,label\nx0.png,a\nx1.png,b\n", format="table")
    assert caught.value.code == "table_none_found"
    assert "x0.png" in caught.value.message


@pytest.mark.parametrize(("names", "refused"), [(1, True), (6, False)])
def test_a_table_that_names_a_few_images_over_and_over_is_refused(folder, monkeypatch, names, refused):
    monkeypatch.setattr(csv_table, "_MANY_ROWS", 300)
    monkeypatch.setattr(csv_table, "_ROWS_OF_ONE", 100)
    table = "file,label\n" + "".join(f"i{n % names}.png,a\n" for n in range(600))
    if refused:
        with pytest.raises(UserError) as caught:
            seen(folder, table, format="table")
        assert caught.value.code == "table_unreadable"
    else:
        assert seen(folder, table, format="table").labels == {"a": 6}
