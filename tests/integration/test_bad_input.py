"""Bad input from the command line: one clear line, exit code 1, and nothing changed."""

import json
import shutil
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.cli.main import main
from core.errors import UserError
from core.store.migrations import check_format


@pytest.fixture
def call(capsys):
    """Run a command twice, plain and with --json, and return the error's object; both must say the same."""

    def refused(*argv):
        words = [str(word) for word in argv]
        assert main(words) == 1
        captured = capsys.readouterr()
        lines = [line for line in captured.err.splitlines() if line.startswith("coverslip:")]
        assert len(lines) == 1
        assert captured.out == ""
        assert main([*words, "--json"]) == 1
        error = json.loads(capsys.readouterr().out)["error"]
        assert lines[0] == f"coverslip: {error['message']}"
        return error

    return refused


@pytest.fixture
def ok(capsys):
    def run(*argv):
        assert main([str(word) for word in argv] + ["--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def picture(path, seed=0, size=(9, 8)):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def images(tmp_path):
    for label in "AB":
        for i in range(4):
            picture(tmp_path / "images" / label / f"s{i}.png", seed=ord(label) * 10 + i)
    return tmp_path / "images"


@pytest.fixture
def project(tmp_path, ok):
    ok("new", tmp_path / "p")
    return tmp_path / "p.coverslip"


def unchanged(project, ok):
    info = ok("info", project)
    return info["samples"] == 0 and info["labels"] == {} and ok("history", project)["edits"] == []


def test_a_folder_that_is_missing_or_holds_no_image(tmp_path, project, call, ok):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "readme.txt").write_text("no picture")
    for name in ("missing", "empty", "notes"):
        assert name in call("import", project, tmp_path / name)["message"]
    assert unchanged(project, ok)


@pytest.mark.parametrize(("pattern", "part"), [("pattern:(", "("), ("pattern:zzz_(\\d+)", "zzz_(\\d+)")])
def test_a_group_pattern_that_does_not_compile_match_or_capture(images, project, call, ok, pattern, part):
    assert part in call("import", project, images, "--group", pattern)["message"]
    assert unchanged(project, ok)


def test_a_label_pattern_that_matches_nothing(images, project, call, ok):
    assert "zzz" in call("import", project, images, "--labels", "pattern:zzz_(.*)")["message"]
    assert unchanged(project, ok)


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        ("picture,kind\nA/s0.png,A\n", ["picture"]),
        ("path,label\nA/s0.png,A\nA/nowhere.png,A\n", ["3", "nowhere.png"]),
        ("path,label\nA/s0.png,A\nA/s1.png,A\nA/s0.png,B\n", ["4", "s0.png"]),
        ("", []),
    ],
)
def test_a_table_with_errors_names_the_row(tmp_path, images, project, call, ok, table, parts):
    (tmp_path / "labels.csv").write_text(table)
    message = call("import", project, images, "--labels", f"csv:{tmp_path / 'labels.csv'}")["message"]
    assert all(part in message for part in parts)
    assert unchanged(project, ok)


def test_a_table_or_column_that_is_not_there(tmp_path, images, project, call, ok):
    (tmp_path / "labels.csv").write_text("path,label\nA/s0.png,A\n")
    assert "none.csv" in call("import", project, images, "--labels", "csv:none.csv")["message"]
    found = call("import", project, images, "--labels", f"csv:{tmp_path / 'labels.csv'}", "--group", "column:patient")
    assert "patient" in found["message"]
    assert unchanged(project, ok)


