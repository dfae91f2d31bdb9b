"""The commands that change a project: what a script can count on, and that the ledger tells of it."""

import pytest


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
