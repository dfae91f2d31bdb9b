"""The command line as a contract: what a script can count on."""

import os

import pytest

from core.cli.commands import COMMANDS
from core.cli.main import main
from core.store.project import Project


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
