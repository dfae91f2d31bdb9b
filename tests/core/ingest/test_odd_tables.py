"""Tables as people save them: without a header, with names in another case, with columns that say “uncertain”."""

from __future__ import annotations

import pytest

from core.errors import UserError
from core.ingest import csv_table
from core.ingest.importer import import_source, preview_source
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from core.store.project import Project
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


def test_the_preview_of_a_changed_table_counts_only_what_would_come_in_and_tells_what_differs(folder, tmp_path):
    (folder / "i5.png").rename(tmp_path / "i5.png")
    rows = "i0.png,a,\ni1.png,a,\ni2.png,b,\ni3.png,,\ni4.png,b,\n"
    (folder / "labels.csv").write_text("file,label,group\n" + rows)
    with Project.create(tmp_path / "p") as project:
        import_source(project, folder, progress=Progress())
        (tmp_path / "i5.png").rename(folder / "i5.png")
        rows = "i0.png,b,g1\ni1.png,a,g1\ni2.png,a,g2\ni3.png,a,\ni4.png,b,\ni5.png,b,g3\n"
        (folder / "labels.csv").write_text("file,label,group\n" + rows)
        told = preview_source(project, folder, progress=Progress(), check=0)
    assert (told.images, told.known, told.would_add) == (6, 5, 1)
    assert told.labels == {"a": 1, "b": 1}, "the unlabelled one would get its label"
    assert (told.groups, told.ungrouped) == ({"g3": 1}, 0)
    assert told.notes == ("2 images that are here already have other labels than in the source; they keep their own.",)


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
