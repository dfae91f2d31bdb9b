"""Frames of a video by their number, through PyAV (FFmpeg), the optional extra ``video``.

The number of a frame is its place in the order in which frames are shown. Their times are read once without decoding;
a frame is then found by going to the key frame before it and decoding from there, or on from where one is.
"""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.errors import UserError
from core.images.formats import MAX_PIXELS, Fault, Raw

if TYPE_CHECKING:
    import av

MAX_FRAMES: Final = 20_000_000
_FORMATS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,ogg,m4v,dv,gif,wmv,h264,hevc"
_OPTIONS: Final = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
"""Play lists would make FFmpeg open other files, and addresses on the network: only real videos are opened."""


class Video:
    """An open video; any thread may ask for its frames, one at a time."""

    def __init__(self, file: Path) -> None:
        self._av = _pyav()
        self._file = file
        self._lock = threading.Lock()
        self._open()
        self._times, self._keys = self._read_times()
        self._decoded: Iterator[Any] = iter(())
        self._next = -1

    def _open(self) -> None:
        self._container = self._av.open(str(self._file), mode="r", options=dict(_OPTIONS))
        if not self._container.streams.video:
            raise Fault("video_no_stream")
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "SLICE"
        if self._stream.width * self._stream.height > MAX_PIXELS:
            raise Fault("image_too_large")

    def __len__(self) -> int:
        return len(self._times)

    def frame(self, index: int) -> Raw:
        """Return (H, W, 3), or (H, W) for grey videos of more than 8 bits, the right way up; raises `Fault`."""
        if not 0 <= index < len(self._times):
            raise Fault("image_missing")
        with self._lock:
            if self._is_ahead(index) and (found := self._decode_to(index)) is not None:
                return found
            for go in (self._seek, self._from_the_start):
                go(self._times[index])
                if (found := self._decode_to(index)) is not None:
                    return found
        raise Fault("video_frame_damaged")

    def _decode_to(self, index: int) -> Raw | None:
        """Decode on until a frame; None where that is past, or cannot be decoded."""
        time = self._times[index]
        for frame in self._decoded:
            if frame.pts is not None and frame.pts >= time:
                self._next = bisect.bisect_right(self._times, frame.pts)
                return _pixels(frame) if frame.pts == time else None
        self._next = -1
        return None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._decoded = iter(())
            self._container.close()

    def _read_times(self) -> tuple[list[int], list[int]]:
        times, keys = [], []
        try:
            for packet in self._container.demux(self._stream):
                if packet.pts is not None and packet.size:
                    times.append(packet.pts)
                    if packet.is_keyframe:
                        keys.append(packet.pts)
                if len(times) > MAX_FRAMES:
                    raise Fault("image_too_large")
        except self._av.error.FFmpegError:
            # Cut off: the frames before the cut are there.
            if not times:
                raise
        return sorted(set(times)), sorted(keys)

    def _is_ahead(self, index: int) -> bool:
        """Return whether decoding on reaches a frame sooner than going to the key frame before it."""
        if not 0 <= self._next <= index:
            return False
        key = bisect.bisect_right(self._keys, self._times[index])
        return key == 0 or self._keys[key - 1] <= self._times[self._next]

    def _seek(self, time: int) -> None:
        key = bisect.bisect_right(self._keys, time)
        start = self._keys[key - 1] if key else self._times[0]
        self._container.seek(start, stream=self._stream, backward=True, any_frame=False)
        self._decoded = self._container.decode(self._stream)

    def _from_the_start(self, time: int) -> None:
        # Some containers have no index, and lead to later than was asked for.
        self._container.close()
        self._open()
        self._decoded = self._container.decode(self._stream)


def _pixels(frame: av.VideoFrame) -> Raw:
    deep_grey = frame.format.name.startswith("gray") and frame.format.components[0].bits > 8
    pixels: Any = frame.to_ndarray(format="gray16le" if deep_grey else "rgb24")
    turns = round(getattr(frame, "rotation", 0) / 90) % 4
    upright: Raw = np.ascontiguousarray(np.rot90(pixels, turns))
    return upright


def _pyav() -> Any:
    try:
        import av
    except ImportError as error:
        raise UserError("extra_missing", extra="video") from error
    return av
