"""What is printed where the console is not Unicode, and when the user stops the program at its very start."""

import json
import os
import signal
import subprocess
import sys

import pytest
from PIL import Image

import core.cli.main
import desktop_app.__main__
from core.cli.main import main
from core.store.labels import add_label
from core.store.project import Project

CANCELLED = "Cancelled. What was finished before is kept."


def coverslip(*argv, encoding):
    return subprocess.run(
        [sys.executable, "-m", "desktop_app", *argv],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_json_is_utf_8_on_every_console(tmp_path):
    with Project.create(tmp_path / "p") as project:
        add_label(project, "세포")
    done = coverslip("info", str(tmp_path / "p"), "--json", encoding="cp1252")
    assert done.returncode == 0, done.stderr
    assert list(json.loads(done.stdout.decode("utf-8"))["labels"]) == ["세포"]


def test_help_is_printed_on_an_ascii_console():
    done = coverslip("--help", encoding="ascii")
    assert done.returncode == 0, done.stderr
    assert b"\\u201ccoverslip COMMAND --help\\u201d" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps file names that are not Unicode")
def test_a_name_that_is_not_unicode_can_be_printed(tmp_path):
    done = coverslip("new", os.fsencode(tmp_path) + b"/x\xff", encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert b"x\\udcff.coverslip" in done.stdout


def test_ctrl_c_before_the_command_ends_quietly(monkeypatch, capsys):
    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setattr(core.cli.main, "load_settings", stopped)
    assert main(["info", "p"]) == 130
    assert desktop_app.__main__.main(["info", "p"]) == 130
    assert capsys.readouterr() == ("", "")
    assert main(["info", "p", "--json"]) == 130
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "cancelled"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize("as_json", [True, False])
def test_ctrl_c_is_answered_as_an_error_is(tmp_path, as_json):
    Project.create(tmp_path / "p").close()
    (tmp_path / "images").mkdir()
    image = Image.new("L", (4, 4))
    for name in range(3_000):
        image.save(tmp_path / "images" / f"{name}.bmp")
    command = [
        sys.executable,
        "-m",
        "desktop_app",
        "import",
        str(tmp_path / "p"),
        str(tmp_path / "images"),
        "--language=en",
    ]
    with subprocess.Popen(
        [*command, "--json"] if as_json else command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        said = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, said + err
    if as_json:
        (line,) = out.splitlines()
        assert json.loads(line) == {"error": {"code": "cancelled", "message": CANCELLED}}
    else:
        assert out == ""
        assert err.splitlines()[-1] == CANCELLED
