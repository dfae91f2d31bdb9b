"""Where the new project is made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from core.paths import user_data_dir
from core.translation import tr
from desktop_app.pages.importing.fields import fill_line, line
from desktop_app.theme import Theme
from desktop_app.widgets.basics import boxed, button, row, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import Chip
from desktop_app.widgets.flow import FlowLayout

if TYPE_CHECKING:
    from desktop_app.pages.importing.controller import ImportController


class ProjectCard(Card):
    """The name and the place of the new project; hidden where images join an open one."""

    def __init__(self, controller: ImportController, theme: Theme) -> None:
        super().__init__(theme, tr("Project"))
        self.controller = controller
        self._name = line(tr("Name of the project"), tr("Name"), lambda typed: controller.enter(name=typed))
        self._place = line(tr("Where to save the project"), tr("Folder"), lambda typed: controller.enter(place=typed))
        self._target = text("", "small", wrap=True)
        places = FlowLayout(spacing=6)
        self._beside = Chip(tr("Beside the images"), self._put_beside)
        places.addWidget(self._beside)
        places.addWidget(Chip(tr("With the other projects"), lambda: self._place.setText(str(user_data_dir()))))
        self.add(self._name)
        self.add(row(self._place, button(tr("Choose…"), self._choose)))
        self.add(boxed(places))
        self.add(self._target)

    def fill(self) -> None:
        """Show what was entered."""
        fill_line(self._name, self.controller.form.name)
        fill_line(self._place, self.controller.form.place)

    def show_state(self) -> None:
        """Show where the project will be."""
        form = self.controller.form
        self.setVisible(form.new)
        self._beside.setEnabled(isinstance(form.root, Path))
        self._target.setText(str(form.target) if form.new and form.name.strip() else "")

    def _put_beside(self) -> None:
        root = self.controller.form.root
        if isinstance(root, Path):
            self._place.setText(str(root.parent))

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Where to save the project"), self._place.text())
        if chosen:
            self._place.setText(chosen)
