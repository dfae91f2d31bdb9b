"""A check as a gate: what came in since it looked, what is gone, and what an earlier check found, counts too."""

import numpy as np
import pytest
from PIL import Image

from core.cli.main import main
from core.domain.query import SampleQuery
from core.store.edits import set_excluded, set_label
from core.store.project import Project
from core.store.samples import sample_ids

DARK, BRIGHT, BOTH = ("--kinds", "dark"), ("--kinds", "bright"), ("--kinds", "dark,bright")


@pytest.fixture
def come_in(tmp_path, images, run, project):
    """Return what adds black images to the project."""

    def add(count, label="RBC"):
        for i in range(count):
            Image.fromarray(np.zeros((8, 9, 3), np.uint8)).save(images / label / f"slide0_black{i}.png")
        assert run("import", project, images)[1]["added"] == count

    return add


def failed(run, project, *options):
    code, told = run("check", project, *options)
    assert code == bool(told["failed"])
    return told["failed"]


def test_images_that_came_in_since_break_the_limit_until_they_are_looked_at(run, project, come_in):
    assert failed(run, project, *BOTH, "--fail-on", "dark,bright") == []
    come_in(4)
    code, told = run("check", project, "--list-only", "--fail-on", "dark,bright>9")
    assert (code, told["failed"], told["unseen"]) == (1, ["dark>0", "bright>9"], 4)
    assert failed(run, project, *BRIGHT, "--fail-on", "dark") == ["dark>0"], "another kind was looked for"
    told = run("check", project, "--list-only", "--fail-on", "bright>9")[1]
    assert (told["failed"], told["unseen_by_kind"]) == ([], {"dark": 4})
    told = run("check", project, *DARK, "--fail-on", "dark>9")[1]
    assert (told["failed"], told["unseen"]) == ([], 0)


def test_images_that_are_excluded_need_not_be_looked_at_until_they_take_part_again(run, project, come_in):
    failed(run, project, *DARK)
    come_in(2)
    with Project.open(project) as opened:
        ids = sample_ids(opened, SampleQuery())
        set_excluded(opened, ids[-2:], True)
        set_excluded(opened, ids[:1], True)
        set_excluded(opened, ids[:1], False)
    assert failed(run, project, "--list-only", "--fail-on", "dark>9") == []
    failed(run, project, *DARK)
    with Project.open(project) as opened:
        set_excluded(opened, ids[-2:-1], False)
    assert failed(run, project, "--list-only", "--fail-on", "dark>9") == ["dark>9"]


def test_a_check_of_an_earlier_version_saw_what_had_been_imported_by_then(run, project, come_in):
    failed(run, project, *DARK)
    with Project.open(project) as opened, opened.db.write() as connection:
        connection.execute("UPDATE check_record SET summaries = '{}'")
    assert failed(run, project, "--list-only", "--fail-on", "dark>9") == []
    come_in(3)
    told = run("check", project, "--list-only", "--fail-on", "dark>9")[1]
    assert (told["failed"], told["unseen"]) == (["dark>9"], 3)


def test_what_is_unseen_is_said_in_words(run, project, come_in, capsys):
    failed(run, project, *DARK)
    come_in(2)
    assert main(["check", str(project), "--list-only"]) == 0
    assert "2 images came in or were labelled since" in capsys.readouterr().out


def test_images_that_are_gone_are_told_and_break_the_limit_of_unreadable_ones(run, project, images, capsys):
    for path in sorted(images.rglob("*.png"))[:5]:
        path.rename(path.with_suffix(".away"))
    code, told = run("check", project, "--kinds", "unreadable", "--fail-on", "unreadable>4,unreadable>5")
    assert (code, told["failed"], told["missing"], told["samples"]) == (1, ["unreadable>4"], 5, 7)
    assert main(["check", str(project), "--list-only", "--fail-on", "unreadable"]) == 1
    assert "5 images are missing and cannot be looked at." in capsys.readouterr().out
    for path in images.rglob("*.away"):
        path.rename(path.with_suffix(".png"))
    told = run("check", project, "--kinds", "unreadable", "--fail-on", "unreadable")[1]
    assert (told["failed"], told["missing"], told["samples"]) == ([], 0, 12), "they are back"


def test_what_an_earlier_check_found_is_listed_after_a_check_of_other_kinds(run, project, images):
    (images / "RBC" / "copy.png").write_bytes((images / "RBC" / "slide0_0.png").read_bytes())
    run("import", project, images)
    assert run("check", project, "--kinds", "exact_duplicate")[1]["counts"] == {"exact_duplicate": 1}
    told = run("check", project, *DARK)[1]
    assert (told["counts"], told["findings"]) == ({"dark": 0}, [])
    told = run("check", project, "--list-only")[1]
    assert told["counts"] == {"exact_duplicate": 1, "dark": 0}
    assert [one["kind"] for one in told["findings"]] == ["exact_duplicate"]
    assert run("check", project, "--list-only", *DARK)[1]["counts"] == {"dark": 0}


def test_a_label_that_was_given_since_was_not_judged(run, project):
    with Project.open(project) as opened:
        ids = sample_ids(opened, SampleQuery())
        set_label(opened, ids[:2], None)
    failed(run, project, "--kinds", "dark,label_suspect")
    with Project.open(project) as opened:
        set_label(opened, ids[:1], "WBC")
        set_label(opened, ids[5:6], "WBC")
    assert run("check", project, "--list-only")[1]["unseen_by_kind"] == {"label_suspect": 1}
