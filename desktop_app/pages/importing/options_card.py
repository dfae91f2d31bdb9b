"""What only some sources need to be told: the columns of a table, and how films, boxes, pages and slides are cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QWidget

from core.translation import mark, tr
from desktop_app.pages.importing.fields import choices, fill_line, line, percentage, quietly, set_choices, whole_number
from desktop_app.theme import Theme
from desktop_app.widgets.basics import text
from desktop_app.widgets.card import Card

if TYPE_CHECKING:
    from core.ingest.tables_seen import TableSeen
    from desktop_app.pages.importing.controller import ImportController
    from desktop_app.pages.importing.preview import Seen

_BOXES: Final = frozenset({"coco", "labelme", "createml", "voc", "cellprofiler"})
_COLUMNS: Final = {"path": mark("File"), "label": mark("Label"), "group": mark("Group"), "split": mark("Split")}


class ColumnsCard(Card):
    """Which column of the table says what."""

    def __init__(self, controller: ImportController, theme: Theme) -> None:
        super().__init__(theme, tr("Columns of the table"))
        self.controller = controller
        grid = _grid(theme)
        self._name = text("", "small", wrap=True)
        self.add(self._name)
        self._boxes: dict[str, QComboBox] = {}
        for what, title in _COLUMNS.items():
            self._boxes[what] = choices(tr("Column: {what}", what=tr(title)), self._chosen(what))
            _put(grid, tr(title), self._boxes[what])
        self._tags = line(
            tr("Columns that become tags"),
            tr("Names of columns, with commas"),
        )
        self._tags.editingFinished.connect(lambda: controller.use_columns(tags=self._tags.text().strip()))
        _put(grid, tr("Tags"), self._tags)
        self.add(grid)

    def fill(self) -> None:
        """Show what was entered."""
        fill_line(self._tags, dict(self.controller.form.columns).get("tags", ""))

    def show_state(self) -> None:
        """Show the table, if there is one."""
        seen = self.controller.seen
        table = seen.table if seen is not None else None
        self.setVisible(table is not None or bool(self.controller.form.columns))
        if table is not None:
            self._show(table)

    def _show(self, table: TableSeen) -> None:
        self._name.setText(table.name)
        said = dict(self.controller.form.columns)
        for what, box in self._boxes.items():
            found = ", ".join(table.columns[what]) if what not in said else ""
            guessed = tr("Recognised: {column}", column=found) if found else tr("None found")
            guessed = tr("Recognise it") if what in said else guessed
            set_choices(box, [("", guessed), *((name, name) for name in table.header)], said.get(what, ""))

    def _chosen(self, what: str) -> Callable[[str], None]:
        return lambda name: self.controller.use_columns(**{what: name})


class OptionsCard(Card):
    """How films, boxes, pages and slides are cut; each line is seen where it matters."""

    def __init__(self, controller: ImportController, theme: Theme) -> None:
        super().__init__(theme, tr("Options"))
        self.controller = controller
        enter = controller.enter
        self._grid = _grid(theme)
        self._every = whole_number(tr("Every so many-th frame"), 1, 100_000, lambda n: enter(every=n))
        self._margin = percentage(tr("Margin around a box"), 2.0, lambda share: enter(margin=share))
        self._size = whole_number(tr("Side of a tile"), 16, 8192, lambda n: enter(tile_size=n), suffix=" px")
        self._level = whole_number(tr("Level of the slide"), 0, 32, lambda n: enter(level=n))
        self._tissue = percentage(tr("Least tissue in a tile"), 1.0, lambda share: enter(min_tissue=share))
        self._plane = whole_number(tr("Plane of a stack"), -1, 99_999, lambda n: enter(plane=n))
        self._plane.setSpecialValueText(tr("The brightest of all (maximum projection)"))
        self._plane.setToolTip(tr("Of files with several planes in depth, pages or frames; the first is 0"))
        self._pages = QCheckBox(tr("Each page of a TIFF, frame of a GIF or plane of a volume is an image of its own"))
        self._pages.toggled.connect(lambda on: enter(pages=on))
        self._rows: list[tuple[str, tuple[QWidget, QWidget]]] = [
            ("video", _put(self._grid, tr("Every so many-th frame"), self._every)),
            ("boxes", _put(self._grid, tr("Margin around a box"), self._margin)),
            ("stacks", _put(self._grid, tr("Plane of a stack"), self._plane)),
            ("slides", _put(self._grid, tr("Side of a tile"), self._size)),
            ("slides", _put(self._grid, tr("Level of the slide"), self._level)),
            ("slides", _put(self._grid, tr("Least tissue in a tile"), self._tissue)),
        ]
        self.add(self._grid)
        self.add(self._pages)

    def fill(self) -> None:
        """Show what was entered."""
        form = self.controller.form
        quietly(self._every, lambda: self._every.setValue(form.every))
        quietly(self._margin, lambda: self._margin.setValue(100 * form.margin))
        quietly(self._size, lambda: self._size.setValue(form.tile_size))
        quietly(self._level, lambda: self._level.setValue(form.level))
        quietly(self._tissue, lambda: self._tissue.setValue(100 * form.min_tissue))
        quietly(self._plane, lambda: self._plane.setValue(form.plane))
        quietly(self._pages, lambda: self._pages.setChecked(form.pages))

    def show_state(self) -> None:
        """Show what the source needs."""
        seen, content, form = self.controller.seen, self.controller.content, self.controller.form
        told = seen.preview.format if seen is not None and seen.preview is not None else form.format
        formats = set(told.split("+"))
        wanted = {name for name in ("video", "slides") if name in formats} | ({"boxes"} if formats & _BOXES else set())
        if content is not None and content.has_slides and form.format in ("auto", "slides"):
            wanted.add("slides")
        tiffs = content is not None and content.has_tiffs and "folders" in formats
        volumes = "npz" in formats and (form.pages or (seen is not None and _has_volumes(seen)))
        stacked = volumes or (content is not None and content.has_tiffs)
        # What was entered can be taken back also where it is refused.
        if (stacked or form.plane >= 0) and not form.pages:
            wanted.add("stacks")
        for name, parts in self._rows:
            for part in parts:
                part.setVisible(name in wanted)
        pages = volumes or tiffs
        self._pages.setVisible(pages)
        self.setVisible(bool(wanted) or pages)


def _has_volumes(seen: Seen) -> bool:
    return seen.preview is not None and seen.preview.volumes > 0


def _grid(theme: Theme) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(12))
    grid.setVerticalSpacing(theme.px(6))
    grid.setColumnStretch(1, 1)
    return grid


def _put(grid: QGridLayout, title: str, field: QWidget) -> tuple[QWidget, QWidget]:
    at = grid.rowCount()
    name = text(title, "muted")
    grid.addWidget(name, at, 0)
    grid.addWidget(field, at, 1)
    return name, field
