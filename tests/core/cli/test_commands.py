"""The command line as a contract: what a script can count on."""

import json
import os

import numpy as np
import pytest
from PIL import Image

from core.cli.commands import COMMANDS
from core.cli.main import main
from core.store.project import Project


@pytest.fixture
def images(tmp_path):
    rng = np.random.default_rng(0)
    for label in ("RBC", "WBC"):
        for i in range(6):
            path = tmp_path / "images" / label / f"slide{i % 3}_{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (8, 9, 3), dtype=np.uint8)).save(path)
    return tmp_path / "images"


@pytest.fixture
def run(capsys):
    """Run a command with --json and return its exit code and object."""

    def call(*argv):
        code = main([str(word) for word in argv] + ["--json"])
        out = capsys.readouterr().out
        return code, json.loads(out) if out else None

    return call


@pytest.fixture
def project(tmp_path, images, run):
    path = tmp_path / "cells.coverslip"
    assert run("new", path)[0] == 0
    code, report = run("import", path, images, "--group", r"pattern:(slide\d+)_")
    assert code == 0, report
    return path


def test_help_lists_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(spec.name in text for spec in COMMANDS)


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.name)
def test_every_command_explains_itself(spec, capsys):
    assert main([spec.name, "--help"]) == 0
    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize("argv", [[], ["dance"], ["info"], ["split", "p", "--seed", "x"], ["label", "p", "--set", "A"]])
def test_wrong_usage_exits_with_2(argv, capsys):
    assert main(argv) == 2
    assert "usage" in capsys.readouterr().err


def test_a_user_error_exits_with_1_and_one_line(tmp_path, capsys):
    assert main(["info", str(tmp_path / "nowhere")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert "nowhere" in captured.err


def test_a_user_error_is_an_object_with_json(tmp_path, run):
    code, data = run("info", tmp_path / "nowhere")
    assert code == 1
    assert data["error"]["code"] == "project_missing"
    assert "nowhere" in data["error"]["message"]


def test_a_preview_tells_what_would_come_in_and_adds_nothing(tmp_path, project, images, run):
    (images / "RBC" / "new.png").write_bytes(b"no picture")
    code, data = run("import", project, images, "--preview")
    assert code == 0
    assert (data["format"], data["would_add"], data["known"], data["checked"]) == ("folders", 1, 12, 1)
    assert data["counts"]["labels"] == {"RBC": 1}, "only of what would come in"
    assert data["unreadable"][0]["path"] == "RBC/new.png"
    assert run("info", project)[1]["samples"] == 12


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--format", "x"], "format_unknown"),
        (["--column", "size=x"], "column_rule_invalid"),
        (["--every", "0"], "option_out_of_range"),
        (["--margin", "nan"], "option_out_of_range"),
    ],
)
def test_an_import_that_makes_no_sense_is_refused(project, images, run, words, code):
    assert run("import", project, images, *words)[1]["error"]["code"] == code


def test_import_tells_what_came_in(tmp_path, images, run):
    (images / "RBC" / "broken.jpg").write_bytes(b"no picture")
    run("new", tmp_path / "p")
    code, data = run("import", tmp_path / "p", images, "--group", r"pattern:(slide\d+)_")
    assert code == 0
    assert (data["added"], data["known"], data["groups"]) == (13, 0, 3)
    assert [item["path"] for item in data["unreadable"]] == ["RBC/broken.jpg"]
    assert data["unreadable"][0]["reason"]
    again = run("import", tmp_path / "p", images, "--group", r"pattern:(slide\d+)_")[1]
    assert (again["added"], again["known"]) == (0, 13)


def test_info_counts(project, run):
    code, data = run("info", project)
    assert code == 0
    assert data["samples"] == 12
    assert data["labels"] == {"RBC": 6, "WBC": 6}
    assert data["splits"] == {"none": 12, "train": 0, "val": 0, "test": 0}
    assert data["groups"] == 3
    assert data["runs"] == []


def test_split_keeps_groups_whole(project, run):
    code, data = run("split", project, "--ratios", "50/25/25", "--seed", "3")
    assert code == 0
    assert data["train"] + data["val"] + data["test"] == 12
    assert data["groups_straddling"] == 0


def test_labels_are_set_undone_redone_and_listed(project, run):
    assert run("label", project, "--set", "Other", "--query", "name:*_0.png")[1]["changed"] == 2
    assert run("info", project)[1]["labels"]["Other"] == 2
    assert run("undo", project)[1]["changed"] == 2
    assert "Other" not in run("info", project)[1]["labels"]
    assert run("redo", project)[1]["changed"] == 2
    assert run("label", project, "--clear", "--ids", "1")[1]["changed"] == 1
    kinds = [edit["kind"] for edit in run("history", project)[1]["edits"]]
    assert kinds == ["unlabel", "label", "import"]


