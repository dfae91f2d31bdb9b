"""The look, in one place: colours, measures, type and icons; everything drawn takes them from here.

The colours are tokens, one frozen set for light and one for dark. One style sheet is made from them
(`desktop_app.style_sheet`), so that a widget never carries style strings of its own: it sets an object name or one of
the dynamic properties that the style sheet knows. What must stay true: text keeps the contrast of WCAG AA on every
surface it may stand on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import resources
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

GRID: Final = 8
PAGE_MARGIN: Final = 16
CARD_PADDING: Final = 14
RAIL_WIDTH: Final = 168
INSPECTOR_WIDTH: Final = 300
TOP_BAR_HEIGHT: Final = 48
STATUS_BAR_HEIGHT: Final = 30
CONTROL_HEIGHT: Final = 30
RADIUS_THUMBNAIL: Final = 6
RADIUS_CONTROL: Final = 7
RADIUS_CARD: Final = 10
TEXT_PX: Final = 13
SMALL_PX: Final = 12
HEAD_PX: Final = 11
BIG_PX: Final = 22
ICON_PX: Final = 16

_SCHEMES: Final = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
_ICON_SIZES: Final = (14, 16, 18, 20, 24, 28, 32, 36, 40, 48, 56, 64, 96)
_REFERENCE_FONT_PX: Final = {"windows": 12.0, "cocoa": 13.0}
# A bare Linux answers with DejaVu, which is a fifth wider than the others: take a better one where there is one.
_PREFERRED_FAMILIES: Final = ("Inter", "Noto Sans", "Open Sans", "Ubuntu", "Cantarell", "Roboto")
_HANGUL_FAMILIES: Final = (
    "Pretendard",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "Apple SD Gothic Neo",
    "Malgun Gothic",
    "NanumBarunGothic",
    "NanumGothic",
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one look, as ``#RRGGBB``.

    Attributes
    ----------
    background, surface, sunken
        Behind the page; cards, bars and controls; wells, fields and behind thumbnails.
    border, border_strong
        Hairlines, and the outline of controls under the pointer.
    text, muted, on_accent
        Text, secondary text, and text on a field of the accent.
    accent, accent_background
        The one accent, and the quiet field behind what is chosen.
    good, warn, bad
        States; each also has a quiet field to stand on.
    """

    background: str
    surface: str
    sunken: str
    border: str
    border_strong: str
    text: str
    muted: str
    accent: str
    accent_background: str
    on_accent: str
    good: str
    good_background: str
    warn: str
    warn_background: str
    bad: str
    bad_background: str


LIGHT: Final = Tokens(
    background="#F4F6F8",
    surface="#FFFFFF",
    sunken="#ECEFF3",
    border="#DCE1E7",
    border_strong="#B9C2CD",
    text="#18212B",
    muted="#5B6878",
    accent="#0B6E99",
    accent_background="#E3F1F7",
    on_accent="#FFFFFF",
    good="#1B7F4B",
    good_background="#E4F3EA",
    warn="#A86A0B",
    warn_background="#FBF1DF",
    bad="#B3372F",
    bad_background="#FAE9E7",
)
DARK: Final = Tokens(
    background="#14181D",
    surface="#1B2027",
    sunken="#101419",
    border="#2B333D",
    border_strong="#465362",
    text="#E5EAF0",
    muted="#93A0B1",
    accent="#55B4DA",
    accent_background="#17303B",
    on_accent="#0E1317",
    good="#4CBF86",
    good_background="#172D24",
    warn="#E0A64A",
    warn_background="#322817",
    bad="#E5786F",
    bad_background="#351F1E",
)
TOKEN_NAMES: Final = tuple(field.name for field in fields(Tokens))


