"""The table of backbones: size, accuracy, measured speed, and whether the weights are here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from core.backbones.table import BACKBONES, BackboneSpec
from core.backbones.weights import WeightsState
from core.translation import tr
from desktop_app.pages.train.controller import TrainController
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, row, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.data_table import Cell, DataTable

_SPEED_COLUMN = 3


class BackboneCard(Card):
    """Choose the pretrained network; say what happens where its weights are not here."""

    def __init__(self, controller: TrainController, theme: Theme) -> None:
        super().__init__(theme, tr("Backbone"))
        self._controller = controller
        header = [tr("Name"), tr("Size"), tr("Top-1"), tr("Img/s")]
        self._table = DataTable(
            theme, header, self._chosen, name=tr("Backbones"), numbers=(1, 2, 3), spare=_SPEED_COLUMN
        )
        self._add = button(
            tr("Add weights file…"),
            self._choose_file,
            kind="link",
            tip=tr("Use a .pth or .safetensors file of pretrained weights that you have; no network is needed."),
        )
        self._note = text("", "small", wrap=True)
        self._settings = button(tr("Settings"), lambda: controller.context.show("settings"), kind="link")
        self.add_to_head(self._add)
        self.add(self._table)
        self.add(row(self._note, self._settings))
        self._fill()
        controller.config_changed.connect(self._show_choice)
        controller.runs_changed.connect(self._fill)
        controller.weights.added.connect(self._fill)
        controller.context.settings_changed.connect(self._show_choice)

    def _fill(self) -> None:
        speeds = self._controller.speeds()
        states = {name: self._controller.weights.state_of(name) for name in BACKBONES}
        # Those that can be used at once come first; otherwise the table's own order.
        order = sorted(BACKBONES.values(), key=lambda spec: states[spec.name] is WeightsState.ABSENT)
        rows = [(spec.name, self._cells(spec, states[spec.name], speeds.get(spec.name))) for spec in order]
        self._table.show_rows(rows, [self._controller.config.backbone])
        self._table.fit_height(6)
        self._show_choice()

    def _cells(self, spec: BackboneSpec, state: WeightsState, speed: float | None) -> list[Cell]:
        here = state is not WeightsState.ABSENT
        icon = self.theme.icon("check", "good") if here else self.theme.icon("download")
        tip = {
            WeightsState.BUNDLED: tr("Its weights come with Coverslip."),
            WeightsState.CACHED: tr("Its weights are on this computer."),
            WeightsState.ABSENT: tr(
                "Its weights ({size} MB) are downloaded when it is used, if Settings allow that.",
                size=f"{spec.size_bytes / 1e6:.0f}",
            ),
        }[state]
        return [
            Cell(spec.title, icon, tip=tip),
            Cell(tr("{n} M", n=f"{spec.parameters / 1e6:.1f}"), number=True, tip=tr("parameters, in millions")),
            Cell(f"{spec.top1:.1f}", number=True, tip=tr("ImageNet top-1 accuracy in percent")),
            Cell(f"{speed:.0f}" if speed else "–", number=True, tip=tr("images per second, measured in your own runs")),
        ]

    def _chosen(self, keys: list[str]) -> None:
        if keys:
            self._controller.set_values(backbone=keys[0])

    def _show_choice(self) -> None:
        controller, spec = self._controller, BACKBONES[self._controller.config.backbone]
        self._table.select_keys([spec.name])
        absent = controller.weights.state_of(spec.name) is WeightsState.ABSENT
        allowed = controller.context.settings.downloads_allowed
        self._note.setVisible(absent)
        self._settings.setVisible(absent and not allowed)
        size = f"{spec.size_bytes / 1e6:.0f}"
        if allowed:
            self._note.setText(tr("Its weights ({size} MB) are downloaded when the training starts.", size=size))
        else:
            self._note.setText(
                tr("Its weights are not here: allow the download ({size} MB) in Settings, or add the file.", size=size)
            )

    def _choose_file(self) -> None:
        kinds = f"{tr('Weights')} (*.pth *.pt *.safetensors)"
        chosen, _ = QFileDialog.getOpenFileName(self, tr("Weights file"), "", kinds)
        if chosen:
            self._controller.weights.add(Path(chosen))