def test_a_query_that_is_not_understood_changes_nothing(project, run):
    code, data = run("label", project, "--set", "X", "--query", "split:lunch")
    assert (code, data["error"]["code"]) == (1, "query_invalid")
    assert "X" not in run("info", project)[1]["labels"]


def test_reading_commands_work_while_the_window_has_the_project(project, run):
    with Project.open(project):
        assert run("info", project)[0] == 0
        code, data = run("undo", project)
        assert (code, data["error"]["code"]) == (1, "project_in_use")


def test_a_project_cannot_be_made_twice(project, run):
    assert run("new", project)[1]["error"]["code"] == "project_exists"


def test_the_texts_come_in_the_language_asked_for(tmp_path, capsys):
    main(["info", str(tmp_path / "nowhere"), "--language", "en"])
    assert "There is no project" in capsys.readouterr().err


def test_backbones_are_listed_with_where_their_weights_are(run):
    rows = {row["name"]: row for row in run("backbones")[1]["backbones"]}
    assert rows["efficientnet_lite0"]["weights"] == "bundled"
    assert rows["mobilenet_v2"]["weights"] == "bundled"
    assert rows["resnet18"]["weights"] == "absent"


def test_only_precisions_that_exist_are_offered(project, tmp_path, capsys):
    assert main(["export", str(project), "1", str(tmp_path / "kit"), "--precision", "int8"]) == 2
    assert "fp16" in capsys.readouterr().err


def test_import_tells_of_groups_that_straddle_the_splits(project, images, run, capsys):
    run("split", project)
    again = ("import", project, images, "--group", r"pattern:(slide\d+)_")
    assert run(*again)[1]["groups_straddling"] == 0
    with Project.open(project) as opened, opened.db.write() as connection:
        connection.execute("UPDATE sample SET split = 1 + id % 2")
    assert run(*again)[1]["groups_straddling"] > 0
    assert main([str(word) for word in again]) == 0
    assert "Run “coverslip split”" in "".join(capsys.readouterr())


@pytest.mark.parametrize("settings", [("--set", "epochs=3"), ("--backbone", "resnet18"), ("--config", "own.toml")])
def test_a_resumed_run_takes_no_settings(project, run, settings):
    code, answer = run("train", project, "--resume", "1", *settings)
    assert code == 1
    assert "resume_keeps_settings" in str(answer)


def test_info_lists_the_images_of_a_query_with_the_ids_that_label_takes(project, run, capsys):
    assert "matches" not in run("info", project)[1]
    matches = run("info", project, "--query", "label:WBC name:slide1*")[1]["matches"]
    assert [match["path"] for match in matches] == ["WBC/slide1_1.png", "WBC/slide1_4.png"]
    assert {key: matches[0][key] for key in ("label", "group", "split")} == {
        "label": "WBC",
        "group": "slide1",
        "split": matches[0]["split"],
    }
    assert run("label", project, "--set", "RBC", "--ids", ",".join(str(match["id"]) for match in matches))[0] == 0
    assert run("info", project, "--query", "label:WBC name:slide1*")[1]["matches"] == []
    assert len(run("info", project, "--query", "", "--limit", "5")[1]["matches"]) == 5
    assert main(["info", str(project), "--query", "label:RBC"]) == 0
    assert "RBC/slide0_0.png" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [("--sort-into", "images/sorted", "sort_inside_source"), ("--threshold", "1.5", "threshold_invalid")],
)
def test_what_predict_cannot_do_is_refused_before_anything_is_written(
    tmp_path, images, run, built_kit, option, value, error
):
    value = tmp_path / value if option == "--sort-into" else value
    code, data = run("predict", built_kit, images, "--out", tmp_path / "out.csv", option, value)
    assert (code, data["error"]["code"]) == (1, error)
    assert not (tmp_path / "out.csv").exists()
    assert not (images / "sorted").exists()


def test_labels_are_made_nested_merged_and_listed(project, run):
    for words in (("--add", "Odd"), ("--parent", "Odd", "RBC"), ("--rename", "Odd", "Even"), ("--order", "Even")):
        assert run("labels", project, *words)[0] == 0
    listed = run("labels", project)[1]["labels"]
    assert (listed[0]["name"], listed[0]["parent"]) == ("Even", "RBC")
    total = sum(row["images"] for row in listed)
    assert run("labels", project, "--merge", "RBC", "--into", "Even")[0] == 0
    listed = run("labels", project)[1]["labels"]
    assert "RBC" not in [row["name"] for row in listed]
    assert sum(row["images"] for row in listed) == total
    assert run("labels", project, "--merge", "Nobody", "--into", "Even")[1]["error"]["code"] == "label_missing"