def png_header(width, height):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def test_images_that_cannot_be_read_are_recorded_and_stop_nothing(images, project, ok):
    whole = (images / "A" / "s0.png").read_bytes()
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(images / "whole.jpg", quality=95)
    jpeg = (images / "whole.jpg").read_bytes()
    (images / "whole.jpg").unlink()
    bad = {
        "empty.png": b"",
        "text.jpg": b"this is a text",
        "cut.png": whole[: len(whole) // 2],
        "cut.jpg": jpeg[: len(jpeg) // 2],
        "bomb.png": png_header(30_000, 30_000),
    }
    for name, content in bad.items():
        (images / "A" / name).write_bytes(content)
    report = ok("import", project, images)
    assert report["added"] == 8 + len(bad)
    assert {item["path"].split("/")[-1] for item in report["unreadable"]} == set(bad)
    assert all(item["reason"] for item in report["unreadable"])
    info = ok("info", project)
    assert (info["labels"], info["unreadable"]) == ({"A": 4 + len(bad), "B": 4}, len(bad))
    assert info["usable"] == 8, "they are seen in the window, and take no part in training"


def test_training_needs_two_labels_with_enough_images_each(tmp_path, images, project, call, ok):
    shutil.rmtree(images / "B")
    ok("import", project, images)
    assert "two labels" in call("train", project, "--set", "preset=quick")["message"]
    picture(images / "B" / "only.png")
    ok("import", project, images)
    assert "B" in call("train", project, "--set", "preset=quick")["message"]
    assert ok("runs", project)["runs"] == []
    picture(tmp_path / "none.png")


@pytest.mark.parametrize(
    "setting", ["preset=fast", "colour=blue", "epochs=many", "backbone=alexnet", "epochs", "learning_rate=-1"]
)
def test_a_setting_that_makes_no_sense_is_named(project, call, setting):
    assert setting.split("=")[0] in call("train", project, "--set", setting)["message"]


def test_weights_that_are_truncated_or_hostile_are_refused(tmp_path, call, ok):
    import pickle

    (tmp_path / "cut.pth").write_bytes(b"PK\x03\x04 half a zip")
    (tmp_path / "evil.pth").write_bytes(pickle.dumps(print))
    for name in ("cut.pth", "evil.pth", "missing.pth"):
        assert name in call("backbones", "--add-weights", tmp_path / name)["message"]
    assert all(row["weights"] != "cached" for row in ok("backbones")["backbones"])


def test_a_model_that_is_not_ours_is_refused(tmp_path, images, call):
    import onnx
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "other",
        [value("x", TensorProto.FLOAT, [1])],
        [value("y", TensorProto.FLOAT, [1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, tmp_path / "other.onnx")
    (tmp_path / "cut.onnx").write_bytes((tmp_path / "other.onnx").read_bytes()[:30])
    (tmp_path / "nokit").mkdir()
    for name in ("other.onnx", "cut.onnx", "missing.onnx", "nokit"):
        assert name in call("predict", tmp_path / name, images)["message"]
    assert "nokit" in call("verify", tmp_path / "nokit")["message"]


def test_a_run_that_is_not_there(tmp_path, project, call):
    assert "7" in call("export", project, "7", tmp_path / "kit")["message"]
    assert "7" in call("evaluate", project, "7")["message"]
    assert not (tmp_path / "kit").exists()
    call("evaluate", project)
    call("train", project, "--resume", "7")


@pytest.mark.parametrize("name", [".", "/", "", "..", "n" * 300])
def test_a_name_that_no_project_can_have(tmp_path, monkeypatch, call, name):
    monkeypatch.chdir(tmp_path)
    assert call("new", name)["code"] == "project_name_invalid"
    assert call("info", name)["code"] == "project_missing"
    assert list(tmp_path.iterdir()) == []


def test_a_project_inside_a_project_is_refused(project, call):
    found = call("new", project / "inner")
    assert found["code"] == "project_nested"
    assert found["outer"] == str(project)


@pytest.mark.parametrize(
    "argv",
    [
        ("split", "--seed", "9" * 80),
        ("split", "--seed", "-1"),
        ("history", "--limit", "9" * 20),
        ("evaluate", "9" * 20),
        ("train", "--resume", "9" * 20),
    ],
)
def test_a_number_that_no_project_can_hold_is_wrong_usage(project, argv, capsys):
    assert main([argv[0], str(project), *argv[1:]]) == 2
    assert "2⁶³" in capsys.readouterr().err


def test_ratios_too_large_to_add_up(project, call):
    assert call("split", project, "--ratios", "1e308/1e308/1e308")["code"] == "ratios_invalid"


def test_a_database_with_damaged_pages(images, project, call, ok):
    ok("import", project, images)
    database = project / "project.db"
    content = bytearray(database.read_bytes())
    page = int.from_bytes(content[16:18], "big")
    # The header and the schema stay whole, so that the damage is met only within a command.
    kept = next(n for n in range(1, 99) if database_opens(database, content, n * page))
    database.write_bytes(content[: kept * page] + b"\x7f" * (len(content) - kept * page))
    assert call("info", project)["code"] == "project_damaged"
    assert call("label", project, "--set", "C", "--ids", "1")["code"] == "project_damaged"


def database_opens(database, content, kept):
    database.write_bytes(content[:kept] + b"\x7f" * (len(content) - kept))
    try:
        return check_format(database, database.parent) > 0
    except UserError:
        return False
