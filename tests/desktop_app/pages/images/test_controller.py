import numpy as np
import pytest
from PIL import Image

from core.domain.changes import Changes
from core.domain.query import SampleQuery, SortKey
from core.domain.query_line import format_query
from core.ingest.importer import import_source
from core.ingest.rules import LABELS_BY_FOLDER
from core.progress import Progress
from core.store.edits import set_excluded, set_label
from core.store.ledger import history
from core.store.samples import samples_by_id


def names(controller):
    labels = controller.labels_by_id
    samples = samples_by_id(controller.context.project, controller.grid.ids)
    return [labels[s.label_id].name if s.label_id else None for s in samples]


def select(controller, *indexes):
    controller.grid.select_ids(controller.grid.ids[list(indexes)])


def test_a_project_shows_all_its_images_and_counts_them(controller):
    assert len(controller.grid) == 15
    assert controller.badge().text == "15"
    assert controller.status() == "15 images · 2 labels · 2 groups"
    assert controller.counts.labels == {"RBC": 6, "WBC": 3}


def test_images_whose_files_are_away_keep_their_place_in_the_counts(controller, context, settle):
    with context.project.db.write() as connection:
        connection.execute("UPDATE sample SET missing = 1")
    context.changed.emit(Changes(samples=True))
    settle()
    assert controller.status() == "15 images · 2 labels · 2 groups · 15 missing"
    assert [controller.totals[label.id] for label in controller.labels] == [6, 3]
    assert controller.counts.labels == {"RBC": 0, "WBC": 0}


def test_closing_the_project_leaves_nothing(controller, context, settle):
    context.close_project()
    settle()
    assert len(controller.grid) == 0
    assert controller.labels == []
    assert controller.status() == ""
    assert controller.shown_sample() is None


def test_a_label_key_labels_the_selection_where_it_stands(controller, settle):
    controller.set_query(SampleQuery(sort=SortKey.NAME, unreadable=False))
    settle()
    order = controller.grid.ids.tolist()
    unlabelled = [i for i, name in enumerate(names(controller)) if name is None][:3]
    select(controller, *unlabelled)
    controller.editing.give_label(controller.label_for_key("2").name)
    settle()
    assert controller.grid.ids.tolist() == order
    assert [names(controller)[i] for i in unlabelled] == ["WBC"] * 3
    assert controller.grid.selected_count == 3
    assert controller.counts.labels["WBC"] == 6


def test_what_a_filter_hides_stays_selected_while_the_shown_are_labelled(controller, settle):
    controller.grid.select_all()
    controller.set_line("label:WBC")
    settle()
    hidden = set(controller.grid.hidden_ids.tolist())
    assert (controller.grid.selected_count, len(hidden)) == (3, 12)
    controller.editing.give_label("RBC")
    settle()
    assert set(controller.grid.hidden_ids.tolist()) == hidden
    controller.set_line("")
    settle()
    assert set(controller.grid.selected_ids.tolist()) == hidden


def test_what_changes_while_another_page_is_shown_is_caught_up_with_on_the_way_back(controller, context, settle):
    shown = controller.grid.ids.tolist()
    context.show("clean")
    for sample_id in shown[:2]:
        context.edit(lambda project, one=sample_id: set_excluded(project, np.array([one]), True))
        settle()
    assert controller.grid.ids.tolist() == shown
    assert controller.counts.samples == len(shown)
    context.show("images")
    settle()
    assert controller.grid.ids.tolist() == shown[2:]


def test_what_leaves_the_filter_is_followed_by_the_next_one(controller, settle):
    controller.set_line("label:none is:readable")
    settle()
    before = controller.grid.ids.tolist()
    select(controller, 1)
    controller.editing.give_label("RBC")
    settle()
    assert controller.grid.ids.tolist() == before[:1] + before[2:]
    assert controller.grid.selected_ids.tolist() == [before[2]]


def test_quick_keys_label_one_image_after_the_other(controller, settle):
    controller.set_line("label:none is:readable")
    settle()
    ids = controller.grid.ids.tolist()
    select(controller, 0)
    for label in ("RBC", "WBC", "RBC"):
        controller.editing.give_label(label)  # nothing waits in between
    settle()
    labels = controller.labels_by_id
    given = [labels[s.label_id].name for s in samples_by_id(controller.context.project, ids[:3])]
    assert given == ["RBC", "WBC", "RBC"]
    assert controller.grid.ids.tolist() == ids[3:]


