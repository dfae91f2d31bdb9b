"""The channels of the image in the loupe: for each its histogram, its window, its colours, and whether it is shown."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from core.images.channels_seen import ChannelStats
from core.images.deep import DeepImage
from core.images.luts import GREY, LUT_NAMES, PURE, lut
from core.images.rendering import ChannelDisplay, Display
from core.translation import mark, tr
from desktop_app.theme import SMALL_PX, Theme
from desktop_app.widgets.basics import SectionTitle, button, clear, row, rule, text
from desktop_app.widgets.histogram import Histogram

_RGB_NAMES = (mark("Red"), mark("Green"), mark("Blue"))


def channel_names(image: DeepImage) -> tuple[str, ...]:
    """Return what to call each channel: as the file does, or by colour or number; empty for a grey image."""
    count = image.source.channels
    if len(image.channel_names) == count:
        return image.channel_names
    if count == 1:
        return ("",)
    if image.colour:
        return tuple(tr(name) for name in _RGB_NAMES)
    return tuple(tr("Channel {n}", n=index) for index in range(count))


class ChannelPanel(QWidget):
    """What is shown of each channel, and how.

    Signals
    -------
    changed
        (Display) by the user.
    same_for_all_changed
        (bool) by the user.
    """

    changed = Signal(object)
    same_for_all_changed = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._image: DeepImage | None = None
        self._display: Display = ()
        self._rows: list[_ChannelRow] = []
        note = tr("This changes what you see. Training, predictions and the files stay as they are.")
        self.same = QCheckBox(tr("Same for all images"))
        self.same.setToolTip(tr("Show every image with the same channels through these windows.") + "\n" + note)
        self.same.toggled.connect(self.same_for_all_changed)
        auto = button(tr("Auto"), self._automatic, tip=tr("Choose the windows from this image.") + "\n" + note)
        full = button(tr("Full"), self._full, tip=tr("From the least to the greatest value.") + "\n" + note)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px(10))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(12), theme.px(4), theme.px(4), theme.px(4))
        layout.setSpacing(theme.px(10))
        layout.addLayout(row(SectionTitle(tr("Channels"), theme), None, auto, full))
        layout.addLayout(self._list)
        layout.addWidget(rule())
        layout.addWidget(self.same)
        layout.addWidget(text(note, "small", wrap=True))
        layout.addStretch(1)
        self.setAccessibleName(tr("Channels"))

    @property
    def rows(self) -> list[_ChannelRow]:
        """One a channel."""
        return self._rows

    def show_image(self, image: DeepImage, display: Display, *, same_for_all: bool) -> None:
        """Show the channels of an image, without telling anyone."""
        if self._image is None or _names(image) != _names(self._image):
            self._build(image)
        if image is not self._image:
            for made, stats in zip(self._rows, image.stats, strict=True):
                made.show_stats(stats, whole=np.dtype(image.source.dtype).kind != "f")
        self._image, self._display = image, display
        for made, one in zip(self._rows, display, strict=True):
            made.show_display(one)
        self.same.blockSignals(True)
        self.same.setChecked(same_for_all)
        self.same.blockSignals(False)

    def _build(self, image: DeepImage) -> None:
        clear(self._list)
        names = channel_names(image)
        self._rows = [_ChannelRow(self._theme, name or tr("Intensity"), alone=len(names) == 1) for name in names]
        for index, made in enumerate(self._rows):
            made.changed.connect(partial(self._change, index))
            self._list.addWidget(made)

    def _change(self, index: int, one: ChannelDisplay) -> None:
        self._tell((*self._display[:index], one, *self._display[index + 1 :]))

    def _automatic(self) -> None:
        if self._image is not None:
            self._tell(self._windows([(stats.auto_low, stats.auto_high) for stats in self._image.stats]))

    def _full(self) -> None:
        if self._image is None:
            return
        if np.dtype(self._image.source.dtype) == np.uint8:
            self._tell(self._windows([(0.0, 255.0)] * len(self._display)))
        else:
            ends = [(stats.low, max(stats.high, stats.low + 1e-6)) for stats in self._image.stats]
            self._tell(self._windows(ends))

    def _windows(self, ends: list[tuple[float, float]]) -> Display:
        return tuple(replace(one, low=low, high=high) for one, (low, high) in zip(self._display, ends, strict=True))

    def _tell(self, display: Display) -> None:
        self._display = display
        for made, one in zip(self._rows, display, strict=True):
            made.show_display(one)
        self.changed.emit(display)


class _ChannelRow(QWidget):
    """One channel."""

    changed = Signal(object)

    def __init__(self, theme: Theme, name: str, *, alone: bool) -> None:
        super().__init__()
        self._theme = theme
        self._shown = ChannelDisplay(0, 255)
        self.visible = QCheckBox(name)
        self.visible.setToolTip(tr("Show this channel"))
        self.visible.setEnabled(not alone)
        self.histogram = Histogram(theme, tr("{channel}: window", channel=name))
        self.histogram.setToolTip(
            tr("Drag the ends: what is left of the first is black, what is right of the second is full.")
        )
        self.luts = QComboBox()
        self.luts.setAccessibleName(tr("{channel}: colours", channel=name))
        for key, title in LUT_NAMES.items():
            self.luts.addItem(_ramp(key, theme), tr(title), key)
        self._words = text("", "small")
        self._words.setFont(theme.font(SMALL_PX, tabular=True))
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = row(text(name, "strong") if alone else self.visible, None, self.luts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(4))
        layout.addLayout(head)
        layout.addWidget(self.histogram)
        layout.addWidget(self._words)
        self.visible.toggled.connect(lambda on: self._change(replace(self._shown, visible=on)))
        self.luts.activated.connect(lambda _: self._change(replace(self._shown, lut=self.luts.currentData())))
        self.histogram.window_changed.connect(lambda a, b: self._change(replace(self._shown, low=a, high=b)))

    def show_stats(self, stats: ChannelStats, *, whole: bool) -> None:
        """Show another image's intensities."""
        self.histogram.show_counts(stats.counts, stats.low, stats.high, whole=whole)

    def show_display(self, one: ChannelDisplay) -> None:
        """Show how the channel is shown, without telling anyone."""
        self._shown = one
        self.histogram.set_window(one.low, one.high, QColor(*(int(part) for part in lut(one.lut)[255])))
        self._words.setText(f"{_number(one.low)} – {_number(one.high)}")
        self.visible.blockSignals(True)
        self.visible.setChecked(one.visible)
        self.visible.blockSignals(False)
        if self.luts.findData(one.lut) < 0:
            self.luts.addItem(_ramp(one.lut, self._theme), _colour_name(one.lut), one.lut)
        self.luts.setCurrentIndex(self.luts.findData(one.lut))

    def _change(self, one: ChannelDisplay) -> None:
        if one != self._shown:
            self.changed.emit(one)


def _names(image: DeepImage) -> tuple[object, ...]:
    return (*channel_names(image), image.source.channels)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:.4g}"


def _colour_name(lut_name: str) -> str:
    """Return what to call a colour that a file asks for: a pure one by its name, any other as it is written."""
    top = tuple(int(part) for part in lut(lut_name)[255])
    names = {colour: name for name, colour in PURE.items()} | {(255, 255, 255): GREY}
    return tr(LUT_NAMES[names[top]]) if top in names else lut_name


def _ramp(name: str, theme: Theme) -> QIcon:
    """Return a colour table as a small picture."""
    table = np.ascontiguousarray(np.repeat(lut(name)[None, ::8], 12, axis=0))
    image = QImage(table.data, table.shape[1], 12, 3 * table.shape[1], QImage.Format.Format_RGB888)
    return QIcon(QPixmap.fromImage(image.scaled(theme.px(28), theme.px(12))))
