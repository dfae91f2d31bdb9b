"""The intensity windows of the loupe: for each channel, which values are black and which are full. Display only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QWidget

from core.translation import mark, tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, text
from desktop_app.widgets.loupe_pictures import Windows

_CHANNELS = {1: (mark("Grey"),), 3: (mark("Red"), mark("Green"), mark("Blue"))}


class WindowControls(QWidget):
    """Two sliders a channel.

    Signals
    -------
    changed
        (Windows) the user moved one.
    automatic
        The user wants them chosen from the image again.
    """

    changed = Signal(object)
    automatic = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(8))
        self._grid.setVerticalSpacing(theme.px(2))
        self._sliders: list[tuple[QSlider, QSlider, QLabel]] = []
        self._build(1)

    def set_windows(self, windows: Windows, limits: tuple[int, int]) -> None:
        """Show these windows of an image with values within `limits`, without telling anyone."""
        if len(windows) != len(self._sliders):
            self._build(len(windows))
        for (low, high, words), (low_value, high_value) in zip(self._sliders, windows, strict=True):
            for slider, value in ((low, low_value), (high, high_value)):
                slider.blockSignals(True)
                slider.setRange(min(limits[0], value), max(limits[1], value))
                slider.setSingleStep(max(1, (limits[1] - limits[0]) // 256))
                slider.setPageStep(max(1, (limits[1] - limits[0]) // 16))
                slider.setValue(value)
                slider.blockSignals(False)
            words.setText(f"{low_value:,} – {high_value:,}")

    def windows(self) -> Windows:
        """Return the windows that the sliders show; a high end is always above its low end."""
        return tuple((low.value(), max(low.value() + 1, high.value())) for low, high, _ in self._sliders)

    def _build(self, channels: int) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._sliders = [self._channel(row, tr(name)) for row, name in enumerate(_CHANNELS[channels])]
        automatic = button(tr("Automatic"), self.automatic.emit, tip=tr("Choose the windows from this image."))
        self._grid.addWidget(automatic, 0, 4, channels, 1, Qt.AlignmentFlag.AlignVCenter)

    def _channel(self, row: int, name: str) -> tuple[QSlider, QSlider, QLabel]:
        low = self._slider(tr("{channel}: shown as black", channel=name))
        high = self._slider(tr("{channel}: shown as full", channel=name))
        words = text("", "small")
        words.setMinimumWidth(self._theme.px(110))
        for column, widget in enumerate((text(name, "small"), low, high, words)):
            self._grid.addWidget(widget, row, column)
        return low, high, words

    def _slider(self, name: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setAccessibleName(name)
        slider.setToolTip(name)
        slider.setMinimumWidth(self._theme.px(110))
        slider.valueChanged.connect(self._moved)
        return slider

    def _moved(self) -> None:
        windows = self.windows()
        for (_, _, words), (low, high) in zip(self._sliders, windows, strict=True):
            words.setText(f"{low:,} – {high:,}")
        self.changed.emit(windows)
