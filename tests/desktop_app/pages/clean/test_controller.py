import pytest

from core.domain.findings import FindingKind, FindingState, Suspicion
from core.domain.samples import Split
from core.store.edits import set_excluded, set_label
from core.store.findings import finding, replace_findings
from core.store.ledger import history
from core.store.samples import samples_by_id
from desktop_app.pages.clean.decisions import Deed
from desktop_app.pages.page import BadgeState

K = FindingKind


def labels_of(context, *ids):
    names = {label.id: label.name for label in _labels(context)}
    return [names.get(sample.label_id) for sample in samples_by_id(context.project, ids)]


def _labels(context):
    from core.store.labels import labels

    return labels(context.project)


def test_it_begins_with_what_harms_most(controller):
    assert controller.line.queue.id == "conflicts"
    assert controller.case.finding.kind is K.CONFLICTING_DUPLICATE
    assert controller.badge().text == "14"
    assert controller.badge().state is BadgeState.NONE


def test_a_project_that_was_never_checked_says_so(made, open_controller):
    controller = open_controller(made.path)
    assert controller.facts.record is None
    assert controller.case is None
    assert controller.badge().text == ""
    assert (controller.facts.samples, controller.facts.labelled) == (12, 12)


def test_the_worst_case_of_a_queue_comes_first_whatever_its_kind(controller, settle):
    controller.open_queue("quality")
    settle()
    assert [one.kind for one in controller.line.found] == [K.DARK, K.BLURRY]
    controller.open_queue("quality", K.BLURRY)
    settle()
    assert [one.kind for one in controller.line.found] == [K.BLURRY]


def test_accepting_a_suspect_gives_the_suggested_label_and_shows_the_next_case_at_once(controller, context, settle):
    controller.open_queue("suspects")
    settle()
    assert controller.acceptance().text == "Make it WBC"
    controller.accept()
    assert controller.case.finding.sample_id == 3, "without waiting for the project"
    settle()
    assert labels_of(context, 1) == ["WBC"]
    assert controller.facts.counts[K.LABEL_SUSPECT].open == 2
    assert controller.decided.tally()[Deed.RELABELLED] == 1
    assert history(context.project)[0].tool == "clean"


def test_keeping_dismisses_a_case_and_changes_no_image(controller, context, settle):
    controller.open_queue("suspects")
    settle()
    first = controller.case.finding.id
    assert controller.keeping().text == "Keep RBC"
    controller.keep()
    settle()
    assert finding(context.project, first).state is FindingState.DISMISSED
    assert labels_of(context, 1) == ["RBC"]


def test_excluding_leaves_the_image_out(controller, context, settle):
    controller.open_queue("outliers")
    settle()
    controller.exclude()
    settle()
    assert samples_by_id(context.project, [8])[0].excluded


def test_another_label_can_be_given(controller, context, settle):
    controller.open_queue("outliers")
    settle()
    controller.give(controller.label_for_key("1"))
    settle()
    assert labels_of(context, 8) == ["RBC"]


def test_giving_a_suspect_the_label_it_has_says_that_it_is_right(controller, context, settle):
    controller.open_queue("suspects")
    settle()
    first = controller.case.finding.id
    controller.give(controller.label_for_key("1"))
    settle()
    assert finding(context.project, first).state is FindingState.DISMISSED
    assert controller.decided.tally() == {Deed.KEPT: 1}


def test_undo_takes_the_last_decision_back_and_shows_its_case_again(controller, context, settle):
    controller.open_queue("suspects")
    settle()
    first = controller.case.finding.id
    controller.accept()
    settle()
    controller.open_queue("outliers")
    settle()
    controller.undo()
    settle()
    assert controller.line.queue.id == "suspects"
    assert controller.case.finding.id == first
    assert labels_of(context, 1) == ["RBC"]
    assert controller.decided.holding == []
    context.redo()
    settle()
    assert controller.case.finding.id != first
    assert labels_of(context, 1) == ["WBC"]
    assert len(controller.decided.holding) == 1


def test_quick_decisions_are_all_written_in_their_order(controller, context, settle):
    controller.open_queue("suspects")
    settle()
    for _ in range(3):
        controller.accept()
    assert controller.line.found == []
    settle()
    assert labels_of(context, 1, 3, 5) == ["WBC", "WBC", "WBC"]
    assert controller.facts.counts[K.LABEL_SUSPECT].accepted == 3


def test_a_skipped_case_comes_again_at_the_end(controller, settle):
    controller.open_queue("suspects")
    settle()
    first = controller.case.finding.id
    controller.line.skip()
    assert controller.case.finding.id != first
    assert controller.line.found[-1].id == first


