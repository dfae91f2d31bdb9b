"""The map of images in the window: made in the background, coloured, lassoed, and tied to the grid both ways."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.backbones.device import pick_device
from core.domain.findings import FindingKind, Suspicion
from core.domain.samples import SPLIT_CODES, Split
from core.embeddings.labelled import read_pool
from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.progress import Progress
from core.settings import Settings
from core.store.edits import set_excluded, set_label, set_splits
from core.store.findings import replace_findings
from core.store.labels import labels
from core.store.predictions import write_predictions
from core.store.project import Project, read_meta
from core.store.runs import create_run
from core.training.suggesting import PoolEmbedder
from desktop_app.context import AppContext
from desktop_app.pages.clean.map_colours import ColourBy, read_colours
from desktop_app.pages.clean.map_controller import MapController, MapPhase
from desktop_app.pages.clean.map_panel import MapPanel
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.page import ImagesPage

TINTS = {"rose": (230, 150, 150), "violet": (150, 60, 190)}
COUNT = 24


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    """Pictures of two colours, turn about, in two groups; embedded, all but the last labelled."""
    folder = tmp_path_factory.mktemp("map")
    noise = np.random.default_rng(11)
    (folder / "images").mkdir()
    for index in range(COUNT):
        pixels = np.array(list(TINTS.values())[index % 2]) + noise.integers(-40, 25, (24, 24, 3))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / "images" / f"s{index % 3}_{index:02}.png")
    path = folder / "cells.coverslip"
    with Project.create(path) as project:
        groups = parse_group_rule(r"pattern:(s\d)_")
        import_source(project, folder / "images", labels=parse_label_rule("none"), groups=groups, progress=Progress())
        ids = read_pool(project).table.ids
        tints = [Image.open(folder / "images" / name).getpixel((3, 3)) for name in read_pool(project).table.paths]
        rose = np.array([tint[1] > 100 for tint in tints])
        set_label(project, ids[rose].tolist(), "rose")
        set_label(project, ids[~rose][:-1].tolist(), "violet")
        PoolEmbedder(project, pick_device("cpu")).embed(read_pool(project), Progress())
    return path


@pytest.fixture
def project_path(embedded, tmp_path):
    return Path(shutil.copytree(embedded, tmp_path / "cells.coverslip"))


@pytest.fixture
def context(qtbot):
    made = AppContext(Settings(theme="light"))
    yield made
    made.close()


@pytest.fixture
def settle(context, qtbot):
    return lambda: qtbot.waitUntil(lambda: not context.tasks.active, timeout=30_000)


@pytest.fixture
def controller(context, project_path, qtbot):
    made = MapController(context)
    context.open_project(project_path)
    qtbot.waitUntil(lambda: context.project is not None)
    return made


@pytest.fixture
def ready(controller, qtbot, settle):
    """The controller, once the map is there and coloured."""
    controller.begin()
    qtbot.waitUntil(lambda: controller.phase is MapPhase.READY, timeout=30_000)
    settle()
    return controller


@pytest.fixture
def panel(ready, context, qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    made = MapPanel(ready, context)
    layout = QVBoxLayout(window)
    layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
    layout.addWidget(made)
    window.resize(800, 500)
    window.show()
    qtbot.waitExposed(window)
    yield made
    window.hide()


def names(coloured):
    pairs = zip(coloured.colouring.categories, coloured.colouring.counts, strict=True)
    return {category.name: count for category, count in pairs if count}


def test_the_map_shows_every_image_and_knows_its_name_and_label(ready, context):
    assert len(ready.mapped.ids) == len(ready.mapped.cloud.order) == COUNT
    assert ready.caption(0).endswith(".png")
    assert names(ready.coloured) == {"rose": COUNT // 2, "violet": COUNT // 2 - 1, "no label": 1}
    assert read_meta(context.project, "map_of_images") is True


def test_images_that_look_alike_lie_together(ready):
    positions = ready.mapped.cloud.positions
    apart = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    codes = ready.coloured.colouring.codes
    assert (codes[apart.argmin(axis=1)] == codes).mean() > 0.85


def test_the_map_is_made_by_itself_where_it_was_asked_for_before(ready, context, project_path, qtbot, settle):
    context.close_project()
    settle()
    assert ready.mapped is None
    context.open_project(project_path)
    qtbot.waitUntil(lambda: context.project is not None)
    ready.set_shown(True)
    qtbot.waitUntil(lambda: ready.phase is MapPhase.READY, timeout=30_000)


def test_stopping_keeps_what_there_is(controller, qtbot, settle):
    controller.begin()
    controller.stop()
    qtbot.waitUntil(lambda: controller.phase is MapPhase.STOPPED)
    controller.begin()
    qtbot.waitUntil(lambda: controller.phase is MapPhase.READY, timeout=30_000)
    settle()


def test_an_edit_colours_the_map_anew_and_exclusion_makes_grey(ready, context, settle):
    ids = ready.mapped.ids
    context.edit(lambda project: set_label(project, ids[:3].tolist(), "new kind"))
    context.edit(lambda project: set_excluded(project, ids[[4, 7]].tolist(), True))
    settle()
    assert names(ready.coloured)["new kind"] == 3
    assert ready.excluded.tolist() == [4, 7]


def test_what_images_can_be_coloured_by(ready, context):
    project, ids = context.project, ready.mapped.ids
    set_splits(project, ids[:4].tolist(), np.full(4, SPLIT_CODES[Split.TEST], np.int8), params={})
    run = create_run(project, "efficientnet_lite0", "{}")
    first = labels(project)[0]
    write_predictions(project, run.id, ids[:5], np.full(5, first.id), np.full(5, 0.9))
    suspect = Suspicion(FindingKind.LABEL_SUSPECT, "a", (int(ids[2]),), 0.7, p_wrong=0.8)
    twins = Suspicion(FindingKind.NEAR_DUPLICATE, "b", (int(ids[2]), int(ids[3])), 0.5)
    replace_findings(project, [FindingKind.LABEL_SUSPECT, FindingKind.NEAR_DUPLICATE], [suspect, twins])
    found = {by: read_colours(project, ids, by, dark=False) for by in ColourBy}
    assert names(found[ColourBy.SPLIT]) == {"test": 4, "none": COUNT - 4}
    assert names(found[ColourBy.GROUP]) == {"s0": 8, "s1": 8, "s2": 8}
    assert names(found[ColourBy.PREDICTION]) == {first.name: 5, "not predicted": COUNT - 5}
    assert names(found[ColourBy.FINDING]) == {"label suspect": 1, "duplicate": 1, "nothing suspected": COUNT - 2}
    suspicion = found[ColourBy.SUSPICION].colouring
    assert suspicion.codes[2] == int(0.8 * 255)
    assert set(np.delete(suspicion.codes, 2).tolist()) == {suspicion.behind}


def test_the_lasso_chooses_images_and_says_how_many(panel, ready):
    panel.plot.select(np.array([1, 5, 6]))
    assert ready.selected_ids.tolist() == ready.mapped.ids[[1, 5, 6]].tolist()
    assert panel._chosen.text() == "3 images chosen"
    assert panel._line.isVisible()
    panel.plot.select_none()
    assert not panel._line.isVisible()


def test_a_map_that_was_stopped_can_go_on(panel, ready, qtbot):
    assert not panel.go_on.isVisible()
    ready.phase = MapPhase.STOPPED
    ready.changed.emit()
    assert panel.go_on.isVisible()
    panel.go_on.click()
    qtbot.waitUntil(lambda: ready.phase is MapPhase.READY, timeout=30_000)
    assert not panel.stop.isVisible()


def test_a_panel_built_anew_shows_all_as_it_was(panel, ready, context, qtbot):
    panel.plot.select(np.array([2, 3]))
    panel.plot.zoom_by(4)
    panel.lasso.click()
    ready.set_current(int(ready.mapped.ids[9]))
    other = MapPanel(ready, context)
    qtbot.addWidget(other)
    assert other.plot.selected_rows.tolist() == [2, 3]
    assert other.plot.view.scale == panel.plot.view.scale
    assert other.plot.lassoing
    assert ready.current == 9


def test_of_another_project_all_of_the_map_is_shown_as_it_is_at_first(panel, ready, context, project_path, qtbot):
    other = shutil.copytree(project_path, project_path.with_name("other.coverslip"))
    fitted = panel.plot.view
    panel.plot.zoom_by(30)
    panel.plot.move_by(500, 500)
    panel.lasso.click()
    ready.choose_colour(ColourBy.SPLIT)
    before = context.project
    context.open_project(other)
    qtbot.waitUntil(lambda: context.project not in (None, before))
    assert (panel.plot.lassoing, panel.lasso.isChecked(), ready.by) == (False, False, ColourBy.LABEL)
    assert panel.colour.accessibleName() == "colour: label"
    assert panel.legend.entries() == []
    ready.begin()
    qtbot.waitUntil(lambda: ready.phase is MapPhase.READY and ready.coloured is not None, timeout=30_000)
    view = panel.plot.view
    assert view == ready.view
    assert view.fitted and view.room == fitted.room
    assert view.scale == pytest.approx(fitted.scale, rel=0.5)


def test_a_picture_comes_when_it_is_looked_at(panel, ready, qtbot):
    with qtbot.waitSignal(ready.picture_loaded):
        assert ready.picture(3) is None
    assert not ready.picture(3).isNull()


@pytest.fixture
def grid(context, ready, qtbot, settle):
    """The Images page beside the map, shown when it is gone to, as the window does."""
    images = ImagesController(context)
    page = ImagesPage(images, context)
    qtbot.addWidget(page)
    context.navigated.connect(lambda _, params: page.activated(**params))
    settle()
    return images


def test_what_is_lassoed_is_shown_in_the_grid_even_where_it_is_excluded(grid, ready, context, qtbot, settle):
    chosen = ready.mapped.ids[[1, 4, 5]]
    context.edit(lambda project: set_excluded(project, chosen[:1].tolist(), True))
    settle()
    ready.select_ids(chosen)
    ready.show_in_images()
    qtbot.waitUntil(lambda: grid.grid.ids.tolist() == chosen.tolist())


def test_what_is_selected_in_the_grid_stands_out_on_the_map(grid, ready, panel, qtbot):
    ready.set_shown(True)
    grid.grid.select_ids(ready.mapped.ids[[3, 8]])
    qtbot.waitUntil(lambda: ready.selected.tolist() == [3, 8])
    assert panel.plot.selected_rows.tolist() == [3, 8]
    grid.grid.select_none()
    qtbot.waitUntil(lambda: not len(ready.selected))


def test_what_was_lassoed_stays_chosen_though_nothing_is_selected_in_the_grid(grid, ready, panel, qtbot):
    panel.plot.select(np.array([1, 2]))
    grid.grid.select_none()
    qtbot.wait(150)
    assert ready.selected.tolist() == [1, 2]


def test_more_like_these_orders_the_grid_by_likeness(grid, ready, qtbot):
    codes = ready.coloured.colouring.codes
    ready.select(np.flatnonzero(codes == 0)[:2])
    chosen = set(ready.selected_ids.tolist())
    ready.more_like_these()
    qtbot.waitUntil(lambda: grid.ranking is not None and set(grid.grid.ids[:2].tolist()) == chosen, timeout=20_000)
    assert (codes[np.searchsorted(ready.mapped.ids, grid.grid.ids[:10])] == 0).mean() > 0.8


def test_more_like_these_shows_all_images_whatever_the_grid_was_filtered_by(grid, ready, settle, qtbot):
    grid.set_line("label:rose")
    settle()
    violet = np.flatnonzero(ready.coloured.colouring.codes == 1)[:2]
    ready.select(violet)
    ready.more_like_these()
    chosen = set(ready.mapped.ids[violet].tolist())
    qtbot.waitUntil(lambda: grid.ranking is not None and set(grid.grid.ids[:2].tolist()) == chosen, timeout=20_000)
    assert (grid.line, len(grid.grid)) == ("", COUNT)


def test_many_images_shown_in_the_grid_are_not_written_out_in_its_query_line(grid, ready, settle, monkeypatch):
    monkeypatch.setattr("desktop_app.pages.images.controller.MOST_WRITTEN", 3)
    chosen = ready.mapped.ids[:6]
    ready.select_ids(chosen)
    ready.show_in_images()
    settle()
    assert grid.line == "is:any"
    grid.set_line("label:rose is:any", typed=True)
    settle()
    codes = ready.coloured.colouring.codes[:6]
    assert grid.grid.ids.tolist() == chosen[codes == 0].tolist()
    grid.set_line("label:rose")
    settle()
    assert len(grid.grid) == COUNT // 2
