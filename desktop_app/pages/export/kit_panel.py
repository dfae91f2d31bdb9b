"""The middle of the Export page: what the other team receives, and how it was proven."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.kit import layout as kit_layout
from core.translation import mark, tr, tr_n
from desktop_app.pages.export.command_line import CommandLine
from desktop_app.pages.export.controller import ExportController
from desktop_app.pages.export.kits import KitContents, KnownKit
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.amounts import bytes_words
from desktop_app.widgets.basics import button, row, set_role, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.data_table import Cell, DataTable
from desktop_app.widgets.elided import ElidedLabel

_WHAT: Final = {
    kit_layout.MODEL: mark("model, preprocessing inside"),
    kit_layout.METADATA: mark("labels, calibration, quality"),
    kit_layout.LABELS: mark("labels in output order"),
    kit_layout.PROOF: mark("the proof, checksums"),
    kit_layout.README: mark("how to call it"),
}


class KitPanel(QWidget):
    """The kit that is shown, and the table of all."""

    def __init__(self, controller: ExportController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(6), theme.px(16))
        layout.setSpacing(theme.px(GRID * 1.5))
        self._kit = QWidget()
        inside = QVBoxLayout(self._kit)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(GRID * 1.5))
        inside.addLayout(self._headlines())
        for card in (self._proof_card(), self._files_card(), self._command_card()):
            inside.addWidget(card)
        self._promise = self._promise_card()
        self._kits_card = self._known_card()
        for widget in (self._kit, self._promise, self._kits_card):
            layout.addWidget(widget)
        layout.addStretch(1)
        controller.kits_changed.connect(self._refresh)
        controller.verdict_changed.connect(self._show_verdict)
        self._refresh()

    # -- building

    def _headlines(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(self._theme.px(GRID * 1.5))
        self._numbers: dict[str, tuple[QLabel, ElidedLabel]] = {}
        for key, title in (("proof", tr("Same label")), ("size", tr("Size")), ("speed", tr("Speed"))):
            card = Card(self._theme, title)
            number, words = text("", "big"), ElidedLabel("", "small")
            card.add(number)
            card.add(words)
            self._numbers[key] = (number, words)
            layout.addWidget(card, 1)
        return layout

    def _proof_card(self) -> Card:
        card = Card(self._theme, tr("Proof"))
        self._proof = text("", "strong", wrap=True, selectable=True)
        self._proof_how = text("", "muted", wrap=True)
        self._verdict = text("", "good", wrap=True)
        theme = self._theme
        self.verify = button(tr("Verify again"), self._controller.verify, icon=theme.icon("refresh"))
        self.verify.setToolTip(tr("Checks the files and runs the golden samples again, from the kit alone."))
        self.open_folder = button(tr("Open folder"), self._open_folder, icon=theme.icon("folder-open"))
        self._path = ElidedLabel("", "small")
        card.add(self._proof)
        card.add(self._proof_how)
        card.add(self._verdict)
        line = row(self.open_folder, self.verify, 4)
        line.addWidget(self._path, 1)
        card.add(line)
        return card

    def _files_card(self) -> Card:
        card = Card(self._theme, tr("What the other team receives"))
        header = [tr("File"), tr("What it is"), tr("Size")]
        self._files = DataTable(
            self._theme, header, lambda _: None, name=tr("Files of the kit"), stretch=1, numbers=(2,)
        )
        self._files.setSelectionMode(DataTable.SelectionMode.NoSelection)
        self._files_words = text("", "muted")
        card.add_to_head(self._files_words)
        card.add(self._files)
        return card

    def _command_card(self) -> Card:
        card = Card(self._theme, tr("For the receiving team"))
        self._commands = [CommandLine(self._theme), CommandLine(self._theme)]
        for line in self._commands:
            card.add(line)
        words = tr("Without Coverslip: README.md has the few lines of code that call the model.")
        card.add(text(words, "muted", wrap=True))
        return card

    def _known_card(self) -> Card:
        card = Card(self._theme, tr("Exported from this project"))
        self.forget = button(tr("Take off the list"), self._controller.forget_shown, kind="link")
        self.forget.setToolTip(tr("The files stay where they are."))
        card.add_to_head(self.forget)
        header = ["", tr("Kit"), tr("Run"), tr("Precision"), tr("Proof"), tr("Size"), tr("Exported")]
        self.table = DataTable(self._theme, header, self._chosen, name=tr("Exported from this project"), stretch=1)
        card.add(self.table)
        return card

    def _promise_card(self) -> Card:
        card = Card(self._theme, tr("What the other team will receive"))
        for icon, words in (
            ("export", tr("One .onnx file that takes images as they are, of any size: all preprocessing is inside.")),
            ("done", tr("A proof on your own images that it answers there what it answered here.")),
            ("tag", tr("Labels, colours, calibration and the measured quality, with their intervals.")),
            ("file", tr("A page that says how to call it from Python, C++, C#, Java or Rust.")),
        ):
            picture = QLabel()
            picture.setPixmap(self._theme.pixmap(icon, 18, "accent"))
            line = row(picture, 2)
            line.addWidget(text(words, wrap=True), 1)
            card.add(line)
        return card

    # -- showing

    def _refresh(self) -> None:
        kit = self._controller.shown_kit()
        self._kit.setVisible(kit is not None and kit.contents is not None)
        self._promise.setVisible(kit is None)
        self._kits_card.setVisible(bool(self._controller.kits))
        if kit is not None and kit.contents is not None:
            self._show_kit(kit, kit.contents)
        self._show_table()
        self._show_verdict()

    def _show_kit(self, kit: KnownKit, contents: KitContents) -> None:
        proof = contents.proof
        self._number("proof", tr("{n} of {total}", n=proof.argmax_equal, total=proof.n), tr("real images"))
        count = sum(file.files for file in contents.files)
        size = bytes_words(contents.bytes)
        self._files_words.setText(tr_n("{n} file, {size}", "{n} files, {size}", count, size=size))
        self._number("size", bytes_words(contents.model_bytes), tr("the model’s file"))
        speed = f"{kit.ms_per_image:.1f} ms" if kit.ms_per_image is not None else "–"
        known = tr("per image, CPU") if kit.ms_per_image is not None else tr("not measured")
        self._number("speed", speed, known)
        self._proof.setText(
            tr(
                "{n} of {total} images: same label; largest difference of a probability {distance}.",
                n=proof.argmax_equal,
                total=proof.n,
                distance=scientific(proof.max_abs_dp),
            )
        )
        self._proof_how.setText(
            tr(
                "PyTorch here against the file in ONNX Runtime, on images of this project. Allowed: {tolerance}.",
                tolerance=f"{proof.tolerance:g}",
            )
        )
        self._path.set_full_text(str(kit.path))
        self._files.show_rows(
            [(file.name, _file_cells(file.name, file.bytes, file.files)) for file in contents.files], []
        )
        self._files.fit_height(8)
        name = _quoted(kit.path.name)
        self._commands[0].show_command(tr("Check it"), f"coverslip verify {name}")
        self._commands[1].show_command(tr("Use it"), f"coverslip predict {name} IMAGES --out predictions.csv")

    def _number(self, key: str, number: str, words: str) -> None:
        self._numbers[key][0].setText(number)
        self._numbers[key][1].set_full_text(words)

    def _show_verdict(self) -> None:
        shown, controller = self._controller.shown, self._controller
        verdict = controller.verdicts.get(shown) if shown is not None else None
        self.verify.setEnabled(controller.verifying is None)
        if controller.verifying is not None and controller.verifying == shown:
            words, role = tr("Verifying…"), "muted"
        elif verdict is None:
            words, role = "", "muted"
        elif verdict.report is None:
            words, role = verdict.problem, "bad"
        else:
            report = verdict.report
            at = datetime.fromtimestamp(verdict.at).astimezone().strftime("%H:%M")
            provider = report.provider.removesuffix("ExecutionProvider")
            same = tr("{n} of {total} golden samples hold", n=report.n - len(report.failed), total=report.n)
            difference = tr("largest difference {distance}", distance=scientific(report.max_abs_dp))
            words = tr(
                "Verified at {time} on {device}: {same}; {difference}.",
                time=at,
                device=provider,
                same=same,
                difference=difference,
            )
            role = "good" if report.ok else "bad"
        self._verdict.setText(words)
        self._verdict.setVisible(bool(words))
        set_role(self._verdict, role)

    def _show_table(self) -> None:
        kits = self._controller.kits
        rows = [(str(kit.path), self._kit_cells(kit)) for kit in kits]
        self.table.show_rows(rows, [str(self._controller.shown)])
        self.table.fit_height(5)

    def _kit_cells(self, kit: KnownKit) -> list[Cell]:
        contents = kit.contents
        if contents is None:
            icon = self._theme.icon("warning", "warn")
            return [Cell("", icon, tip=kit.problem), Cell(kit.path.name, tip=kit.problem), *[Cell("–")] * 5]
        metadata, proof = contents.metadata, contents.proof
        created = metadata.created[:16].replace("T", " ")
        return [
            Cell("", self._theme.icon("check", "good"), tip=str(kit.path)),
            Cell(kit.path.name, tip=str(kit.path)),
            Cell(str(metadata.run)),
            Cell(metadata.precision),
            Cell(tr("{n} of {total}", n=proof.argmax_equal, total=proof.n)),
            Cell(bytes_words(contents.model_bytes)),
            Cell(created),
        ]

    def _chosen(self, keys: list[str]) -> None:
        chosen = next((kit for kit in self._controller.kits if keys and str(kit.path) == keys[0]), None)
        if chosen is not None:
            self._controller.show_kit(chosen.path)

    def _open_folder(self) -> None:
        if self._controller.shown is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._controller.shown)))


def _file_cells(name: str, size: int, files: int) -> list[Cell]:
    # One of the files there is the table of answers.
    golden = tr_n("{n} real image, its answer", "{n} real images, answers", files - 1)
    what = tr(_WHAT[name]) if name in _WHAT else golden
    return [Cell(name), Cell(what, tip=what), Cell(bytes_words(size), number=True)]


def _quoted(name: str) -> str:
    return f'"{name}"' if any(c in name for c in " '&()") else name


def scientific(value: float) -> str:
    """Return such as ``1.9e-6``."""
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"