class Theme:
    """One look: `tokens` in light or dark, and `scale`, how much larger than 13 px the system wants its text.

    A theme is never changed: switching makes another one, and the pages are built again with it.
    """

    def __init__(self, tokens: Tokens, *, dark: bool, scale: float = 1.0) -> None:
        self.tokens = tokens
        self.dark = dark
        self.scale = scale

    def px(self, measure: float) -> int:
        """Return a measure of the drawings in pixels, scaled as the text is."""
        return round(measure * self.scale)

    def colour(self, name: str) -> QColor:
        """Return the token `name` (such as ``"muted"``) as a colour."""
        return QColor(getattr(self.tokens, name))

    def font(self, size_px: float = TEXT_PX, *, bold: bool = False, tabular: bool = False) -> QFont:
        """Return the interface's font at `size_px` of the drawings; `tabular` gives figures of one width."""
        font = QFont(font_families(), -1)
        font.setPixelSize(self.px(size_px))
        if bold:
            font.setWeight(QFont.Weight.DemiBold)
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def palette(self) -> QPalette:
        """Return the palette, for what Qt draws by itself."""
        tokens, palette, role = self.tokens, QPalette(), QPalette.ColorRole
        for target, name in (
            (role.Window, tokens.background),
            (role.WindowText, tokens.text),
            (role.Base, tokens.surface),
            (role.AlternateBase, tokens.background),
            (role.Text, tokens.text),
            (role.Button, tokens.surface),
            (role.ButtonText, tokens.text),
            (role.BrightText, tokens.on_accent),
            (role.ToolTipBase, tokens.text),
            (role.ToolTipText, tokens.surface),
            (role.Highlight, tokens.accent),
            (role.HighlightedText, tokens.on_accent),
            (role.Link, tokens.accent),
            (role.PlaceholderText, tokens.muted),
            (role.Mid, tokens.border),
            (role.Dark, tokens.border_strong),
            (role.Light, tokens.surface),
            (role.Midlight, tokens.sunken),
            (role.Accent, tokens.accent),
        ):
            palette.setColor(target, QColor(name))
        for dim in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, dim, blend(tokens.muted, tokens.surface, 0.45))
        return palette

    def icon(self, name: str, colour: str = "muted") -> QIcon:
        """Return the icon ``resources/icons/NAME.svg`` in the token `colour`, with a fainter disabled state."""
        return _icon(name, getattr(self.tokens, colour), blend(self.tokens.muted, self.tokens.surface, 0.5).name())

    def pixmap(self, name: str, size_px: float = ICON_PX, colour: str = "muted") -> QPixmap:
        """Return the icon `name` as a pixmap of `size_px` of the drawings, sharp on the screen's own pixels."""
        ratio = QGuiApplication.primaryScreen().devicePixelRatio() if QGuiApplication.primaryScreen() else 1.0
        pixmap = draw_icon(name, getattr(self.tokens, colour), round(self.px(size_px) * ratio))
        pixmap.setDevicePixelRatio(ratio)
        return pixmap


def theme_for(choice: str) -> Theme:
    """Return the theme for the settings' `choice`: ``"light"``, ``"dark"``, or ``"system"`` as the system has it.

    The system is told of the choice, so that the window's title bar and native dialogs follow it.
    """
    hints = QGuiApplication.styleHints()
    hints.setColorScheme(_SCHEMES.get(choice, Qt.ColorScheme.Unknown))
    dark = choice == "dark" if choice in _SCHEMES else hints.colorScheme() is Qt.ColorScheme.Dark
    return Theme(DARK if dark else LIGHT, dark=dark, scale=system_scale())


def system_scale() -> float:
    """Return how much larger than usual the system wants text, from 1 to 2."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    usual = _REFERENCE_FONT_PX.get(QGuiApplication.platformName(), 12.0)
    return min(2.0, max(1.0, round(QFontInfo(font).pixelSize() / usual, 2)))


@lru_cache(maxsize=1)
def font_families() -> list[str]:
    """Return the families to set text in: the system's own, with Hangul behind it."""
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    there = set(QFontDatabase.families())
    family = QFontInfo(system).family()
    if family.startswith("DejaVu"):
        family = next((name for name in _PREFERRED_FAMILIES if name in there), family)
    return [family, *(name for name in _HANGUL_FAMILIES if name in there and name != family)]


def blend(front: str, back: str, amount: float) -> QColor:
    """Return the colour that `front` makes over `back` at an opacity of `amount` (0 to 1)."""
    a, b = QColor(front), QColor(back)
    mixed = (
        round(x * amount + y * (1 - amount))
        for x, y in zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
    )
    return QColor(*mixed)


def draw_icon(name: str, colour: str, size_px: int) -> QPixmap:
    """Draw ``resources/icons/NAME.svg`` in `colour` on `size_px` square device pixels."""
    return _drawn(_renderer(name, colour), size_px)


def icon_svg(name: str, colour: str) -> str:
    """Return the icon's SVG with its strokes in `colour`."""
    return _icon_source(name).replace("currentColor", colour)


@lru_cache(maxsize=256)
def _icon_source(name: str) -> str:
    return (resources.files("resources") / "icons" / f"{name}.svg").read_text("utf-8")


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    icon, renderer = QIcon(), _renderer(name, colour)
    for size in _ICON_SIZES:
        drawn = _drawn(renderer, size)
        icon.addPixmap(drawn, QIcon.Mode.Normal)
        # Tinted, not drawn again: a page of a dozen icons would be there a frame later.
        painter = QPainter(drawn)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(drawn.rect(), QColor(disabled))
        painter.end()
        icon.addPixmap(drawn, QIcon.Mode.Disabled)
    return icon


def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(icon_svg(name, colour).encode()))


def _drawn(renderer: QSvgRenderer, size_px: int) -> QPixmap:
    pixmap = QPixmap(QSize(size_px, size_px))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    return pixmap
