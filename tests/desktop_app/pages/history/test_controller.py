"""The History page without its widgets: what is listed, what an entry changed, and what is made of it."""

import csv
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from core.domain.edits import EditKind
from core.store.edits import set_label, undo
from core.store.history import entries
from desktop_app.pages.history.asked import EVERYTHING, Asked
from desktop_app.pages.history.controller import View
from desktop_app.pages.history.listing import by_day
from desktop_app.pages.history.words import day_words, state_words, tool_words, what_words


def listed(controller):
    """Return the entries listed, newest first."""
    rows = controller.listing.rows
    return [controller.entry_at(row) for row in range(len(rows)) if rows[row] > 0]


def ask(controller, settle, **changes):
    controller.change(**changes)
    settle()
    return [(entry.action, str(entry.edit.kind)) for entry in listed(controller)]


def first_label(controller):
    return next(entry for entry in listed(controller) if entry.edit.kind is EditKind.LABEL and entry.edit.count == 3)


def test_everything_is_listed_newest_first_under_its_days(controller):
    assert [(entry.action, str(entry.edit.kind)) for entry in listed(controller)] == [
        ("undo", "exclude"), ("edit", "exclude"), ("edit", "tag"), ("edit", "label"), ("edit", "label"),
        ("edit", "import"),
    ]  # fmt: skip
    assert controller.listing.day_rows() == [0]
    assert controller.status() == "6 entries"


def test_days_stand_before_the_entries_of_each():
    noon = datetime.now().astimezone().replace(hour=12)
    moments = [(noon - timedelta(days=away)).astimezone(UTC).isoformat(timespec="milliseconds") for away in (0, 0, 1)]
    rows, days = by_day(list(zip((3, 2, 1), moments, strict=True)))
    assert rows.tolist() == [-1, 3, 2, -2, 1]
    assert [day_words(day) for day in days] == ["Today", "Yesterday"]


def test_filters_narrow_the_list_and_what_the_other_filters_offer(controller, settle):
    assert ask(controller, settle, tools=("cli",)) == [("edit", "tag")]
    assert controller.listing.choices.kinds == {"tag": 1}
    assert set(controller.listing.choices.tools) == {"hand", "suggestion", "cli", "import"}
    assert controller.status() == "1 of 6 entries"


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"kinds": ("labels",)}, 2),
        ({"kinds": ("exclusion", "tags")}, 3),
        ({"label": "Platelets"}, 1),
        ({"text": "platel"}, 1),
        ({"text": "tag "}, 1),
        ({"text": "nothing of this"}, 0),
        ({"sample": 3, "sample_name": "2.png"}, 2),
        ({"since": "2001-01-01", "until": "2001-12-31"}, 0),
        ({"since": "2001-01-01"}, 6),
    ],
)
def test_each_filter_lets_through_what_it_says(controller, settle, asked, count):
    assert len(ask(controller, settle, **asked)) == count


def test_part_of_a_seal_finds_its_entry(controller, settle):
    entry = listed(controller)[2]
    ask(controller, settle, text=entry.hash[:12])
    assert listed(controller) == [entry]


def test_a_day_that_is_none_is_told_and_the_list_stays(controller, settle):
    before = controller.listing
    controller.change(since="yesterday")
    assert "yesterday" in controller.problem
    assert controller.listing is before


def test_the_last_days_include_today():
    now = datetime(2026, 3, 10, 9).astimezone()
    assert EVERYTHING.of_days("today", now).since == "2026-03-10"
    assert EVERYTHING.of_days("week", now).since == "2026-03-04"
    assert Asked(since="2026-03-04").days_words() == "2026-03-04 – …"


def test_an_entry_says_what_it_changed_and_what_is_different_now(controller, settle):
    controller.choose(first_label(controller))
    settle()
    lines = controller.detail.shown.items
    assert [(line.name, line.after) for line in lines] == [("0.png", "WBC"), ("2.png", "WBC"), ("4.png", "WBC")]
    assert [line.now for line in lines] == ["", "", "Platelets"]
    assert lines[0].change == "label: RBC → WBC"


def test_an_undo_tells_the_change_the_other_way(controller, settle):
    controller.choose(listed(controller)[0])
    settle()
    [line] = controller.detail.shown.items
    assert (line.before, line.after) == ("yes", "no")
    assert what_words(controller.chosen) == "Undo: exclude 1 image"


def test_tools_and_states_are_said_in_words(controller):
    assert [tool_words(tool) for tool in ("hand", "cli", "robot")] == ["by hand", "command line", "robot"]
    assert state_words(listed(controller)[1].edit, None) == "undone"
    assert state_words(listed(controller)[3].edit, 9) == "taken back by 9"


