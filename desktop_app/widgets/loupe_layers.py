"""Which page or plane of its file an image is looked at in: in words, and on a slider."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSlider, QWidget

from core.images.formats import Where
from core.images.layers import Layers
from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import row, text

_SLIDER_PX = 140


def layer_words(layers: Layers, layer: Where) -> str:
    """Return such as “plane 3 of 12 (z2), time 2 of 5”: counted from 1, and as addresses and imports count."""
    if layer.page is not None:
        words = tr("frame {i} of {n}") if layers.frames else tr("page {i} of {n}")
        return words.format(i=layer.page + 1, n=layers.pages)
    said, count = [], len(layers.depths)
    if count > 1 and layer.z is None:
        said.append(tr("brightest of {n} planes", n=count))
    elif count > 1:
        said.append(tr("plane {i} of {n} (z{z})", i=_place(layers.depths, layer.z) + 1, n=count, z=layer.z))
    if len(layers.times) > 1:
        said.append(tr("time {i} of {n}", i=_place(layers.times, layer.t) + 1, n=len(layers.times)))
    return ", ".join(said)


class LayerControl(QWidget):
    """Shows the page or plane that is looked at, with a slider for depth (or pages) and one for time; else nothing.

    Signals
    -------
    wanted
        (Where) another one was chosen.
    """

    wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._layers: Layers | None = None
        self._layer = Where()
        self._itself, self.words = text("", "warn"), text("", "strong")
        self.depth_slider = self._slider(theme, tr("Plane or page (Page Up, Page Down)"))
        self.time_slider = self._slider(theme, tr("Time (Shift + Page Up, Page Down)"))
        self.depth_slider.valueChanged.connect(self._slid)
        self.time_slider.valueChanged.connect(self._slid)
        self.setLayout(row(self._itself, self.words, self.depth_slider, self.time_slider, spacing=theme.px(12)))
        self.hide()

    def show_layer(self, layers: Layers | None, layer: Where | None) -> None:
        """Show where one is in a file; None where there is nothing to choose."""
        self.setVisible(layers is not None)
        if layers is None or layer is None:
            return
        self._layers, self._layer = layers, layer
        self.words.setText(layer_words(layers, layer))
        away = layer != layers.own
        own = layer_words(layers, layers.own)
        self._itself.setText(tr("The image itself: {words} (Home)", words=own) if away else "")
        self._itself.setVisible(away)
        if layer.page is not None:
            _show(self.depth_slider, layers.pages - 1, layer.page)
        else:
            at = _place(layers.depths, layer.z) + 1 if layer.z is not None else 0
            _show(self.depth_slider, len(layers.depths) if len(layers.depths) > 1 else 0, at)
        _show(self.time_slider, len(layers.times) - 1, _place(layers.times, layer.t))

    @staticmethod
    def _slider(theme: Theme, name: str) -> QSlider:
        made = QSlider(Qt.Orientation.Horizontal)
        made.setFixedWidth(theme.px(_SLIDER_PX))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setAccessibleName(name)
        made.setToolTip(name)
        return made

    def _slid(self) -> None:
        layers, layer = self._layers, self._layer
        if layers is None:
            return
        if layer.page is not None:
            self.wanted.emit(Where(page=self.depth_slider.value()))
            return
        at = self.depth_slider.value()
        time = layers.times[self.time_slider.value()] if len(layers.times) > 1 else layer.t
        self.wanted.emit(Where(z=layers.depths[at - 1] if at else None, t=time))


def _show(slider: QSlider, last: int, value: int) -> None:
    slider.blockSignals(True)
    slider.setRange(0, max(0, last))
    slider.setValue(value)
    slider.blockSignals(False)
    slider.setVisible(last > 0)


def _place(values: tuple[int, ...], value: int | None) -> int:
    return values.index(value) if value in values else 0
