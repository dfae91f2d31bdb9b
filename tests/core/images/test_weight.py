from __future__ import annotations

import os

import numpy as np
import pytest

from core.errors import UnreadableImage
from core.images import files, weight
from tests.support.pictures import jpeg_bytes, png_bytes, save, tiff_bytes


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(weight, "WEIGHED_BYTES", 2**10)
    monkeypatch.setattr(weight, "_SPARE_BYTES", 2**10)


def justified(path) -> bool:
    with path.open("rb") as file:
        return weight.is_justified(file.fileno(), os.path.getsize(path))


@pytest.mark.parametrize(
    "data",
    [
        png_bytes(200, 300),
        jpeg_bytes(200, 300),
        tiff_bytes(np.zeros((200, 300, 3), np.uint16), photometric="rgb"),
        tiff_bytes(np.zeros((200, 300, 3), np.uint16), photometric="rgb", bigtiff=True, byteorder=">"),
        tiff_bytes(np.zeros((50, 40, 60), np.float32), photometric="minisblack"),
        tiff_bytes(np.zeros((50, 40, 60), np.uint8), imagej=True),
    ],
    ids=["png", "jpeg", "tiff", "big tiff", "pages", "imagej"],
)
def test_a_large_file_is_read_where_its_header_accounts_for_it(data, small_limits, tmp_path):
    path = save(tmp_path, "a", data)
    assert justified(path)
    assert files.read_file(path) == data


@pytest.mark.parametrize(
    "data",
    [png_bytes(), jpeg_bytes(), b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"II*\0\xff\xff\xff\x7f"],
    ids=["png", "jpeg", "magic", "gif", "tiff", "tiff that points away"],
)
def test_a_large_file_is_refused_unread_where_it_holds_far_more_than_an_image(data, small_limits, tmp_path):
    path = save(tmp_path, "a", data.ljust(100_000, b"\1"))
    assert not justified(path)
    with pytest.raises(UnreadableImage) as caught:
        files.read_file(path)
    assert caught.value.code == "image_overweight"
