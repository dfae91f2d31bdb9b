from __future__ import annotations

from pathlib import Path

from desktop_app.dropped import sources_of


def test_one_thing_is_one_source():
    assert sources_of(["/data/cells"]) == [(Path("/data/cells"), ())]
    assert sources_of(["s3://bucket/cells"]) == [("s3://bucket/cells", ())]


def test_what_lies_together_is_its_folder_with_only_that_in_it():
    assert sources_of(["/data/RBC/", "/data/WBC"]) == [(Path("/data"), ("RBC", "WBC"))]


def test_archives_and_what_lies_apart_come_one_after_the_other():
    given = ["/a/x", "/b/one.png", "/b/two.png", "/a/y.ZIP", "https://host/z"]
    assert sources_of(given) == [
        (Path("/a/x"), ()),
        (Path("/b"), ("one.png", "two.png")),
        (Path("/a/y.ZIP"), ()),
        ("https://host/z", ()),
    ]