def test_taking_an_edit_back_leaves_what_was_changed_since_and_says_by_what(controller, context, settle):
    entry = first_label(controller)
    controller.taking_back.prepare(entry.edit)
    controller.open(View.TAKE_BACK)
    settle()
    plan = controller.taking_back.plan
    assert (plan.images, plan.staying, plan.staying_samples) == (2, 1, (3,))
    assert plan.stays[0].why.startswith(f"edit {listed(controller)[3].edit.id}: label 1 image as Platelets")
    messages = []
    context.message.connect(messages.append)
    controller.taking_back.confirm()
    settle()
    assert messages == ["Taken back for 2 images. 1 later change stays. Ctrl+Z undoes that."]
    assert controller.view is View.LIST
    assert listed(controller)[0].edit.kind is EditKind.REVERT
    assert controller.listing.taken_back[entry.edit.id] == listed(controller)[0].edit.id
    context.undo()
    settle()
    assert controller.listing.taken_back == {}


def test_a_preview_follows_what_is_edited_meanwhile(controller, context, settle):
    controller.taking_back.prepare(first_label(controller).edit)
    settle()
    context.edit(lambda project: set_label(project, [1, 2], "Platelets"))
    settle()
    assert not controller.taking_back.plan.possible


def test_an_import_cannot_be_taken_back(controller, settle):
    controller.taking_back.prepare(listed(controller)[-1].edit)
    settle()
    assert "cannot be taken back alone" in controller.taking_back.problem


def test_new_edits_are_listed_while_the_page_is_looked_at_and_when_it_is_again(controller, context, settle):
    context.edit(lambda project: set_label(project, [8], "RBC"))
    settle()
    assert controller.listing.count == 7
    controller.set_shown(False)
    context.edit(undo)
    settle()
    assert controller.listing.count == 7
    controller.set_shown(True)
    settle()
    assert controller.listing.count == 8


def test_two_days_are_compared_by_field(controller, settle, tmp_path):
    today = f"{datetime.now().astimezone():%Y-%m-%d}"
    controller.comparison.compare(today, today)
    settle()
    found = controller.comparison.compared
    assert [(one.words, one.count) for one in found.fields] == [("label", 3), ("tag: blurred", 1)]
    controller.comparison.choose_field("label_id")
    settle()
    assert [(line.name, line.after) for line in controller.comparison.compared.lines] == [
        ("0.png", "WBC"), ("2.png", "WBC"), ("4.png", "Platelets")
    ]  # fmt: skip
    controller.comparison.write_csv(tmp_path / "differences.csv")
    settle()
    with (tmp_path / "differences.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["after"] for row in rows] == ["WBC", "WBC", "Platelets"]


@pytest.mark.parametrize(("start", "end"), [("2024-05-02", "2024-05-01"), ("soon", "2024-05-01")])
def test_moments_that_make_no_sense_are_told(controller, start, end):
    controller.comparison.compare(start, end)
    assert controller.comparison.problem
    assert controller.comparison.compared is None


def test_the_list_is_written_as_it_is_filtered(controller, settle, tmp_path):
    ask(controller, settle, tools=("suggestion",))
    controller.write_csv(tmp_path / "history.csv")
    settle()
    with (tmp_path / "history.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["tool"] for row in csv.DictReader(file)] == ["suggestion"]


def test_the_chain_is_proven_and_its_head_told(controller, context, settle):
    controller.proof.check()
    settle()
    assert (controller.proof.result.entries, controller.proof.result.breaks) == (6, ())
    assert controller.proof.result.head == entries(context.project, limit=1)[0].hash
    context.edit(lambda project: set_label(project, [8], "RBC"))
    settle()
    assert controller.proof.outdated


def test_what_was_changed_behind_its_back_is_told_with_its_place(controller, context, settle):
    with context.project.db.write() as connection:
        connection.execute("UPDATE entry SET user = 'somebody' WHERE id = 3")
    controller.proof.check()
    settle()
    assert controller.proof.result.breaks[0].entry == 3


def test_the_images_of_an_entry_are_shown_among_the_images(controller, context, settle):
    shown = []
    context.navigated.connect(lambda page, params: shown.append((page, params["ids"].tolist())))
    controller.show_images(first_label(controller))
    settle()
    assert shown == [("images", [1, 2, 3])]


def test_entries_come_a_page_at_a_time(controller, context, settle, qtbot):
    with context.project.db.write() as connection:
        row = connection.execute("SELECT at, user, tool, action, edit_id, items, hash FROM entry LIMIT 1").fetchone()
        connection.executemany(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [(number, *row) for number in range(7, 3001)]
        )
    controller.refresh()
    settle()
    rows = controller.listing.rows
    assert (controller.listing.count, len(rows)) == (3000, 3001)
    last = int(np.flatnonzero(rows == 7)[0])
    assert controller.entry_at(last) is None
    with qtbot.waitSignal(controller.loaded):
        pass
    assert controller.entry_at(last).id == 7
