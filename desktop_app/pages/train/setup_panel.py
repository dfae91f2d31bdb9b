"""The left of the Train page: preset, backbone, augmentation, strategy and schedule; all of it is the configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QGridLayout, QSpinBox, QVBoxLayout, QWidget

from core.training.config import Strategy
from core.translation import mark, tr
from desktop_app.pages.train.augmentation_card import AugmentationCard
from desktop_app.pages.train.backbone_card import BackboneCard
from desktop_app.pages.train.channel_card import ChannelCard
from desktop_app.pages.train.controller import TrainController
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import inset, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import ChoiceChips

PRESET_TITLES: Final = {"quick": mark("Quick look"), "balanced": mark("Balanced"), "best": mark("Best")}
PRESET_TEXTS: Final = {
    "quick": mark("Only the head, on features computed once: a first answer within minutes."),
    "balanced": mark("The head, then the last stages of the network: the usual choice."),
    "best": mark("The whole network at a larger size: better answers for much more time."),
}
STRATEGY_TITLES: Final = {
    "head": mark("Head only"),
    "staged": mark("Last stages"),
    "whole": mark("Whole network"),
}
WEIGHT_TITLES: Final = {
    "none": mark("Images count alike"),
    "effective": mark("Rare labels count more"),
    "balanced": mark("Labels count alike"),
}
RESIZE_TITLES: Final = {
    "stretch": mark("Stretch"),
    "crop": mark("Crop the middle"),
    "pad": mark("Pad to a square"),
    "native": mark("Native scale"),
}


class SetupPanel(QWidget):
    """The configuration as cards; follows the controller's `config_changed`."""

    def __init__(self, controller: TrainController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self._fields: dict[str, tuple[Callable[[Any], None], Callable[[], Any]]] = {}
        self._editors: dict[str, QWidget] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(GRID * 1.5))
        self.augmentation = AugmentationCard(controller, theme)
        for card in (
            self._preset_card(),
            ChannelCard(controller, theme),
            BackboneCard(controller, theme),
            self.augmentation,
            self._strategy_card(),
            self._schedule_card(),
        ):
            layout.addWidget(card)
        layout.addStretch(1)
        controller.config_changed.connect(self._show)
        controller.run_state_changed.connect(self._show)
        self._show()

    def _preset_card(self) -> Card:
        card = Card(self._theme)
        config = self._controller.config
        self._preset = ChoiceChips(
            [(value, tr(title)) for value, title in PRESET_TITLES.items()],
            str(config.preset),
            self._controller.choose_preset_named,
            name=tr("Preset"),
            wrap=True,
        )
        self._preset_text = text("", "muted", wrap=True)
        card.add(self._preset)
        card.add(self._preset_text)
        return card

    def _strategy_card(self) -> Card:
        card = Card(self._theme, tr("Strategy"))
        self._strategy = ChoiceChips(
            [(value, tr(title)) for value, title in STRATEGY_TITLES.items()],
            str(self._controller.config.strategy),
            lambda value: self._controller.set_values(strategy=value),
            name=tr("Strategy"),
            wrap=True,
        )
        card.add(self._strategy)
        card.add(
            self._grid([(mark("Stages"), "stages", _integer(1, 20)), (mark("Epochs"), "epochs", _integer(1, 1000))])
        )
        return card

    def _schedule_card(self) -> Card:
        card = Card(self._theme, tr("Schedule and details"))
        rows: list[tuple[str, str, QWidget]] = [
            (mark("Image size (px)"), "size", _integer(32, 1024, 16)),
            (mark("Resize"), "resize", _choice(RESIZE_TITLES)),
            (mark("Batch size"), "batch_size", _integer(2, 4096)),
            (mark("Learning rate"), "learning_rate", _number(1e-6, 1.0, 6)),
            (mark("Warm-up (share)"), "warmup", _number(0.0, 0.5, 2)),
            (mark("Weight decay"), "weight_decay", _number(0.0, 1.0, 4)),
            (mark("Label smoothing"), "label_smoothing", _number(0.0, 0.5, 2)),
            (mark("Dropout"), "dropout", _number(0.0, 0.9, 2)),
            (mark("Imbalance"), "class_weights", _choice(WEIGHT_TITLES)),
            (mark("Stop early after"), "patience", _integer(0, 1000)),
            (mark("Seed"), "seed", _integer(0, 2**31 - 1)),
            (mark("Readers’ votes"), "soft_labels", QCheckBox(tr("learn from them"))),
        ]
        card.add(self._grid(rows))
        return card

    def _grid(self, rows: list[tuple[str, str, QWidget]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self._theme.px(GRID))
        grid.setVerticalSpacing(self._theme.px(6))
        grid.setColumnStretch(1, 1)
        for index, (title, field, editor) in enumerate(rows):
            label = text(tr(title), "muted")
            label.setBuddy(editor)
            editor.setAccessibleName(tr(title))
            grid.addWidget(label, index, 0)
            grid.addWidget(editor, index, 1)
            self._bind(field, editor)
        return grid

    def _bind(self, field: str, editor: QWidget) -> None:
        """Let `editor` show and change the configuration's `field`."""
        self._editors[field] = editor
        if isinstance(editor, QComboBox):
            editor.activated.connect(lambda: self._controller.set_values(**{field: editor.currentData()}))
            self._fields[field] = (
                lambda value: editor.setCurrentIndex(editor.findData(str(value))),
                editor.currentData,
            )
        elif isinstance(editor, QCheckBox):
            editor.clicked.connect(lambda on: self._controller.set_values(**{field: on}))
            self._fields[field] = (editor.setChecked, editor.isChecked)
        elif isinstance(editor, QSpinBox | QDoubleSpinBox):
            editor.setKeyboardTracking(False)
            editor.valueChanged.connect(lambda value: self._controller.set_values(**{field: value}))
            self._fields[field] = (editor.setValue, editor.value)

    def _show(self) -> None:
        config = self._controller.config
        self._preset.choose(str(config.preset))
        words = tr(PRESET_TEXTS[str(config.preset)])
        own = config != self._controller.preset_config(config.preset)
        self._preset_text.setText(
            f"{words} {tr('Some values are your own; click the preset to take its own again.')}" if own else words
        )
        self._editors["stages"].setEnabled(config.strategy is Strategy.STAGED)
        self._editors["epochs"].setEnabled(config.strategy is not Strategy.HEAD)
        self._strategy.choose(str(config.strategy))
        for field, (show, shown) in self._fields.items():
            value = getattr(config, field)
            if shown() != value:
                show(value)
        self.setEnabled(not self._controller.running)


def _integer(low: int, high: int, step: int = 1) -> QSpinBox:
    editor = inset(QSpinBox())
    editor.setRange(low, high)
    editor.setSingleStep(step)
    return editor


def _number(low: float, high: float, decimals: int) -> QDoubleSpinBox:
    editor = inset(QDoubleSpinBox())
    editor.setDecimals(decimals)
    editor.setRange(low, high)
    editor.setSingleStep(10.0 ** -min(decimals, 2) if high > 0.1 and decimals <= 2 else 10.0 ** -(decimals - 2))
    return editor


def _choice(titles: dict[str, str]) -> QComboBox:
    editor = QComboBox()
    editor.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    editor.setMinimumContentsLength(8)
    for value, title in titles.items():
        editor.addItem(tr(title), value)
    return editor
