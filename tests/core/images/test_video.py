from __future__ import annotations

import threading

import numpy as np
import pytest

from core.errors import UnreadableImage
from core.images.folder_tree import FolderTree
from core.images.parts.table import read_raw
from core.images.video import Video

av = pytest.importorskip("av")


def write_video(path, count=40, codec="mpeg4", kind=None, group=12):
    """Write frames whose grey says their number."""
    with av.open(str(path), "w", format=kind) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.gop_size, stream.bit_rate = group, 8_000_000
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 6 * number, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def number(pixels):
    return round(float(pixels.mean()) / 6)


@pytest.fixture
def tree(tmp_path):
    return FolderTree(tmp_path)


@pytest.mark.parametrize(("name", "codec"), [("v.mp4", "mpeg4"), ("v.avi", "mpeg4"), ("v.mkv", "mpeg2video")])
def test_each_frame_is_found_in_whatever_order_it_is_asked_for(tree, tmp_path, name, codec):
    write_video(tmp_path / name, codec=codec)
    assert len(Video(tmp_path / name)) == 40
    for wanted in (0, 1, 2, 25, 24, 39, 0, 13, 12, 11, 30):
        pixels = read_raw(tree, f"{name}::frame={wanted}")
        assert pixels.shape == (48, 64, 3)
        assert number(pixels) == wanted
    with pytest.raises(UnreadableImage) as caught:
        read_raw(tree, f"{name}::frame=40")
    assert caught.value.code == "image_missing"


def test_threads_share_a_video(tree, tmp_path):
    write_video(tmp_path / "v.mp4")
    wrong = []

    def read(order):
        wrong.extend(n for n in order if number(read_raw(tree, f"v.mp4::frame={n}")) != n)

    threads = [threading.Thread(target=read, args=(range(start, 40, 7),)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_video_that_is_cut_off_gives_the_frames_before_the_cut(tree, tmp_path):
    write_video(tmp_path / "v.ts", kind="mpegts", codec="mpeg2video")
    data = (tmp_path / "v.ts").read_bytes()
    (tmp_path / "v.ts").write_bytes(data[: len(data) // 2])
    assert number(read_raw(tree, "v.ts::frame=0")) == 0
    with pytest.raises(UnreadableImage):
        read_raw(tree, "v.ts::frame=39")


def test_play_lists_open_nothing_else(tree, tmp_path):
    write_video(tmp_path / "v.ts", kind="mpegts", codec="mpeg2video")
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\nv.ts\n#EXT-X-ENDLIST\n")
    (tmp_path / "list.txt").write_text("ffconcat version 1.0\nfile v.ts\n")
    for name in ("list.m3u8", "list.txt"):
        with pytest.raises(UnreadableImage):
            read_raw(tree, f"{name}::frame=0")
