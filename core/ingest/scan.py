"""Reading a found file once: its digest, what its header says, and whether it can be read at all."""

from __future__ import annotations

from pathlib import Path

from core.domain.samples import NewSample
from core.error_texts import ERROR_TEXTS
from core.errors import UnreadableImage
from core.images.decode import verify_bytes
from core.images.files import read_file
from core.images.hashing import bytes_digest
from core.ingest.csv_table import Assignment
from core.ingest.walk import FoundFile


def scan_file(root: Path, found: FoundFile, assignment: Assignment) -> NewSample:
    """Return the sample for a file; one that cannot be read has its reason as `problem`, in English.

    Whoever shows the reason translates it.
    """
    file = root / found.path
    digest = ""
    try:
        data = read_file(file)
        digest = bytes_digest(data)
        info = verify_bytes(data, file)
    except UnreadableImage as error:
        return _sample(found, assignment, digest, problem=ERROR_TEXTS[error.code])
    return _sample(found, assignment, digest, (info.width, info.height, info.channels, info.bit_depth))


def _sample(
    found: FoundFile,
    assignment: Assignment,
    digest: str,
    shape: tuple[int, int, int, int] = (0, 0, 3, 8),
    problem: str | None = None,
) -> NewSample:
    width, height, channels, bit_depth = shape
    return NewSample(
        path=found.path,
        digest=digest,
        size_bytes=found.size_bytes,
        mtime_ns=found.mtime_ns,
        width=width,
        height=height,
        channels=channels,
        bit_depth=bit_depth,
        label=assignment.label,
        group=assignment.group,
        split=assignment.split,
        problem=problem,
    )
