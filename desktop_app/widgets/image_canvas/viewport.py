"""Where an image lies in the widget that shows it: scale and centre, and how both are changed. No widget here.

`scale` is in logical pixels of the widget per image pixel; the image point `centre` lies in the middle of the widget.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF

MAX_SCALE: Final = 96.0
_LEAST_SHOWN_PX: Final = 32
_ENLARGED: Final = 1.2


@dataclass(frozen=True, slots=True)
class Viewport:
    """A view of an image.

    Attributes
    ----------
    image
        Width and height of the image, in its pixels.
    room
        Width and height of the widget.
    margin
        Left free on every side when the whole image is shown.
    fitted
        Whether the whole image is to stay in sight, whatever the size of the widget.
    """

    image: tuple[int, int]
    room: tuple[int, int]
    margin: int = 0
    scale: float = 1.0
    centre: tuple[float, float] = (0.0, 0.0)
    fitted: bool = True

    @property
    def fit_scale(self) -> float:
        """The scale that shows the whole image, as large as it goes."""
        across = max(1, self.room[0] - 2 * self.margin) / max(1, self.image[0])
        down = max(1, self.room[1] - 2 * self.margin) / max(1, self.image[1])
        return min(across, down, MAX_SCALE)

    @property
    def least_scale(self) -> float:
        """The smallest scale that may be chosen."""
        return min(1.0, self.fit_scale, _LEAST_SHOWN_PX / max(self.image))

    def fit(self) -> Viewport:
        """Return the view of the whole image."""
        middle = (self.image[0] / 2, self.image[1] / 2)
        return replace(self, scale=self.fit_scale, centre=middle, fitted=True)

    def resized(self, room: tuple[int, int]) -> Viewport:
        """Return the view in a widget of another size."""
        other = replace(self, room=room)
        return other.fit() if self.fitted else other

    def zoomed(self, scale: float, around: QPointF | None = None) -> Viewport:
        """Return the view at `scale`; the image point at `around` (the middle by default) stays where it is."""
        scale = max(self.least_scale, min(scale, MAX_SCALE))
        if around is None:
            return replace(self, scale=scale, fitted=False)
        fixed, middle = self.to_image(around), self._middle
        x = fixed.x() - (around.x() - middle.x()) / scale
        y = fixed.y() - (around.y() - middle.y()) / scale
        return replace(self, scale=scale, centre=(x, y), fitted=False).kept_in_sight()

    def panned(self, dx: float, dy: float) -> Viewport:
        """Return the view with the image moved by (`dx`, `dy`) pixels of the widget."""
        centre = (self.centre[0] - dx / self.scale, self.centre[1] - dy / self.scale)
        return replace(self, centre=centre, fitted=False).kept_in_sight()

    def kept_in_sight(self) -> Viewport:
        """Return the view with its middle on the image."""
        x = min(max(self.centre[0], 0.0), float(self.image[0]))
        y = min(max(self.centre[1], 0.0), float(self.image[1]))
        return replace(self, centre=(x, y))

    def like(self, other: Viewport) -> Viewport:
        """Return the view that shows the same part of this image as `other` shows of its own."""
        if other.fitted:
            return self.fit()
        x = other.centre[0] * self.image[0] / max(1, other.image[0])
        y = other.centre[1] * self.image[1] / max(1, other.image[1])
        # Images of one size keep one scale, though a caption may leave one of them less room than the other.
        scale = other.scale if self.image == other.image else self.fit_scale * other.scale / other.fit_scale
        scale = max(self.least_scale, min(scale, MAX_SCALE))
        return replace(self, scale=scale, centre=(x, y), fitted=False).kept_in_sight()

    def to_image(self, point: QPointF) -> QPointF:
        """Return the point of the image shown at `point` of the widget."""
        return QPointF(*self.centre) + (point - self._middle) / self.scale

    def to_widget(self, x: float, y: float) -> QPointF:
        """Return where the image point (`x`, `y`) is in the widget."""
        return self._middle + (QPointF(x, y) - QPointF(*self.centre)) * self.scale

    @property
    def target(self) -> QRectF:
        """Where the whole image lies in the widget."""
        return QRectF(self.to_widget(0, 0), QSizeF(*self.image) * self.scale)

    def seen(self) -> QRectF:
        """Return the part of the image that is in sight, in its pixels; empty where none is."""
        top_left, bottom_right = self.to_image(QPointF(0, 0)), self.to_image(QPointF(*self.room))
        return QRectF(top_left, bottom_right).intersected(QRectF(0, 0, *self.image))

    @property
    def _middle(self) -> QPointF:
        return QPointF(self.room[0] / 2, self.room[1] / 2)


def level_for(downsamples: tuple[float, ...], device_scale: float) -> int:
    """Return the level to paint: the coarsest that need not be enlarged by more than a fifth.

    So shrinking never goes much below half, where smoothing would begin to leave pixels out, and be slow.

    Parameters
    ----------
    device_scale
        Pixels of the screen per image pixel.
    """
    wanted = _ENLARGED / max(device_scale, 1e-9) * (1 + 1e-6)
    return max((index for index, factor in enumerate(downsamples) if factor <= wanted), default=0)


def pixel_under(view: Viewport, point: QPointF) -> tuple[int, int] | None:
    """Return the (x, y) of the image pixel at `point` of the widget, or None beside the image."""
    at = view.to_image(point)
    x, y = math.floor(at.x()), math.floor(at.y())
    return (x, y) if 0 <= x < view.image[0] and 0 <= y < view.image[1] else None