def test_images_are_tagged_marked_and_pinned(project, run):
    assert run("tag", project, "blurred", "--ids", "1,2")[1]["changed"] == 2
    assert run("tag", project, "blurred", "--off", "--ids", "2")[1]["changed"] == 1
    assert run("mark", project, "uncertain", "--reason", "overlaps", "--query", "tag:blurred")[1]["changed"] == 1
    assert run("pin", project, "test", "--query", "reason:overlaps")[1]["changed"] >= 1
    assert run("history", project, "--sample", "1")[1]["edits"][0]["kind"] == "pin"


def test_images_are_excluded_and_taken_in_again(project, run):
    assert run("exclude", project, "--ids", "1,2")[1]["changed"] == 2
    assert run("info", project)[1]["excluded"] == 2
    assert run("exclude", project, "--include", "--query", "is:excluded")[1]["changed"] == 2
    assert run("info", project)[1]["excluded"] == 0
    assert [edit["kind"] for edit in run("history", project)[1]["edits"][:2]] == ["include", "exclude"]


def test_a_label_gets_another_colour(project, run):
    assert run("labels", project, "--colour", "RBC", "#12abEF")[0] == 0
    assert {row["name"]: row["colour"] for row in run("labels", project)[1]["labels"]}["RBC"] == "#12ABEF"
    assert run("labels", project, "--colour", "RBC", "red")[1]["error"]["code"] == "label_colour_invalid"


def test_views_are_kept_renamed_and_forgotten(project, run):
    assert run("views", project, "--save", "Odd ones", "label:RBC -is:pinned")[0] == 0
    assert run("views", project)[1]["views"] == [{"name": "Odd ones", "query": "label:RBC -is:pinned"}]
    assert run("views", project, "--rename", "Odd ones", "Odd")[1]["views"][0]["name"] == "Odd"
    assert run("views", project, "--save", "Bad", "nothing:like:that")[1]["error"]["code"] == "query_invalid"
    assert run("views", project, "--remove", "Odd")[1]["views"] == []


def test_many_labels_an_image_are_given_one_by_one(project, run):
    assert run("label", project, "--add", "Odd", "--ids", "1")[1]["error"]["code"] == "task_single"
    assert run("task", project, "multi")[1] == {"task": "multi"}
    assert run("label", project, "--add", "Odd", "--ids", "1")[1]["changed"] == 1
    assert run("label", project, "--remove", "Odd", "--ids", "1")[1]["changed"] == 1
    assert run("label", project, "--none", "--ids", "2")[1]["changed"] == 1
    assert run("task", project, "single")[1]["error"]["code"] == "task_has_many"
    assert run("task", project)[1] == {"task": "multi"}


def test_the_ledger_is_proved_compared_written_and_taken_back_in_part(project, run, tmp_path):
    assert run("label", project, "--set", "Other", "--ids", "1,2")[1]["changed"] == 2
    edit = run("history", project)[1]["edits"][0]["id"]
    run("label", project, "--set", "Last", "--ids", "2")
    assert run("history", project, "--check")[1]["ok"] is True
    assert len(run("history", project, "--diff")[1]["differences"]) == 2
    assert run("history", project, "--csv", tmp_path / "h.csv")[1]["rows"] == 4
    assert [c["id"] for c in run("revert", project, str(edit), "--dry-run")[1]["conflicts"]] == [2]
    assert run("revert", project, str(edit))[1]["changed"] == 1
    assert run("revert", project, "999")[1]["error"]["code"] == "edit_missing"
    assert run("history", project, "--since", "soon")[1]["error"]["code"] == "moment_invalid"


def test_splitting_again_moves_nothing_unless_other_ratios_are_asked_for(project, run):
    first = run("split", project, "--ratios", "34/33/33", "--seed", "5")[1]
    assert run("split", project)[1] == first
    assert len(run("history", project)[1]["edits"]) == 2  # the import, and the one split
    assert run("split", project, "--ratios", "100/0/0")[1]["train"] == 12


