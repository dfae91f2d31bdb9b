"""Labels as buttons with their keys, for saying what an image is; and what a reader said, as pills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from core.domain.labels import Label
from core.domain.readings import Reading
from core.domain.samples import SampleState
from core.translation import mark, tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import KeyCap, boxed, clear, row, text
from desktop_app.widgets.flow import FlowLayout
from desktop_app.widgets.label_pill import LabelGlyph, LabelPill

if TYPE_CHECKING:
    from collections.abc import Iterable

UNCERTAIN_KEY, UNGRADABLE_KEY = "-", "="
STATE_WORDS = {SampleState.UNCERTAIN: mark("uncertain"), SampleState.UNGRADABLE: mark("ungradable")}


class LabelKey(QPushButton):
    """A label's glyph, name and key; checkable where an image can have many labels."""

    def __init__(self, theme: Theme, label: Label, clicked: Callable[[], object], *, checkable: bool) -> None:
        super().__init__()
        parts: list[QWidget] = [LabelGlyph(theme, label.colour, label.glyph, 12), text(label.name, "strong")]
        if label.key:
            parts.append(KeyCap(label.key.upper()))
        for part in parts:
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inside = row(*parts, spacing=theme.px(8))
        inside.setContentsMargins(theme.px(12), 0, theme.px(10), 0)
        self.setLayout(inside)
        self.setCheckable(checkable)
        self.setAccessibleName(f"{label.name} ({label.key})" if label.key else label.name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(theme.px(36))
        self.clicked.connect(lambda: clicked())

    def sizeHint(self) -> QSize:
        """Return the size that its parts need."""
        layout = self.layout()
        inside = layout.sizeHint() if layout is not None else QSize()
        return QSize(inside.width(), max(self.minimumHeight(), inside.height()))

    def minimumSizeHint(self) -> QSize:
        """Return the same size: no part can be left out."""
        return self.sizeHint()


class LabelKeys(QWidget):
    """All labels as buttons, in lines; `on_label` is told which one."""

    def __init__(self, theme: Theme, on_label: Callable[[Label], object]) -> None:
        super().__init__()
        self._theme, self._on_label = theme, on_label
        self.buttons: dict[int, LabelKey] = {}
        self._flow = FlowLayout(self, spacing=theme.px(8))
        self.setAccessibleName(tr("Labels"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_labels(self, labels: Sequence[Label], *, checkable: bool) -> None:
        """Show these labels."""
        clear(self._flow)
        self.buttons = {}
        for label in labels:
            made = LabelKey(self._theme, label, partial(self._on_label, label), checkable=checkable)
            self.buttons[label.id] = made
            self._flow.addWidget(made)
        self.updateGeometry()

    def tick(self, label_ids: Iterable[int]) -> None:
        """Show these as given."""
        given = set(label_ids)
        for label_id, made in self.buttons.items():
            made.setChecked(label_id in given)


def said_widget(theme: Theme, reading: Reading, find: Callable[[int], Label | None]) -> QWidget:
    """Return what a reading said: pills, or the state with its reason."""
    if reading.state is not SampleState.NONE:
        words = tr(STATE_WORDS[reading.state])
        return text(f"{words}: {reading.note}" if reading.note else words, "warn", wrap=True)
    labels = [label for label_id in reading.label_ids if (label := find(label_id)) is not None]
    if not labels:
        return text(tr("none of the labels"), "muted")
    pills = [LabelPill(theme, label.name, label.colour, label.glyph) for label in labels]
    return boxed(row(*pills, None, spacing=theme.px(4)))
