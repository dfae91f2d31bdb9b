"""The Second reader page without its widgets: a pass, what it says, and what is decided."""

import shutil
from dataclasses import replace

import pytest

from core.domain.samples import SampleState
from core.domain.task import Task
from core.store.ledger import history
from core.store.reading_edits import ConsensusRule
from core.store.reading_passes import readings_of
from core.store.samples import samples_by_id
from core.store.task import set_task
from desktop_app.pages.reading.controller import View


def by_name(controller, name):
    return next(label for label in controller.labels if label.name == name)


@pytest.fixture
def begin(controller, settle, qtbot):
    """Start a pass and wait for its first image."""

    def start(reader="Kim", **draft):
        controller.set_draft(replace(controller.draft, reader=reader, repeats=25, **draft))
        controller.start()
        settle()
        assert controller.view is View.READ
        in_sight(controller, qtbot)
        return controller.reader.session

    return start


def in_sight(controller, qtbot):
    qtbot.waitUntil(lambda: controller.reader.picture is not None or bool(controller.reader.failure))


def truth(context, sample_id):
    return samples_by_id(context.project, [sample_id])[0].label_id


@pytest.fixture
def read_all(controller, context, settle, qtbot):
    """Read to the end as the project is labelled, but for `wrong` samples."""

    def read(wrong=()):
        session = controller.reader.session
        while (current := session.current) is not None:
            in_sight(controller, qtbot)
            right = truth(context, current.sample_id)
            other = next(label.id for label in controller.labels if label.id != right)
            controller.reader.say(controller.label(other if current.sample_id in wrong else right))
            settle()
        controller.end(session.one.id)
        settle()

    return read


def test_a_pass_is_named_after_its_reader_and_begins_at_once(controller, begin):
    session = begin()
    assert (session.one.name, session.total, session.position) == ("Kim 1", 10, 0)
    assert controller.badge().text == "10"


def test_what_is_said_is_durable_before_the_next_image_comes(controller, context, begin, settle):
    session = begin()
    said = by_name(controller, "WBC")
    controller.reader.say(said)
    settle()
    first = readings_of(context.project, session.one.id)[0]
    assert first.label_ids == (said.id,)
    assert (session.position, controller.badge().text) == (1, "9")


def test_a_key_before_the_image_is_in_sight_says_nothing(controller, begin, settle, qtbot):
    session = begin()
    controller.reader.say(controller.labels[0])
    controller.reader.say(controller.labels[0])
    controller.reader.say(controller.labels[0])
    settle()
    assert session.read == 1
    in_sight(controller, qtbot)
    controller.reader.say(controller.labels[0])
    settle()
    assert session.read == 2


def test_a_slip_is_corrected_by_going_back(controller, context, begin, settle, qtbot):
    session = begin()
    controller.reader.say(controller.labels[0])
    settle()
    controller.reader.step(-1)
    assert session.current.label_ids == (controller.labels[0].id,)
    in_sight(controller, qtbot)
    controller.reader.cannot_say(SampleState.UNGRADABLE, "Artefact")
    settle()
    first = readings_of(context.project, session.one.id)[0]
    assert (first.state, first.note, session.position) == (SampleState.UNGRADABLE, "Artefact", 1)
    controller.reader.step(1)
    assert session.position == 1


def test_a_pass_is_paused_and_goes_on_where_it_was(controller, begin, settle):
    session = begin()
    controller.reader.say(controller.labels[0])
    settle()
    controller.go_home()
    assert controller.view is View.HOME
    assert [(one.read, one.total) for one in controller.passes] == [(1, 10)]
    controller.open(session.one.id)
    assert controller.reader.session.position == 1


def test_a_pass_survives_closing_the_project(controller, context, begin, settle, project_path, qtbot):
    begin()
    controller.reader.say(controller.labels[0])
    settle()
    context.close_project()
    qtbot.waitUntil(lambda: not context.tasks.active)
    assert controller.passes == []
    context.open_project(project_path)
    qtbot.waitUntil(lambda: bool(controller.passes))
    assert controller.view is View.HOME
    assert controller.passes[0].read == 1


def test_an_image_that_cannot_be_read_can_still_be_called_ungradable(
    controller, begin, settle, project_path, context, qtbot
):
    shutil.rmtree(project_path.parent / "images")
    session = begin()
    assert controller.reader.failure
    controller.reader.cannot_say(SampleState.UNGRADABLE, "")
    settle()
    assert session.read == 1


def test_the_end_of_a_pass_says_how_far_the_readers_agree(controller, begin, read_all):
    begin()
    read_all(wrong={1})
    assert controller.view is View.RESULTS
    result = controller.verdict.result
    assert [reader.reader for reader in result.report.readers] == ["Project’s labels", "Kim"]
    assert result.report.agreement.metric.value == 7 / 8
    assert result.open == 1
    controller.verdict.set_options(own=False)
    assert controller.verdict.working


def test_a_disagreement_is_decided_undone_and_decided_again(controller, context, begin, read_all, settle):
    begin()
    read_all(wrong={1, 2})
    controller.open_queue()
    settle()
    cases = controller.cases
    assert (controller.view, [case.sample_id for case in cases.queue], cases.left) == (View.QUEUE, [1, 2], 2)
    assert cases.path.endswith(".png")
    before = truth(context, 1)
    other = next(label for label in controller.labels if label.id != before)
    cases.decide([other.name], "lobed")
    settle()
    assert truth(context, 1) == other.id
    assert (cases.place, cases.left) == (1, 1)
    assert history(context.project)[0].params["reason"] == "lobed"
    context.undo()
    settle()
    assert truth(context, 1) == before
    assert cases.left == 2
    cases.walk(1)
    assert cases.case is None
    cases.walk(-1)
    cases.decide([], "", state=SampleState.UNGRADABLE)
    settle()
    assert samples_by_id(context.project, [2])[0].state is SampleState.UNGRADABLE


def test_the_consensus_is_taken_over_as_one_edit(controller, context, begin, read_all, settle):
    for reader in ("Kim", "Lee"):
        begin(reader)
        read_all(wrong={3})
        controller.go_home()
    before = truth(context, 3)
    controller.open_results()
    settle()
    controller.verdict.take_consensus(ConsensusRule.MAJORITY)
    settle()
    assert truth(context, 3) != before
    assert history(context.project)[0].tool == "consensus"
    context.undo()
    settle()
    assert truth(context, 3) == before


def test_with_many_labels_an_image_they_are_ticked_and_confirmed(controller, context, begin, settle, qtbot):
    context.edit(lambda project: set_task(project, Task.MULTI))
    settle()
    session = begin()
    for label in controller.labels:
        controller.reader.say(label)
    controller.reader.say(controller.labels[0])
    assert session.read == 0
    controller.reader.confirm()
    settle()
    assert readings_of(context.project, session.one.id)[0].label_ids == (controller.labels[1].id,)
    in_sight(controller, qtbot)
    controller.reader.confirm()
    settle()
    assert readings_of(context.project, session.one.id)[1].label_ids == ()


def test_a_query_that_is_not_understood_begins_nothing(controller, context, settle, qtbot):
    controller.set_draft(replace(controller.draft, line="colour:red"))
    with qtbot.waitSignal(context.user_error):
        controller.start()
    settle()
    assert controller.passes == []


def test_readings_are_written_as_a_table(controller, begin, read_all, settle, tmp_path):
    begin()
    read_all()
    controller.export(tmp_path / "readings.csv")
    settle()
    assert len((tmp_path / "readings.csv").read_text("utf-8-sig").splitlines()) == 11
