"""A frame of a video."""

from __future__ import annotations

from core.images.formats import Raw
from core.images.parts.whole import Whole
from core.images.video import Video


def video(whole: Whole) -> Video:
    """Return the video, opened once and kept; raises `Fault` or what FFmpeg raises."""
    file = whole.local()
    return whole.opened.get(whole.key("video"), lambda: Video(file))


def frame(whole: Whole, value: str) -> Raw:
    """Return the pixels of a frame; raises `Fault` or what FFmpeg raises."""
    return video(whole).frame(int(value))