def test_undo_brings_back_what_had_left(controller, context, settle):
    controller.set_line("label:none")
    settle()
    before = controller.grid.ids.tolist()
    controller.grid.select_all()
    controller.editing.give_label("Platelets")
    settle()
    assert len(controller.grid) == 0
    assert [label.name for label in controller.labels] == ["RBC", "WBC", "Platelets"]
    context.undo()
    settle()
    assert controller.grid.ids.tolist() == before


def test_a_sort_by_label_does_not_make_images_jump_while_they_are_labelled(controller, settle):
    controller.set_query(SampleQuery(sort=SortKey.LABEL))
    settle()
    before = controller.grid.ids.tolist()
    select(controller, 0)
    controller.editing.give_label("WBC")
    settle()
    assert controller.grid.ids.tolist() == before
    controller.refresh()
    settle()
    assert controller.grid.ids.tolist() != before


def test_labelling_without_a_selection_says_so_and_changes_nothing(controller, context, settle, qtbot):
    controller.grid.select_none()
    with qtbot.waitSignal(context.message) as said:
        controller.editing.give_label("RBC")
    settle()
    assert said.args == ["Select images first."]
    assert history(context.project)[0].kind == "import"


def test_in_the_loupe_only_the_image_that_is_seen_is_labelled(controller, settle):
    select(controller, 0, 1, 2)
    controller.grid.set_current(5)
    controller.editing.give_label("Other", only_current=True)
    settle()
    assert [i for i, name in enumerate(names(controller)) if name == "Other"] == [5]
    assert controller.grid.selected_count == 3


def test_excluding_hides_and_excluding_the_excluded_takes_them_in_again(controller, settle):
    excluded = controller.grid.ids[:2].tolist()
    select(controller, 0, 1)
    controller.editing.exclude()
    settle()
    assert len(controller.grid) == 13
    controller.set_line("is:excluded")
    settle()
    assert controller.grid.ids.tolist() == excluded
    controller.grid.select_all()
    controller.editing.exclude()
    settle()
    assert len(controller.grid) == 0
    assert controller.counts.excluded == 0


def test_an_invalid_query_says_why_and_shows_nothing(controller, settle):
    controller.set_line("colour:red")
    assert len(controller.grid) == 0
    settle()
    assert controller.query_error.startswith("“colour:red” is not understood")
    assert len(controller.grid) == 0
    controller.set_line("label:WBC")
    settle()
    assert controller.query_error == ""
    assert len(controller.grid) == 3


def test_what_changes_while_the_query_is_invalid_brings_no_image_back(controller, context, settle):
    ids = controller.grid.ids[:2].copy()
    controller.grid.select_ids(ids)
    controller.set_line("colour:red")
    context.edit(lambda project: set_label(project, ids, "RBC"))
    settle()
    controller.refresh()
    context.undo()
    settle()
    assert len(controller.grid) == 0 and len(controller.editing.chosen_ids(only_current=True)) == 0
    controller.set_line("")
    settle()
    assert len(controller.grid) == 15
    assert sorted(controller.grid.selected_ids) == sorted(ids)


def test_an_edit_that_waits_for_a_search_touches_nothing_once_the_query_is_invalid_or_fails(
    controller, context, settle
):
    told = []
    context.message.connect(told.append)
    context.tasks.bug.connect(lambda error: None)
    before = list(names(controller))
    for spoil in (lambda: controller.set_line("colour:red"), lambda: controller.set_query(SampleQuery(ids=(2**63,)))):
        controller.grid.select_all()
        controller.set_line("label:RBC")
        controller.editing.give_label("WBC")  # waits for the search
        spoil()
        settle()
        controller.clear_query()
        settle()
        assert names(controller) == before
    assert told == ["Select images first."] * 2


def test_line_and_query_are_in_step(controller, settle):
    controller.set_query(SampleQuery(labels=("WBC", None), groups=("slide_1",)))
    settle()
    assert controller.line == "label:WBC label:none group:slide_1"
    assert format_query(controller.query) == controller.line
    assert controller.is_filtered()
    controller.clear_query()
    settle()
    assert (controller.line, len(controller.grid)) == ("", 15)


def test_the_last_of_several_quick_queries_wins(controller, settle):
    for line in ("label:RBC", "label:WBC", "label:none", "label:WBC"):
        controller.set_line(line)
    settle()
    assert len(controller.grid) == 3