def test_info_tells_several_labels_none_and_unknown_apart(project, run, capsys):
    run("task", project, "multi")
    run("label", project, "--add", "Odd", "--ids", "1")
    run("label", project, "--none", "--ids", "2")
    run("label", project, "--clear", "--ids", "3")
    matches = run("info", project, "--query", "id:1,2,3")[1]["matches"]
    assert [match["labels"] for match in matches] == [["RBC", "Odd"], [], None]
    assert [match["label"] for match in matches] == ["RBC;Odd", "(none)", None]
    assert main(["info", str(project), "--query", "id:1"]) == 0
    assert "RBC;Odd" in capsys.readouterr().out


def test_info_counts_what_takes_no_part_in_training_apart(project, run, capsys):
    run("mark", project, "ungradable", "--reason", "dark", "--ids", "1,2")
    data = run("info", project)[1]
    assert (data["states"], data["missing"]) == ({"uncertain": 0, "ungradable": 2}, 0)
    assert (data["usable"], sum(data["splits"].values())) == (10, 12)
    assert main(["info", str(project)]) == 0
    assert "ungradable 2" in capsys.readouterr().out
    match = run("info", project, "--query", "state:ungradable")[1]["matches"][0]
    assert (match["state"], match["reason"], match["tags"]) == ("ungradable", "dark", [])


def test_the_ledger_says_that_it_was_the_command_line(project, run):
    for argv in (
        ("labels", project, "--add", "PLT"),
        ("labels", project, "--rename", "PLT", "Platelet"),
        ("labels", project, "--key", "Platelet", "p"),
        ("labels", project, "--parent", "Platelet", "WBC"),
        ("labels", project, "--order", "WBC"),
        ("labels", project, "--merge", "Platelet", "--into", "RBC"),
        ("task", project, "multi"),
    ):
        assert run(*argv)[0] == 0
    assert run("undo", project)[0] == run("redo", project)[0] == 0
    made = run("history", project)[1]["entries"]
    assert [entry["tool"] for entry in made] == ["cli"] * 9 + ["import"]


@pytest.mark.parametrize("ids", ["9" * 23, f"1,{2**63}", "-1", "1,x"])
def test_ids_that_no_project_can_hold_are_refused(project, run, ids):
    assert run("label", project, "--set", "RBC", f"--ids={ids}")[0] == 2
    assert run("reading", project, "new", "--name", "n", "--reader", "r", f"--ids={ids}")[0] == 2
    code, report = run("info", project, "--query", f"id:{ids}")
    assert code == 1 and report["error"]["code"] == "query_invalid"


def test_ids_that_are_not_there_are_refused_and_found_by_no_query(project, run):
    assert run("label", project, "--set", "RBC", "--ids", str(2**63 - 1))[0] == 1
    assert run("info", project, "--query", f"id:{2**63 - 1}")[1]["matches"] == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_what_is_no_file_stays_what_it_is(project, run, tmp_path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for argv in (
        ("history", project, "--csv", pipe),
        ("check", project, "--report", pipe),
    ):
        code, report = run(*argv)
        assert (code, report["error"]["code"]) == (1, "path_not_a_file"), argv
    assert pipe.is_fifo()


def test_a_query_may_begin_with_a_minus(project, run):
    def found(query, *, joined=False):
        words = [f"--query={query}"] if joined else ["--query", query]
        return [match["id"] for match in run("info", project, *words)[1]["matches"]]

    every = found("is:any")
    assert found("-label:RBC") == found("-label:RBC", joined=True) == found("label:WBC")
    assert found("-size:<9") == every and found("-size:9") == []
    assert found(f"-id:{every[0]}") == every[1:] and found("-id:none") == every
    assert found("-date:2001") == every and found("-date:>2001") == []
    assert found("-conf:>0.5") == every
    assert run("tag", project, "seen", "--query", "-label:RBC")[1]["changed"] == 6


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("run:99", "run_missing"),
        ("label:Lymphocyte", "label_missing"),
        ("-pred:Lymphocyte", "label_missing"),
        ("finding:bluriness", "query_invalid"),
        ("-run:1", "query_invalid"),
    ],
)
def test_what_a_query_names_must_be_there(project, run, query, code):
    for argv in (("info", project), ("tag", project, "seen"), ("dataset", project, project.parent / "out")):
        failed, report = run(*argv, "--query", query)
        assert (failed, report["error"]["code"]) == (1, code)


def test_labels_are_found_in_any_case_where_none_is_called_exactly_so(project, run):
    def found(query):
        return len(run("info", project, "--query", query)[1]["matches"])

    assert found("label:rbc") == found("-label:wbc") == 6
    assert run("label", project, "--set", "rbc", "--ids", "1")[0] == 0
    assert (found("label:rbc"), found("label:RBC"), found("label:Rbc")) == (1, 5, 6)
