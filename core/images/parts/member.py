"""A file inside a tar, such as a WebDataset shard: read where it is, never unpacked."""

from __future__ import annotations

from pathlib import Path

from core.images.decode import decode_bytes
from core.images.formats import Fault, Raw
from core.images.parts.whole import Whole
from core.images.tar_index import TarIndex, index_tar, is_plain_file, plain_tar


def tar_index(whole: Whole) -> TarIndex:
    """Return the index of a tar, made once and kept; raises `Fault`."""
    file = whole.local()
    if not is_plain_file(file):
        raise Fault("image_missing")
    return whole.opened.get(whole.key("tar"), lambda: index_tar(plain_tar(file, whole.tree.scratch)))


def member_bytes(whole: Whole, value: str) -> bytes:
    """Return the bytes of a member; raises `Fault`."""
    return tar_index(whole).read(value)


def member(whole: Whole, value: str) -> Raw:
    """Return the pixels of the image that a member is; raises `Fault` or `UnreadableImage`."""
    return decode_bytes(member_bytes(whole, value), Path(f"{whole.path}::member={value}"))
