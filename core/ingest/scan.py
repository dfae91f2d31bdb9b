"""Reading an image of a source once: its digest, what its header says, and whether it can be read at all."""

from __future__ import annotations

from pathlib import Path

from core.domain.samples import NewSample
from core.error_texts import ERROR_TEXTS
from core.errors import UnreadableImage
from core.images.decode import verify_bytes
from core.images.hashing import bytes_digest
from core.ingest.formats.spec import Entry
from core.ingest.tree import Tree, TreeFile


def scan_file(tree: Tree, file: TreeFile, entry: Entry) -> NewSample:
    """Return the sample for an entry; one that cannot be read has its reason as `problem`, in English.

    Whoever shows the reason translates it.

    Parameters
    ----------
    file
        The file that the image is, or is in.
    """
    digest = ""
    try:
        data = tree.read_image(file.path)
        digest = bytes_digest(data)
        info = verify_bytes(data, Path(file.path))
    except UnreadableImage as error:
        return _sample(file, entry, digest, problem=ERROR_TEXTS[error.code])
    return _sample(file, entry, digest, (info.width, info.height, info.channels, info.bit_depth))


def _sample(
    file: TreeFile,
    entry: Entry,
    digest: str,
    shape: tuple[int, int, int, int] = (0, 0, 3, 8),
    problem: str | None = None,
) -> NewSample:
    width, height, channels, bit_depth = shape
    return NewSample(
        path=entry.path,
        digest=digest,
        size_bytes=file.size_bytes,
        mtime_ns=file.mtime_ns,
        width=width,
        height=height,
        channels=channels,
        bit_depth=bit_depth,
        label=entry.labels[0] if entry.labels else None,
        group=entry.group,
        split=entry.split,
        problem=problem,
    )
