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


def test_images_whose_files_are_gone_stay_in_the_numbers_and_in_the_tables(run, tmp_path):
    for name in ("WBC", "RBC"):
        (tmp_path / "old" / name).mkdir(parents=True)
        for at in range(2):
            (tmp_path / "old" / name / f"{at}.png").write_bytes(png_bytes())
    project = tmp_path / "p"
    assert run("new", project)[0] == run("import", project, tmp_path / "old")[0] == 0
    (tmp_path / "old").rename(tmp_path / "away")
    assert json.loads(run("relink", project, "--json")[1])["missing"] == 4
    data = json.loads(run("info", project, "--json")[1])
    assert (data["labels"], data["missing"], data["usable"]) == ({"RBC": 2, "WBC": 2}, 4, 0)
    assert sum(data["splits"].values()) == 4
    assert [row["images"] for row in json.loads(run("labels", project, "--json")[1])["labels"]] == [2, 2]
    for name in ("csv", "parquet"):
        code, out = run("dataset", project, tmp_path / name, "--format", name, "--json")
        told = json.loads(out)
        assert (code, told["images"], told["labels"]) == (0, 0, {"RBC": 2, "WBC": 2})
        assert len(told["without_image"]) == 4 and not told["left_out"]
        assert (tmp_path / name / "coverslip.csv").read_text("utf-8-sig").count("WBC") >= 2
    assert run("new", tmp_path / "again")[0] == run("import", tmp_path / "again", tmp_path / "parquet")[0] == 0
    data = json.loads(run("info", tmp_path / "again", "--json")[1])
    assert (data["labels"], data["unreadable"]) == ({"RBC": 2, "WBC": 2}, 4)
    assert run("dataset", project, tmp_path / "folders", "--format", "folders")[0] == 1
