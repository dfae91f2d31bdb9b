"""The inspector beside the data set: what a data set of the chosen format looks like, and what its own files say."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.task import Task
from core.export.dataset.spec import Fact
from core.export.dataset.words import FACT_NAMES
from core.ingest.formats.sidecar import TABLE
from core.translation import tr
from desktop_app.pages.export.dataset_controller import DatasetController
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import SectionTitle, rule, text

_BESIDE: Final = "coverslip.csv\ncoverslip.json"
_TREES: Final = {
    "folders": "train/\n  RBC/\n    a.png\n    b.png\n  WBC/\n    c.png\nval/\n  …",
    "csv": "images/\n  a.png\n  b.png\n  c.png",
    "parquet": "data/\n  train-00000.parquet\n  validation-00000.parquet\n  test-00000.parquet",
    "hf": "train/\n  metadata.csv\n  a.png\n  b.png\nvalidation/\n  …",
    "fiftyone": "train/\n  labels.json\n  data/\n    a.png\n    b.png\nval/\n  …",
    "coco": "labels.json\ndata/\n  a.png\n  b.png",
    "webdataset": "train-000000.tar\n  a.png\n  a.json\n  a.cls\nval-000000.tar\n  …",
}
_SHOWN: Final = (Fact.MANY, Fact.NO_LABEL, Fact.GROUP, Fact.SPLIT, Fact.TAGS, Fact.STATE, Fact.PIN, Fact.ORDER)


class DatasetInspector(QWidget):
    """What whoever receives the data set will find."""

    def __init__(self, controller: DatasetController, theme: Theme) -> None:
        super().__init__()
        self._controller = controller
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(14),) * 4)
        layout.setSpacing(theme.px(GRID * 1.25))
        self._tree = text("", "mono", selectable=True)
        self._held = text("", wrap=True)
        self._beside = text("", "muted", wrap=True)
        layout.addWidget(SectionTitle(tr("What it looks like"), theme))
        layout.addWidget(self._tree)
        layout.addWidget(rule())
        layout.addWidget(SectionTitle(tr("What its own files say"), theme))
        layout.addWidget(self._held)
        layout.addWidget(self._beside)
        layout.addStretch(1)
        controller.choices_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        format = self._controller.format
        self._tree.setText(f"{_TREES[format.id]}\n{_BESIDE}")
        task = self._task()
        held = format.holds[task]
        shown = [fact for fact in _SHOWN if task is Task.MULTI or fact not in (Fact.MANY, Fact.NO_LABEL)]
        self._held.setText("\n".join(["✓ " + tr("labels"), *(f"✓ {_name(fact)}" for fact in shown if fact in held)]))
        rest = ", ".join(_name(fact) for fact in shown if fact not in held)
        whole = tr("{file} beside them says everything; importing the folder gives this project back.", file=TABLE)
        self._beside.setText(f"{tr('Only in {file}: {what}.', file=TABLE, what=rest)} {whole}" if rest else whole)

    def _task(self) -> Task:
        from core.store.task import project_task

        project = self._controller.context.project
        return Task.SINGLE if project is None else project_task(project)


def _name(fact: Fact) -> str:
    return tr(FACT_NAMES[fact])
