from __future__ import annotations

import os

import pytest

from core.errors import Cancelled
from core.ingest.formats.spec import ImportOptions
from core.ingest.offers import AUTO, open_source, plans
from core.progress import CancelToken, Progress
from tests.support.pictures import png_bytes


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")


def found(root):
    return [file.path for file in open_source(None, root, Progress()).files.images]


def test_images_are_found_in_the_same_order_everywhere(tmp_path):
    touch(tmp_path, "b/2.png", "b/10.JPG", "a.tiff", "B/1.gif", "c/d/e/f.webp", "c.bmp")
    assert found(tmp_path) == ["B/1.gif", "a.tiff", "b/10.JPG", "b/2.png", "c.bmp", "c/d/e/f.webp"]


def test_hidden_files_other_files_and_projects_are_passed_over(tmp_path):
    touch(tmp_path, ".hidden.png", "._a.png", ".git/a.png", "notes.txt", "png", "Thumbs.db", "p.coverslip/cache/a.png")
    touch(tmp_path, "good.png", "folder.png/inside.png")
    assert found(tmp_path) == ["folder.png/inside.png", "good.png"]


def test_links_never_lead_out_or_around(tmp_path):
    root = tmp_path / "root"
    touch(root, "a/1.png")
    touch(tmp_path, "outside/2.png")
    (root / "loop").symlink_to(root)
    (root / "a" / "up").symlink_to("..")
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "out.png").symlink_to(tmp_path / "outside" / "2.png")
    (root / "in.png").symlink_to("a/1.png")
    (root / "self.png").symlink_to("self.png")
    (root / "nowhere.png").symlink_to("gone.png")
    listing = open_source(None, root, Progress())
    assert [file.path for file in listing.files.images] == ["a/1.png", "in.png", "nowhere.png", "self.png"]
    assert listing.skipped == [
        ("a/up", "folder_linked"),
        ("loop", "folder_linked"),
        ("out", "folder_linked"),
        ("out.png", "image_outside"),
    ]


@pytest.mark.skipif(os.name != "posix", reason="names are Unicode there")
def test_names_that_are_no_unicode_are_told_and_left_out(tmp_path):
    with open(os.fsencode(tmp_path) + b"/caf\xe9.png", "wb") as file:
        file.write(png_bytes())
    listing = open_source(None, tmp_path, Progress())
    assert list(listing.files) == []
    assert listing.skipped == [("caf\\xe9.png", "image_name_invalid")]


def test_looking_can_be_cancelled(tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        open_source(None, tmp_path, Progress(token=token))


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("labels.csv", "file,label\na.png,WBC\nmore/b.png,RBC\n"),
        ("labels.tsv", "file\tlabel\na.png\tWBC\nmore/b.png\tRBC\n"),
        ("metadata.jsonl", '{"file_name": "a.png", "label": "WBC"}\n{"file_name": "more/b.png", "label": "RBC"}\n'),
    ],
)
def test_a_table_alone_brings_the_images_beside_it_that_it_names(tmp_path, name, lines):
    touch(tmp_path, "a.png", "more/b.png", "unnamed.png", "other.json")
    (tmp_path / "other.csv").write_text("file,label\nunnamed.png,XXX\n")
    (tmp_path / name).write_text(lines)
    source = open_source(None, tmp_path / name, Progress())
    (plan,) = plans(source, AUTO, ImportOptions(), Progress())
    assert {entry.path: entry.labels for entry in plan.offer.entries} == {"a.png": ("WBC",), "more/b.png": ("RBC",)}


def test_a_table_that_names_no_image_beside_it_brings_none(tmp_path):
    touch(tmp_path, "a.png")
    (tmp_path / "ages.csv").write_text("patient,age\nx,40\n")
    assert found(tmp_path / "ages.csv") == []
