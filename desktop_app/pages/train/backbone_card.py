"""The table of backbones: size, accuracy, measured speed, and whether the weights are here."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent

from core.backbones.table import BACKBONES, BackboneSpec
from core.backbones.weights import WeightsState, weights_state
from core.paths import user_cache_dir
from core.translation import tr
from desktop_app.pages.train.controller import TrainController
from desktop_app.theme import Theme
from desktop_app.widgets.card import Card
from desktop_app.widgets.data_table import Cell, DataTable

_SPEED_COLUMN = 3
_NARROW_PX = 370


class BackboneCard(Card):
    """Choose the pretrained network."""

    def __init__(self, controller: TrainController, theme: Theme) -> None:
        super().__init__(theme, tr("Backbone"))
        self._controller = controller
        header = [tr("Name"), tr("Size"), tr("Top-1"), tr("Img/s"), ""]
        self._table = DataTable(theme, header, self._chosen, name=tr("Backbones"), numbers=(1, 2, 3))
        self.add(self._table)
        self._fill()
        controller.config_changed.connect(self._show_choice)
        controller.runs_changed.connect(self._fill)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the names have the room of the speed where the card is narrow."""
        self._table.setColumnHidden(_SPEED_COLUMN, self.width() < self.theme.px(_NARROW_PX))
        super().resizeEvent(event)

    def _fill(self) -> None:
        speeds, cache = self._controller.speeds(), user_cache_dir()
        states = {name: weights_state(spec, cache) for name, spec in BACKBONES.items()}
        # Those that can be used at once come first; otherwise the table's own order.
        order = sorted(BACKBONES.values(), key=lambda spec: states[spec.name] is WeightsState.ABSENT)
        rows = [(spec.name, self._cells(spec, states[spec.name], speeds.get(spec.name))) for spec in order]
        self._table.show_rows(rows, [self._controller.config.backbone])
        self._table.fit_height(6)

    def _cells(self, spec: BackboneSpec, state: WeightsState, speed: float | None) -> list[Cell]:
        icon = {
            WeightsState.BUNDLED: self.theme.icon("check", "good"),
            WeightsState.CACHED: self.theme.icon("check", "good"),
            WeightsState.ABSENT: self.theme.icon("download"),
        }[state]
        tip = {
            WeightsState.BUNDLED: tr("Its weights come with Coverslip."),
            WeightsState.CACHED: tr("Its weights are on this computer."),
            WeightsState.ABSENT: tr(
                "Its weights ({size} MB) are downloaded when it is used, if Settings allow that.",
                size=f"{spec.size_bytes / 1e6:.0f}",
            ),
        }[state]
        return [
            Cell(spec.title),
            Cell(tr("{n} M", n=f"{spec.parameters / 1e6:.1f}"), number=True, tip=tr("parameters, in millions")),
            Cell(f"{spec.top1:.1f}", number=True, tip=tr("ImageNet top-1 accuracy in percent")),
            Cell(f"{speed:.0f}" if speed else "–", number=True, tip=tr("images per second, measured in your own runs")),
            Cell("", icon, tip=tip),
        ]

    def _chosen(self, keys: list[str]) -> None:
        if keys:
            self._controller.set_values(backbone=keys[0])

    def _show_choice(self) -> None:
        self._table.select_keys([self._controller.config.backbone])
