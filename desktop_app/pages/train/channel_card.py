"""The channels the network sees and the window of each: shown only where images have other than 8-bit grey or RGB."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit

from core.translation import mark, tr, tr_n
from desktop_app.pages.train.controller import TrainController
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import boxed, clear, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import ChoiceChips
from desktop_app.widgets.histogram_strip import HistogramStrip

_AUTO: Final = "auto"
_FULL: Final = "full"
_OWN: Final = "own"
WINDOW_TITLES: Final = {_AUTO: mark("Measured"), _FULL: mark("Full range"), _OWN: mark("Own values")}
WINDOW_TEXTS: Final = {
    _AUTO: mark("One window for all images: 99.8 % of the values of the training images lie within it."),
    _FULL: mark("All values that images of this kind can have."),
    _OWN: mark("Values at the low end become black, at the high end full, in every image."),
}
GREY_MAPS: Final = {_AUTO: mark("Grey as RGB, as pretrained"), "grey": mark("One channel")}
RGB_MAPS: Final = {_AUTO: mark("RGB"), "grey": mark("Grey (luma)")}


class ChannelCard(Card):
    """Which channels go in, and through which windows."""

    def __init__(self, controller: TrainController, theme: Theme) -> None:
        super().__init__(theme, tr("Channels"))
        self._controller = controller
        self._words = text("", "muted", wrap=True)
        self._window_words = text("", "small", wrap=True)
        place = QGridLayout()
        place.setContentsMargins(0, 0, 0, 0)
        self._map_place = boxed(place)
        self._rows_grid = QGridLayout()
        self._rows_grid.setHorizontalSpacing(theme.px(GRID))
        self._rows_grid.setVerticalSpacing(theme.px(6))
        self._rows_grid.setColumnStretch(1, 1)
        self._rows: list[_ChannelRow] = []
        self._map: ChoiceChips | None = None
        self._windows = ChoiceChips(
            [(value, tr(title)) for value, title in WINDOW_TITLES.items()],
            _AUTO,
            self._choose_window,
            name=tr("Intensity window"),
            wrap=True,
        )
        for widget in (self._words, self._map_place):
            self.add(widget)
        self.add(self._rows_grid)
        self.add(self._windows)
        self.add(self._window_words)
        controller.channels.changed.connect(self._build)
        controller.config_changed.connect(self._show)
        self._build()

    def _build(self) -> None:
        """Make what the images' number of channels asks for."""
        facts = self._controller.channels
        self.setVisible(facts.measured)
        clear(self._rows_grid)
        self._rows = []
        layout = self._map_place.layout()
        assert layout is not None
        clear(layout)
        self._map = None
        if not facts.measured:
            return
        main = facts.kinds[0]
        count = sum(kind.count for kind in facts.kinds)
        words = tr_n("{n} channel of {bits} bits", "{n} channels of {bits} bits", facts.count, bits=main.bit_depth)
        self._words.setText(tr("{images} images: {channels}", images=f"{count:,}", channels=words))
        maps = {1: GREY_MAPS, 3: RGB_MAPS}.get(facts.count)
        self._map_place.setVisible(maps is not None)
        if maps is not None:
            self._map = ChoiceChips(
                [(value, tr(title)) for value, title in maps.items()],
                _AUTO,
                lambda value: self._controller.set_values(channels=value),
                name=tr("Channels"),
                wrap=True,
            )
            layout.addWidget(self._map)
        for index in range(facts.count):
            self._rows.append(self._row(index, choosable=maps is None))
        self._show()

    def _row(self, index: int, *, choosable: bool) -> _ChannelRow:
        facts = self._controller.channels
        name = facts.names[index] if facts.names else tr("Channel {n}", n=index)
        row = _ChannelRow(self, name, choosable=choosable)
        for column, widget in enumerate((row.used, row.strip, row.low, row.high)):
            self._rows_grid.addWidget(widget, index, column, Qt.AlignmentFlag.AlignVCenter)
        self._rows_grid.addWidget(row.words, index, 2, 1, 2, Qt.AlignmentFlag.AlignVCenter)
        if index < len(facts.histograms):
            found = facts.histograms[index]
            row.strip.show_counts(found.counts.tolist(), found.low, found.high)
            margin = 0.15 / 1.3 * (found.high - found.low)
            row.measured = (found.low + margin, found.high - margin)
        return row

    def _show(self) -> None:
        if not self._rows:
            return
        config, facts = self._controller.config, self._controller.channels
        own = config.window not in (_AUTO, _FULL)
        kind = _OWN if own else config.window
        self._windows.choose(kind)
        self._window_words.setText(tr(WINDOW_TEXTS[kind]))
        if self._map is not None:
            self._map.choose("grey" if config.channels == "grey" else _AUTO)
        chosen = chosen_indexes(config.channels, facts.count)
        windows = _parsed(config.window, len(chosen)) if own else []
        for index, row in enumerate(self._rows):
            used = index in chosen
            row.show_use(used)
            given = windows[chosen.index(index)] if own and used else None
            row.show_window(given or self._shown_window(kind, row), editable=own and used)

    def _shown_window(self, kind: str, row: _ChannelRow) -> tuple[float, float]:
        depth = max(found.bit_depth for found in self._controller.channels.kinds)
        if kind == _FULL and depth <= 16:
            return 0.0, 255.0 if depth <= 8 else 65535.0
        return row.measured

    def _choose_window(self, kind: str) -> None:
        if kind != _OWN:
            self._controller.set_values(window=kind)
        elif self._controller.config.window in (_AUTO, _FULL):
            self.set_own_windows()

    def set_own_windows(self) -> None:
        """Take what the rows show as the windows of the chosen channels."""
        chosen = chosen_indexes(self._controller.config.channels, len(self._rows))
        windows = [self._rows[index].window() for index in chosen]
        self._controller.set_values(window=_written(windows))
        self._show()

    def set_used(self) -> None:
        """Take the ticked channels, and their own windows where there are any; the last one ticked stays."""
        used = [index for index, row in enumerate(self._rows) if row.used.isChecked()]
        if not used:
            self._show()
            return
        channels = _AUTO if len(used) == len(self._rows) else ",".join(map(str, used))
        changes = {"channels": channels}
        if self._controller.config.window not in (_AUTO, _FULL):
            windows = [self._rows[index].window() for index in used]
            changes["window"] = _written(windows)
        self._controller.set_values(**changes)