def test_walking_goes_round(controller, settle):
    controller.open_queue("suspects")
    settle()
    seen = []
    for _ in range(4):
        seen.append(controller.case.finding.sample_id)
        controller.line.walk(1)
    assert seen == [1, 3, 5, 1]
    controller.line.walk(-1)
    assert controller.case.finding.sample_id == 1


def test_the_best_of_a_cluster_is_kept_unless_another_is_chosen(controller, context, settle):
    controller.open_queue("duplicates", K.NEAR_DUPLICATE)
    settle()
    assert controller.acceptance().text == "Keep the best, exclude 2"
    assert set(controller.acceptance().settlement.exclude) == {3, 7}
    controller.choose_best(7)
    assert set(controller.acceptance().settlement.exclude) == {3, 5}
    controller.accept()
    settle()
    assert [sample.excluded for sample in samples_by_id(context.project, [3, 5, 7])] == [True, True, False]


def test_a_choice_is_for_one_case_only(controller, settle):
    controller.open_queue("duplicates")
    settle()
    controller.choose_best(11)
    controller.line.walk(1)
    assert controller.choices.best is None


def test_a_conflict_is_settled_with_one_label_on_one_image(controller, context, settle):
    assert controller.acceptance().text == "Make it RBC, exclude 1"
    controller.accept()
    settle()
    assert labels_of(context, 2) == ["RBC"]
    assert [sample.excluded for sample in samples_by_id(context.project, [1, 2])] == [True, False]


def test_what_leaks_is_pinned_with_its_groups_to_the_chosen_split(controller, context, settle):
    controller.open_queue("leakage")
    settle()
    controller.choose_split(Split.VAL)
    assert controller.acceptance().text == "Pin to val"
    controller.accept()
    settle()
    assert {(one.split, one.pinned) for one in samples_by_id(context.project, [1, 4, 7])} == {(Split.VAL, True)}


@pytest.mark.parametrize("queue", ["confounds", "balance"])
def test_a_case_of_the_whole_data_set_is_noted_and_excludes_nothing(controller, context, settle, queue):
    controller.open_queue(queue)
    settle()
    assert controller.exclusion() is None
    kind = controller.case.finding.kind
    controller.accept()
    settle()
    assert controller.facts.counts[kind].accepted == 1
    assert not any(sample.excluded for sample in samples_by_id(context.project, [1, 2]))


def test_a_decided_case_can_be_shown_again_and_decided_otherwise(controller, context, settle):
    controller.open_queue("suspects")
    settle()
    controller.keep()
    settle()
    done = controller.decided.holding[0]
    controller.open_finding(done.finding_ids[0], done.kind)
    settle()
    assert controller.case.finding.state is FindingState.DISMISSED
    controller.accept()
    settle()
    assert labels_of(context, 1) == ["WBC"]
    assert controller.case.finding.sample_id == 3


def test_a_case_whose_image_was_changed_elsewhere_says_that_it_is_stale(controller, context, settle):
    controller.open_queue("suspects")
    settle()
    context.edit(lambda project: set_label(project, [1], "Platelet"))
    settle()
    assert controller.case.finding.sample_id == 1
    assert controller.case.finding.stale
    assert [label.name for label in controller.case.labels_of(1)] == ["Platelet"]
    controller.count_stale()
    settle()
    assert controller.stale > 0


def test_a_decision_that_cannot_be_written_brings_its_case_back(controller, context, settle, qtbot):
    controller.open_queue("outliers")
    settle()
    label = controller.label_for_key("1")
    with qtbot.waitSignal(context.user_error):
        controller.give(type(label)(99, "a" * 200, label.colour, label.glyph, "", 9))
    settle()
    assert controller.case.finding.kind is K.OUTLIER
    assert controller.decided.entries == []


def test_the_pictures_of_the_next_cases_are_loaded_ahead(controller, qtbot, settle):
    controller.open_queue("suspects")
    settle()
    qtbot.waitUntil(lambda: controller.pictures.sources.previews.image(3, 512) is not None)
    assert controller.pictures.large(1) is not None
    qtbot.waitUntil(lambda: all(controller.pictures.small(i) is not None for i in (2, 4, 6)))


def test_which_checks_are_made_is_remembered_in_the_project(controller, context, open_controller, settle):
    controller.checking.choose([K.BLURRY, K.DARK])
    settle()
    path = context.project.root
    context.close_project()
    settle()
    again = open_controller(path)
    assert again.checking.kinds == {K.BLURRY, K.DARK}


