"""What is to be imported: a folder, a file or an address, what it was recognised as, and leave to use the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from core.translation import tr
from desktop_app.pages.importing.fields import choices, fill_line, line, set_choices
from desktop_app.theme import Theme
from desktop_app.widgets.basics import boxed, button, column, row, set_property, text
from desktop_app.widgets.card import Card

if TYPE_CHECKING:
    from desktop_app.pages.importing.controller import ImportController


class SourceCard(Card):
    """The first card of the form."""

    def __init__(self, controller: ImportController, theme: Theme) -> None:
        super().__init__(theme, tr("What to import"))
        self.controller = controller
        self._address = line(tr("Folder, file or address"), tr("Drop a folder or files here, or type an address"))
        self._address.returnPressed.connect(self._typed)
        self.add(self._address)
        self.add(
            row(
                button(tr("Folder…"), self.choose_folder, icon=theme.icon("folder")),
                button(tr("File…"), self.choose_file, icon=theme.icon("file")),
                None,
            )
        )
        self._count = text("", "small", wrap=True)
        self.add(self._count)
        asked = tr(
            "This lies on a server. Coverslip uses no network unless you allow it; nothing is sent but requests."
        )
        self._consent = boxed(
            column(text(asked, "warn", wrap=True), row(button(tr("Allow the network"), controller.allow_network), None))
        )
        self.add(self._consent)
        self._format = choices(tr("Format"), lambda name: controller.enter(format=name, columns=()))
        self._format_row = boxed(row(text(tr("Format"), "muted"), self._format, spacing=theme.px(12)))
        self._format_row.layout().setStretch(1, 1)  # type: ignore[union-attr]
        self.add(self._format_row)

    def fill(self) -> None:
        """Show what was chosen."""
        root = self.controller.form.root
        fill_line(self._address, "" if root is None else str(root))

    def show_state(self) -> None:
        """Show what is there."""
        controller = self.controller
        said = controller.source_text()
        self._count.setText(said)
        self._count.setVisible(bool(said))
        set_property(self._count, "role", "bad" if controller.source_error else "small")
        self._consent.setVisible(controller.waits_for_consent)
        self._format_row.setVisible(controller.content is not None)
        if controller.content is not None:
            self._show_formats()

    def choose_folder(self) -> None:
        """Ask for a folder."""
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder of images"), self._address.text())
        if chosen:
            self.controller.choose(Path(chosen))

    def choose_file(self) -> None:
        """Ask for a file."""
        title = tr("A file of a data set, a ZIP, or an image")
        chosen, _ = QFileDialog.getOpenFileName(self, title, self._address.text())
        if chosen:
            self.controller.choose(Path(chosen))

    def _typed(self) -> None:
        typed = self._address.text().strip()
        if typed:
            address = self.controller.needs_network(typed)
            self.controller.choose(typed if address else Path(typed).expanduser())

    def _show_formats(self) -> None:
        from core.ingest.formats.table import FORMATS

        seen, form = self.controller.seen, self.controller.form
        found = seen.preview.title if seen is not None and seen.preview is not None and form.format == "auto" else ""
        recognised = tr("Recognised: {format}", format=found) if found else tr("Recognise it")
        set_choices(self._format, [("auto", recognised), *((spec.id, tr(spec.title)) for spec in FORMATS)], form.format)
