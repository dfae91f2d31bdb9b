"""Real names of a source, with what the patterns match in them coloured by what it says."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout

from core.domain.address import parse_address
from core.domain.labels import look_of
from core.translation import mark, tr
from desktop_app.pages.importing.form import Form
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, column, text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.label_pill import LabelPill

if TYPE_CHECKING:
    from core.ingest.formats.spec import Entry
    from core.ingest.patterns import PatternPreview, PatternRow
    from desktop_app.pages.importing.preview import Seen

_ROWS: Final = 9
_UNMATCHED: Final = 3
_PILLS: Final = 3
_COLOURS: Final = {"label": "accent", "group": "good", "split": "warn"}
_TITLES: Final = {"label": mark("What the label pattern finds"), "group": mark("What the group pattern finds")}
_PARTS: Final = {"label": mark("label"), "group": mark("group"), "split": mark("split")}

Span = tuple[int, int, str]
"""Where something begins and ends in a text, and the token of its colour."""


def pattern_text(theme: Theme, what: str, found: PatternPreview) -> QVBoxLayout:
    """Return how much a pattern finds, some of the paths it finds something in, and some it does not."""
    rows = column(SectionTitle(tr(_TITLES[what]), theme), spacing=theme.px(4))
    if found.error:
        rows.addWidget(text(found.error, "bad", wrap=True))
        return rows
    said = tr("{n} of {total} file names", n=f"{found.matched:,}", total=f"{found.total:,}")
    rows.addWidget(text(said, "small" if found.matched == found.total else "warn"))
    for one in found.rows[:_ROWS]:
        rows.addLayout(_pattern_row(theme, what, one))
    for path in found.unmatched[:_UNMATCHED]:
        rows.addLayout(column(_row_of(ElidedLabel(path, "small", Qt.TextElideMode.ElideMiddle), tr("nothing"))))
    return rows


def example_rows(theme: Theme, seen: Seen, form: Form) -> QGridLayout:
    """Return a few of the images with the label and the group that they would have."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(12))
    grid.setVerticalSpacing(theme.px(6))
    grid.setColumnStretch(0, 1)
    told = seen.preview
    if told is None:
        return grid
    positions = {name: position for position, name in enumerate(told.labels)}
    for at, entry in enumerate(told.entries[:_ROWS]):
        grid.addWidget(ElidedLabel(entry.path, "value", Qt.TextElideMode.ElideMiddle), at, 0)
        grid.addLayout(_pills(theme, entry, positions), at, 1)
        if entry.group is not None:
            group = ElidedLabel(entry.group, "small", Qt.TextElideMode.ElideMiddle)
            group.setMaximumWidth(theme.px(170))
            grid.addWidget(group, at, 2)
        elif told.group_count:
            grid.addWidget(text(tr("no group"), "warn"), at, 2)
    return grid


def spans_of(what: str, row: PatternRow) -> list[Span]:
    """Return the parts that a pattern found; for a pattern of groups, its first part is the group."""
    named = {name for name, _, _, _ in row.parts}
    found = []
    for name, _, start, end in sorted(row.parts, key=lambda part: part[2]):
        meaning = what if what == "group" and ("group" not in named) else name
        found.append((start, end, _COLOURS.get(meaning, "text")))
    return found


def marked(theme: Theme, content: str, spans: Sequence[Span]) -> str:
    """Return a text as rich text with coloured parts; parts inside of other parts are left out."""
    parts, at = [], 0
    for start, end, token in spans:
        if start < at:
            continue
        colour = getattr(theme.tokens, token)
        inside = html.escape(content[start:end])
        parts.append(f'{html.escape(content[at:start])}<b><font color="{colour}">{inside}</font></b>')
        at = end
    return "".join([*parts, html.escape(content[at:])])


def _pattern_row(theme: Theme, what: str, row: PatternRow) -> QGridLayout:
    shown = QLabel(marked(theme, row.path, spans_of(what, row)))
    shown.setTextFormat(Qt.TextFormat.RichText)
    shown.setProperty("role", "value")
    shown.setAccessibleName(row.path)
    shown.setToolTip(row.path)
    shown.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    parts = row.parts[:1] if what == "group" and len(row.parts) == 1 else row.parts
    alone = what == "group" and len(parts) == 1
    said = ", ".join(f"{_part(what if alone else name)} {value}" for name, value, _, _ in parts)
    return _row_of(shown, said)


def _part(name: str) -> str:
    """Return what a part of a pattern says, in words; the parts that become tags keep their names."""
    return tr(_PARTS[name]) if name in _PARTS else name


def _row_of(name: QLabel, said: str) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setColumnStretch(0, 3)
    grid.setColumnStretch(1, 2)
    grid.addWidget(name, 0, 0)
    grid.addWidget(ElidedLabel(said, "small"), 0, 1)
    return grid


def _pills(theme: Theme, entry: Entry, positions: dict[str, int]) -> QGridLayout:
    pills = QGridLayout()
    pills.setHorizontalSpacing(4)
    pills.setColumnStretch(_PILLS + 1, 1)
    for at, name in enumerate((entry.labels or ())[:_PILLS]):
        colour, glyph, _ = look_of(positions.get(name, 0))
        pills.addWidget(LabelPill(theme, name, colour, glyph), 0, at)
    if entry.labels is not None and len(entry.labels) > _PILLS:
        pills.addWidget(text(f"+{len(entry.labels) - _PILLS}", "small"), 0, _PILLS)
    return pills


def short_name(path: str) -> str:
    """Return the last part of an address, for below a picture."""
    address = parse_address(path)
    name = address.container.rpartition("/")[2]
    return name if address.part is None else f"{name} {address.part} {address.value}"
