"""Reading an image of a source once: its digest, what its header says, and whether it can be read at all."""

from __future__ import annotations

from typing import Final

from core.domain.samples import NewSample
from core.error_texts import ERROR_TEXTS
from core.errors import UserError
from core.images.contents import examine
from core.images.trees import NOT_ALLOWED, UNREACHABLE, Tree, TreeFile
from core.ingest.formats.spec import Entry

_OF_THE_NETWORK: Final = {UNREACHABLE: "remote_unreachable", NOT_ALLOWED: "remote_not_allowed"}


def scan_file(tree: Tree, file: TreeFile, entry: Entry) -> NewSample:
    """Return the sample for an entry; one that cannot be read has its reason as `problem`, in English.

    Whoever shows the reason translates it.

    Raises
    ------
    UserError
        ``remote_unreachable`` or ``remote_not_allowed``: that is not of this one image, and the others would wait for
        the same. What was added before stays, and importing again goes on from there.

    Parameters
    ----------
    file
        The file that the image is, or is in.
    """
    contents = examine(tree, entry.path)
    if contents.problem is not None and contents.problem.code in _OF_THE_NETWORK:
        raise UserError(_OF_THE_NETWORK[contents.problem.code], url=tree.root, reason=contents.problem.message)
    if contents.info is None:
        problem = contents.problem.code if contents.problem else "image_damaged"
        return _sample(file, entry, contents.digest, problem=ERROR_TEXTS[problem])
    info = contents.info
    return _sample(file, entry, contents.digest, (info.width, info.height, info.channels, info.bit_depth))


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
