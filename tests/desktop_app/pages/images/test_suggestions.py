"""Suggestions in the window: learnt in the background, shown apart from labels, accepted by one key, undone as one."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt

from core.backbones.device import pick_device
from core.domain.changes import Changes
from core.domain.query import SampleQuery
from core.domain.task import Task
from core.embeddings.labelled import read_pool
from core.ingest.importer import import_source
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from core.store.edits import set_excluded, set_label, set_labels
from core.store.ledger import history
from core.store.project import Project
from core.store.samples import samples_by_id
from core.store.task import set_task
from core.training.suggesting import PoolEmbedder
from desktop_app.pages.images.accepting import accept_suggestions
from desktop_app.pages.images.page import ImagesPage
from desktop_app.pages.images.ranking import Ranking
from desktop_app.pages.images.suggestion_card import SuggestionCard
from desktop_app.pages.images.suggestions import Phase
from desktop_app.widgets.label_pill import LabelPill

TINTS = {"rose": (230, 150, 150), "violet": (150, 60, 190)}
COUNT, KNOWN = 24, 12


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    """Pictures of two colours, turn about, embedded; the first twelve are labelled."""
    folder = tmp_path_factory.mktemp("suggestions")
    noise = np.random.default_rng(11)
    (folder / "images").mkdir()
    for index in range(COUNT):
        pixels = np.array(list(TINTS.values())[index % 2]) + noise.integers(-40, 25, (24, 24, 3))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / "images" / f"{index:02}.png")
    path = folder / "cells.coverslip"
    with Project.create(path) as project:
        import_source(project, folder / "images", labels=parse_label_rule("none"), progress=Progress())
        set_label(project, list(range(1, KNOWN + 1, 2)), "rose")
        set_label(project, list(range(2, KNOWN + 1, 2)), "violet")
        PoolEmbedder(project, pick_device("cpu")).embed(read_pool(project), Progress())
    return path


@pytest.fixture
def project_path(embedded, tmp_path):
    return Path(shutil.copytree(embedded, tmp_path / "cells.coverslip"))


@pytest.fixture
def ready(controller, qtbot, settle):
    """The controller, once suggestions are there."""
    controller.suggestions.switch(True)
    qtbot.waitUntil(lambda: controller.suggestions.phase is Phase.READY, timeout=20_000)
    settle()
    return controller


def names(controller, ids):
    return [
        controller.labels_by_id[sample.label_id].name if sample.label_id else None
        for sample in samples_by_id(controller.context.project, ids)
    ]


def truth(ids):
    return ["rose" if i % 2 else "violet" for i in ids]


def test_the_unlabelled_get_suggestions_and_the_labelled_none(ready):
    suggestions = ready.suggestions
    assert all(suggestions.suggestion(i) is None for i in range(1, KNOWN + 1))
    for i in range(KNOWN + 1, COUNT + 1):
        found = suggestions.suggestion(i)
        assert [ready.labels_by_id[label].name for label in found.label_ids] == truth([i])
        assert 0.5 <= found.confidence <= 1
    assert suggestions.knowledge.accuracy.value > 0.8
    assert suggestions.knowledge.accuracy.low < suggestions.knowledge.accuracy.high


def test_a_suggestion_is_no_label_and_looks_like_none(ready):
    ready.tiles.prepare([1, COUNT])
    given, suggested = ready.tiles.tile(1), ready.tiles.tile(COUNT)
    assert [pill.suggested for pill in given.pills] == [False]
    assert [(pill.text, pill.suggested) for pill in suggested.pills] == [("violet", True)]
    assert suggested.note.endswith("%")
    assert names(ready, [COUNT]) == [None]


def test_the_likeliest_labels_are_told_with_their_share(ready):
    found = ready.suggestions.top(COUNT)
    assert len(found) == 2
    assert sum(share for _, share in found) == pytest.approx(1, abs=1e-3)
    assert ready.suggestions.top(1) == []


def test_enter_accepts_and_goes_on_to_the_next(ready, qtbot, settle):
    page = ImagesPage(ready, ready.context)
    qtbot.addWidget(page)
    ready.grid.select_only(KNOWN)
    for _ in range(2):
        qtbot.keyClick(page.grid, Qt.Key.Key_Return)
        settle()
    assert names(ready, [KNOWN + 1, KNOWN + 2, KNOWN + 3]) == [*truth([KNOWN + 1, KNOWN + 2]), None]
    assert ready.grid.current_id == KNOWN + 3
    [latest] = history(ready.context.project, 1)
    assert latest.tool == "suggestion"


def test_enter_opens_where_nothing_is_suggested(ready, qtbot):
    page = ImagesPage(ready, ready.context)
    qtbot.addWidget(page)
    ready.grid.select_only(0)
    opened = []
    page.grid.open_requested.connect(opened.append)
    qtbot.keyClick(page.grid, Qt.Key.Key_Return)
    assert opened == [1]


def test_all_that_are_sure_are_accepted_as_one_edit(ready, settle):
    ids = ready.suggestions.sure_ids(0.5)
    assert ids.tolist() == list(range(KNOWN + 1, COUNT + 1))
    ready.suggestions.accept_sure(0.5)
    settle()
    assert names(ready, ids) == truth(ids)
    assert len(ready.suggestions.sure_ids(0.5)) == 0
    ready.context.undo()
    settle()
    assert names(ready, ids) == [None] * len(ids)


def test_it_learns_again_a_moment_after_a_label(ready, qtbot, settle):
    assert ready.suggestions.knowledge.labelled == KNOWN
    ready.grid.select_only(KNOWN)
    ready.editing.give_label("rose")
    qtbot.waitUntil(lambda: ready.suggestions.knowledge.labelled == KNOWN + 1, timeout=10_000)
    assert ready.suggestions.suggestion(KNOWN + 1) is None
    settle()
    ready.context.undo()
    qtbot.waitUntil(lambda: ready.suggestions.suggestion(KNOWN + 1) is not None, timeout=10_000)


def test_the_excluded_leave_and_come_back(ready, qtbot):
    ready.context.edit(lambda project: set_excluded(project, [COUNT], True))
    qtbot.waitUntil(lambda: ready.suggestions.suggestion(COUNT) is None, timeout=10_000)
    ready.context.edit(lambda project: set_excluded(project, [COUNT], False))
    qtbot.waitUntil(lambda: ready.suggestions.suggestion(COUNT) is not None, timeout=10_000)


def test_too_few_labels_are_said(controller, qtbot, settle):
    controller.context.edit(lambda project: set_label(project, list(range(1, 8)), None))
    settle()
    controller.suggestions.switch(True)
    qtbot.waitUntil(lambda: controller.suggestions.phase is Phase.FEW, timeout=20_000)
    settle()
    assert controller.suggestions.labelled == 5
    assert controller.suggestions.suggestion(COUNT) is None


def test_the_next_to_label_are_fetched(ready, qtbot, settle):
    ready.suggestions.fetch(5)
    qtbot.waitUntil(lambda: len(ready.grid) == 5, timeout=10_000)
    settle()
    assert set(ready.grid.ids.tolist()) <= set(range(KNOWN + 1, COUNT + 1))
    assert ready.query.ids == tuple(ready.grid.ids.tolist())


def test_what_would_teach_most_comes_first_and_the_labelled_last(ready, qtbot, settle):
    ready.suggestions.order_by_usefulness()
    qtbot.waitUntil(lambda: ready.ranking is not None, timeout=10_000)
    settle()
    assert len(ready.grid) == COUNT
    assert ready.grid.ids[COUNT - KNOWN :].tolist() == list(range(1, KNOWN + 1))
    ready.rank(None)
    settle()
    assert ready.grid.ids.tolist() == list(range(1, COUNT + 1))


def test_sorted_by_suggested_label_one_colour_follows_the_other(ready, settle):
    ready.suggestions.order_by_label()
    settle()
    first = [i % 2 for i in ready.grid.ids[: COUNT - KNOWN].tolist()]
    assert first == sorted(first, reverse=True)


def test_more_like_these_needs_no_suggestions(controller, qtbot, settle):
    assert not controller.suggestions.on
    controller.grid.select_only(2)
    controller.suggestions.order_by_similarity(controller.grid.selected_ids)
    qtbot.waitUntil(lambda: controller.ranking is not None, timeout=20_000)
    settle()
    assert controller.grid.ids[0] == 3
    assert all(i % 2 for i in controller.grid.ids[: COUNT // 2].tolist())
    controller.set_query(SampleQuery(descending=True))
    settle()
    assert controller.ranking is None
    assert controller.grid.ids[0] == COUNT


def test_the_switch_is_remembered_with_the_project(ready, context, qtbot, settle, project_path):
    context.close_project()
    settle()
    context.open_project(project_path)
    qtbot.waitUntil(lambda: ready.suggestions.phase is Phase.READY, timeout=20_000)
    ready.suggestions.switch(False)
    settle()
    assert ready.suggestions.suggestion(COUNT) is None
    context.close_project()
    settle()
    context.open_project(project_path)
    settle()
    assert not ready.suggestions.on


def test_the_inspector_says_what_is_known(ready, qtbot, settle):
    page = ImagesPage(ready, ready.context)
    qtbot.addWidget(page)
    qtbot.addWidget(page.inspector())
    ready.grid.select_only(COUNT - 1)
    card = page.suggestion_card
    assert card.switch.isChecked()
    qtbot.waitUntil(lambda: "of the time" in card.says.text())
    qtbot.waitUntil(lambda: card._top.count() == 6)
    assert "above 95 %" in card.accept_sure.text()


def test_cancelling_the_embedding_switches_off(controller, qtbot, settle):
    controller.suggestions.switch(True)
    [job] = [job for job in controller.context.tasks.active if not job.quiet]
    job.cancel()
    settle()
    qtbot.waitUntil(lambda: controller.suggestions.phase is Phase.OFF, timeout=10_000)


def test_none_of_the_labels_is_suggested_and_accepted_too_where_there_can_be_several(controller, qtbot, settle):
    project = controller.context.project
    set_task(project, Task.MULTI)
    set_labels(project, list(range(2, KNOWN + 1, 2)), ())
    controller.context.changed.emit(Changes(samples=True, labels=True))
    settle()
    controller.suggestions.switch(True)
    qtbot.waitUntil(lambda: controller.suggestions.phase is Phase.READY, timeout=20_000)
    settle()
    suggestions = controller.suggestions
    assert suggestions.suggestion(COUNT).label_ids == ()
    assert COUNT in suggestions.sure_ids(0.5)
    assert COUNT in suggestions.knowledge.by_label()
    controller.tiles.prepare([COUNT])
    (pill,) = controller.tiles.tile(COUNT).pills
    assert (pill.text, pill.suggested) == ("none of these", True)
    card = SuggestionCard(controller, controller.context.theme)
    qtbot.addWidget(card)
    controller.grid.set_current(COUNT - 1)
    qtbot.waitUntil(lambda: any(one.accessibleName() == "none of these" for one in card.findChildren(LabelPill)))
    assert accept_suggestions(controller, only_current=True)
    settle()
    (sample,) = samples_by_id(project, [COUNT])
    assert (sample.labelled, sample.label_ids) == (True, ())
    assert history(project)[0].tool == "suggestion"


def test_a_ranking_keeps_what_it_does_not_know_at_the_end():
    ranking = Ranking(np.array([5, 3, 9]), "likeness")
    assert ranking.arrange(np.array([1, 3, 4, 5, 9])).tolist() == [5, 3, 9, 1, 4]
    assert ranking.arrange(np.array([4, 1])).tolist() == [4, 1]
    assert Ranking(np.empty(0, np.int64), "").arrange(np.array([2, 1])).tolist() == [2, 1]
    assert len(ranking.arrange(np.empty(0, np.int64))) == 0