def test_a_renamed_label_is_renamed_everywhere_at_once(controller, settle):
    controller.editing.rename_label("WBC", "Leukocyte")
    settle()
    assert [label.name for label in controller.labels] == ["RBC", "Leukocyte"]
    wbc = controller.labels_by_id[2]
    tiles = [controller.tiles.tile(int(i)) for i in controller.grid.ids]
    assert sum(tile.pills[0].text == "Leukocyte" for tile in tiles if tile.pills) == 3
    assert wbc.key == "2"


def test_a_key_of_ones_own_gives_the_label(controller, settle):
    controller.editing.set_label_key("RBC", "r")
    settle()
    assert controller.label_for_key("R").name == "RBC"
    assert controller.label_for_key("1") is None


def test_a_label_without_samples_can_be_made(controller, settle):
    controller.grid.select_none()
    controller.editing.add_label("Platelets")
    settle()
    assert controller.counts.labels["Platelets"] == 0


def test_a_failed_edit_does_not_block_the_next(controller, context, settle, qtbot):
    select(controller, 0)
    with qtbot.waitSignal(context.user_error):
        controller.editing.give_label("no\nname")
    controller.editing.give_label("WBC")
    settle()
    assert names(controller)[0] == "WBC"


def test_an_unreadable_image_says_why(controller, settle):
    controller.set_line("is:unreadable")
    settle()
    [only] = controller.grid.ids.tolist()
    assert controller.tiles.tile(only).problem


def test_thumbnails_come_from_the_images(controller, qtbot):
    first = int(controller.grid.ids[0])
    thumbnails = controller.pictures.thumbnails
    with qtbot.waitSignal(thumbnails.loaded):
        thumbnails.want([first], 128)
    image = thumbnails.image(first, 128)
    assert (image.width(), image.height()) == (24, 20)


@pytest.mark.parametrize("count", [2, 3000])
def test_a_selection_of_any_size_is_one_edit(controller, context, settle, monkeypatch, count):
    monkeypatch.setattr("desktop_app.pages.images.searcher.SMALL_EDIT", 1 if count > 2 else 2000)
    controller.grid.select_all()
    controller.editing.give_label("Same")
    settle()
    assert set(names(controller)) == {"Same"}
    assert history(context.project)[0].count == 15
    assert np.array_equal(controller.grid.selected_ids, controller.grid.ids)


def test_an_edit_right_after_another_order_was_asked_for_does_not_bring_back_the_old_one(controller, settle):
    controller.grid.select_only(0)
    controller.set_query(SampleQuery(sort=SortKey.ADDED, descending=True))
    controller.context.edit(lambda project: set_label(project, controller.grid.ids[:1], "WBC"))
    settle()
    assert controller.grid.ids.tolist() == sorted(controller.grid.ids.tolist(), reverse=True)


def test_images_that_arrive_are_shown_and_the_selection_is_kept(controller, context, settle, folder):
    controller.grid.select_only(3)
    chosen = controller.grid.selected_ids.tolist()
    Image.new("RGB", (9, 9)).save(folder / "WBC" / "new.png")
    import_source(context.project, folder, labels=LABELS_BY_FOLDER, progress=Progress())
    context.changed.emit(Changes(samples=True, labels=True))
    settle()
    assert len(controller.grid) == 16
    assert controller.grid.selected_ids.tolist() == chosen


def test_a_file_with_another_content_gets_another_thumbnail(controller, context, settle, folder, qtbot):
    thumbnails = controller.pictures.thumbnails
    first = int(controller.grid.ids[0])
    sample = controller.records.sample(first)
    with qtbot.waitSignal(thumbnails.loaded):
        thumbnails.want([first], 128)
    Image.new("RGB", (9, 9), "white").save(folder / sample.path)
    import_source(context.project, folder, labels=LABELS_BY_FOLDER, progress=Progress())
    context.changed.emit(Changes(samples=True))
    settle()
    controller.records.prepare([first])
    assert thumbnails.image(first, 128) is None


def test_a_search_that_fails_leaves_no_images_to_be_edited_for_it(controller, context, settle):
    told = []
    context.tasks.bug.connect(told.append)
    controller.grid.select_all()
    controller.set_query(SampleQuery(ids=(2**63,)))  # no line says this: it is refused
    settle()
    assert len(told) == 1
    assert len(controller.grid) == 0 and len(controller.grid.selected_ids) == 0
    controller.clear_query()
    settle()
    assert len(controller.grid) == 15


@pytest.mark.parametrize("line", ["id:9223372036854775808", "run:99"])
def test_a_line_that_asks_for_what_cannot_be_is_refused(controller, settle, line):
    controller.set_line(line)
    settle()
    assert controller.query_error
