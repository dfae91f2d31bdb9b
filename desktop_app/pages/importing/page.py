"""The import page: whatever was dropped becomes a project, or part of the one that is open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout

from core.translation import tr
from desktop_app import theme as looks
from desktop_app.context import AppContext
from desktop_app.pages.importing.controller import ImportController
from desktop_app.pages.importing.options_card import ColumnsCard, OptionsCard
from desktop_app.pages.importing.preview_card import PreviewCard
from desktop_app.pages.importing.project_card import ProjectCard
from desktop_app.pages.importing.rule_cards import GroupsCard, LabelsCard
from desktop_app.pages.importing.source_card import SourceCard
from desktop_app.pages.importing.words import button_text
from desktop_app.pages.page import Page
from desktop_app.widgets.basics import boxed, button, column, row, scrolling, text

_FORM_WIDTH_PX = 470


class ImportPage(Page):
    """A form on the left, and on the right what would come in."""

    id = "import"

    def __init__(self, controller: ImportController, context: AppContext) -> None:
        super().__init__(controller, context)
        self.controller = controller
        px = self.theme.px
        self._title = text("", "title")
        self._cards = (
            SourceCard(controller, self.theme),
            LabelsCard(controller, self.theme),
            ColumnsCard(controller, self.theme),
            GroupsCard(controller, self.theme),
            OptionsCard(controller, self.theme),
            ProjectCard(controller, self.theme),
        )
        cards = column(*self._cards, None)
        cards.setSpacing(px(10))
        cards.setContentsMargins(0, 0, px(6), px(8))
        form = scrolling(boxed(cards), name=tr("What to import, and how"))
        form.setFixedWidth(px(_FORM_WIDTH_PX))
        self._preview = PreviewCard(controller, self.theme)
        self._leave = button(tr("Cancel"), self._go_back)
        self.import_button = button("", controller.run, kind="primary", icon=self.theme.icon("download", "on_accent"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(px(looks.PAGE_MARGIN),) * 4)
        layout.setSpacing(px(12))
        layout.addWidget(self._title)
        layout.addLayout(row(form, self._preview, spacing=px(10)), 1)
        layout.addLayout(row(None, self._leave, self.import_button))
        controller.form_changed.connect(self._fill)
        controller.preview_changed.connect(self._show)
        self._fill()

    def activated(self, **params: object) -> None:
        """Begin an import.

        Parameters are ``new`` (make a project even if one is open), ``folder`` (a path or an address to start with),
        ``only`` (the files in it that are meant), ``sources`` (several, one after the other), and ``beside`` (propose
        to make the project beside the images).
        """
        new, beside = bool(params.get("new")), bool(params.get("beside"))
        sources, only = params.get("sources"), params.get("only")
        if isinstance(sources, list) and sources:
            self.controller.start_all(sources, new=new, beside=beside)
            return
        folder = params.get("folder")
        root = self._root(str(folder)) if folder else None
        names = [str(name) for name in only] if isinstance(only, list | tuple) else []
        self.controller.start(new=new, root=root, only=names, beside=beside)

    def _root(self, given: str) -> Path | str:
        return given if self.controller.needs_network(given) else Path(given)

    def _fill(self) -> None:
        for card in self._cards:
            card.fill()
        project, form = self.context.project, self.controller.form
        into = tr("Import into “{name}”", name=project.name) if project is not None else ""
        self._title.setText(tr("New project from images") if form.new else into)
        self._show()

    def _show(self) -> None:
        controller = self.controller
        for card in self._cards:
            card.show_state()
            card.setEnabled(not controller.busy)
        self._preview.show_state()
        shown = button_text(controller.seen, controller.busy, controller.form.skip_copies)
        self.import_button.setText(f"\N{THIN SPACE}{shown}")
        self.import_button.setAccessibleName(shown)
        self.import_button.setEnabled(controller.can_import)
        self._leave.setVisible(not controller.busy)

    def _go_back(self) -> None:
        self.context.show("images" if self.context.project is not None else "start")
