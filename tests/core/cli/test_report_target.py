"""A report that cannot be written is refused before anything is checked."""

import pytest

from core.cli.main import main
from core.cli.report_target import report_writer
from core.errors import UserError
from core.store.project import Project


@pytest.mark.parametrize("name", ["folder", "file.txt/r.html", "file.txt/deep/r.html"])
def test_what_is_no_file_is_refused(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(UserError) as caught:
        report_writer(tmp_path / name, {})
    assert caught.value.code == "path_not_a_file"


def test_without_qt_no_web_page_is_called_a_pdf(tmp_path):
    with Project.create(tmp_path / "cells.coverslip"):
        pass
    code = main(["check", str(tmp_path / "cells.coverslip"), "--report", str(tmp_path / "r.pdf")])
    assert code == 1
    assert not (tmp_path / "r.pdf").exists()


def test_a_folder_that_is_not_there_is_made(tmp_path):
    report_writer(tmp_path / "lab book" / "r.html", {})
    assert (tmp_path / "lab book").is_dir()


def test_no_kind_at_all_is_wrong_usage(tmp_path):
    assert main(["check", str(tmp_path), "--kinds", ","]) == 2


def test_a_report_replaces_neither_an_image_nor_the_project(tmp_path):
    with Project.create(tmp_path / "cells.coverslip"):
        pass
    image = tmp_path / "cell.png"
    image.write_bytes(b"an image")
    database = (tmp_path / "cells.coverslip" / "project.db").read_bytes()
    for path in (image, tmp_path / "report.docx", tmp_path / "cells.coverslip" / "project.db"):
        assert main(["check", str(tmp_path / "cells.coverslip"), "--list-only", "--report", str(path)]) == 1
    assert main(["check", str(tmp_path / "cells.coverslip"), "--report", str(tmp_path / "cells.coverslip/r.html")]) == 1
    assert image.read_bytes() == b"an image"
    assert (tmp_path / "cells.coverslip" / "project.db").read_bytes() == database
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cell.png", "cells.coverslip"]
