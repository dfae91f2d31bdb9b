import json

import pytest

from core.cli.main import main
from tests.support.pictures import png_bytes


@pytest.fixture
def run(capsys):
    def call(*argv):
        code = main([str(word) for word in argv])
        return code, capsys.readouterr().out

    return call


def test_images_that_moved_are_found_from_the_command_line(run, tmp_path):
    (tmp_path / "old" / "WBC").mkdir(parents=True)
    (tmp_path / "old" / "WBC" / "a.png").write_bytes(png_bytes())
    assert run("new", tmp_path / "p")[0] == run("import", tmp_path / "p", tmp_path / "old")[0] == 0
    (tmp_path / "old").rename(tmp_path / "new")
    code, out = run("relink", tmp_path / "p", "--json")
    assert (code, json.loads(out)["missing"]) == (0, 1)
    code, out = run("relink", tmp_path / "p", tmp_path / "new")
    assert code == 0 and "1 images are there, 0 are missing; 1 came back." in out
    code, out = run("relink", tmp_path / "p", tmp_path / "nowhere", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "source_missing")