@pytest.mark.parametrize("name", ["check.html", "check.pdf"])
def test_the_report_is_saved_where_it_is_wanted(controller, context, tmp_path, qtbot, settle, name):
    path = tmp_path / name
    with qtbot.waitSignal(context.message_with_links, timeout=20_000):
        controller.save_report(path)
    assert path.stat().st_size > 1_000
    assert path.read_bytes()[:4] == (b"%PDF" if name.endswith("pdf") else b"<!DO")


def test_a_case_that_a_new_check_does_not_find_any_more_makes_way_for_others(controller, context, settle, qtbot):
    controller.open_queue("suspects")
    settle()
    kept = [one for one in controller.line.found if one.sample_id == 5]
    again = Suspicion(K.LABEL_SUSPECT, "5", (5,), 0.5)
    with qtbot.assertNotEmitted(context.user_error):
        replace_findings(context.project, [K.LABEL_SUSPECT], [again])
        controller.checking.found.emit()
        settle()
    assert [one.id for one in controller.line.found] == [one.id for one in kept]
    assert controller.case.finding.sample_id == 5


def test_a_decided_case_that_a_check_opens_again_is_shown_again(controller, context, settle):
    controller.open_queue("outliers")
    settle()
    controller.keep()
    settle()
    assert controller.case is None
    context.edit(lambda project: set_label(project, [8], "RBC"))
    settle()
    replace_findings(context.project, [K.OUTLIER], [Suspicion(K.OUTLIER, "8", (8,), 0.5, stamp="as it is now")])
    controller.checking.found.emit()
    settle()
    assert controller.case.finding.sample_id == 8


def cases(controller, settle, queue):
    controller.open_queue(queue)
    settle()
    return [one.sample_id for one in controller.line.found]


def test_an_image_that_is_excluded_in_one_queue_is_no_case_of_another(controller, context, settle):
    assert cases(controller, settle, "suspects") == [1, 3, 5]
    assert cases(controller, settle, "duplicates") == [9, 3, 2, 6]
    open_before = controller.facts.open
    controller.accept()
    controller.accept()
    assert controller.case.finding.members == (2, 4)
    settle()
    assert cases(controller, settle, "suspects") == [1, 5], "3 and 7 are excluded, and 11, which was no case"
    assert controller.facts.open == open_before - 3
    controller.undo()
    settle()
    assert cases(controller, settle, "suspects") == [1, 3, 5]


def test_a_case_in_sight_makes_way_where_its_image_is_excluded_elsewhere(controller, context, settle):
    assert cases(controller, settle, "suspects") == [1, 3, 5]
    context.edit(lambda project: set_excluded(project, [1], excluded=True))
    settle()
    assert controller.case.finding.sample_id == 3
    context.undo()
    settle()
    assert sorted(one.sample_id for one in controller.line.found) == [1, 3, 5]
    assert controller.case.finding.sample_id == 3


def test_of_a_cluster_the_best_that_is_left_is_kept(controller, context, settle):
    context.edit(lambda project: set_excluded(project, [5], excluded=True))
    assert cases(controller, settle, "duplicates") == [9, 3, 2, 6]
    controller.accept()
    settle()
    assert 5 not in controller.case.taking_part
    controller.accept()
    settle()
    assert [sample.excluded for sample in samples_by_id(context.project, [3, 5, 7])] == [False, True, True]


def test_excluding_one_of_several_doubts_about_an_image_shows_the_next_image_at_once(made, open_controller, settle):
    made.find(*(made.suspicion(kind, i, score=1 / i) for i in (2, 4) for kind in (K.BLURRY, K.DARK)))
    controller = open_controller(made.path)
    assert cases(controller, settle, "quality") == [2, 2, 4, 4]
    controller.exclude()
    assert controller.case.finding.sample_id == 4
    settle()
    assert [one.sample_id for one in controller.line.found] == [4, 4]
    controller.undo()
    settle()
    assert sorted(one.sample_id for one in controller.line.found) == [2, 2, 4, 4]


def test_a_case_taken_back_comes_before_the_one_in_sight_and_the_line_stays_as_it_was(controller, context, settle):
    controller.open_queue("suspects")
    settle()
    first, second, third = (one.id for one in controller.line.found)
    controller.line.walk(1)
    controller.keep()
    settle()
    context.undo()
    settle()
    assert controller.case.finding.id == second
    assert [one.id for one in controller.line.found] == [first, second, third]


def test_taking_an_exclusion_back_brings_all_cases_of_the_image_back(controller, context, settle):
    controller.open_queue("duplicates", K.NEAR_DUPLICATE)
    settle()
    before = [one.id for one in controller.line.found]
    controller.exclude()
    settle()
    assert controller.line.found
    context.undo()
    settle()
    assert sorted(one.id for one in controller.line.found) == sorted(before)
    assert controller.case.finding.id == before[0]