class _ChannelRow:
    """One channel: whether it is used, its histogram, and the ends of its window."""

    def __init__(self, card: ChannelCard, name: str, *, choosable: bool) -> None:
        self._card = card
        self.measured = self._shown = (0.0, 1.0)
        self.used = QCheckBox(name)
        self.used.setAccessibleName(tr("Use {channel}", channel=name))
        self.used.toggled.connect(lambda _: card.set_used())
        self.used.setEnabled(choosable)
        self.strip = HistogramStrip(card.theme, tr("Values of {channel}", channel=name))
        self.words = text("", "small")
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.low = self._end(tr("{channel}: shown as black", channel=name))
        self.high = self._end(tr("{channel}: shown as full", channel=name))

    def _end(self, name: str) -> QLineEdit:
        editor = QLineEdit()
        editor.setAccessibleName(name)
        editor.setToolTip(name)
        editor.setFixedWidth(self._card.theme.px(62))
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.editingFinished.connect(self._card.set_own_windows)
        return editor

    def show_use(self, used: bool) -> None:
        """Tick the channel or not, telling nobody."""
        self.used.blockSignals(True)
        self.used.setChecked(used)
        self.used.blockSignals(False)

    def show_window(self, window: tuple[float, float], *, editable: bool) -> None:
        """Show the ends, telling nobody."""
        self._shown = window
        whole = all(float(end).is_integer() for end in window) or window[1] - window[0] > 100
        for editor, value in zip((self.low, self.high), window, strict=True):
            editor.setText(f"{value:.0f}" if whole else f"{value:.4g}")
            editor.setVisible(editable)
        self.words.setVisible(not editable)
        self.words.setText(" – ".join(f"{end:,.0f}" if whole else f"{end:,.3g}" for end in window))
        self.strip.show_window(*window)

    def window(self) -> tuple[float, float]:
        """Return the ends that the user sees; those shown before where they are no rising numbers."""
        try:
            low, high = float(self.low.text()), float(self.high.text())
        except ValueError:
            return self._shown
        return (low, high) if low < high else self._shown


def chosen_indexes(channels: str, count: int) -> list[int]:
    """Return which of `count` channels the setting takes, in its order; those there are not are left out."""
    if channels in ("auto", "rgb", "grey"):
        return list(range(min(3, count))) if channels == "rgb" else list(range(count))
    return [index for index in dict.fromkeys(map(int, channels.split(","))) if index < count]


def _written(windows: list[tuple[float, float]]) -> str:
    return ",".join(f"{low:.9g}..{high:.9g}" for low, high in windows)


def _parsed(window: str, count: int) -> list[tuple[float, float]]:
    from core.images.channels import parse_windows

    found = [(one.low, one.high) for one in parse_windows(window)]
    return found if len(found) >= count else found[:1] * count
