"""Reading an image of a source once: its digest, what its header says, and whether it can be read at all."""

from __future__ import annotations

from typing import Final

from core.domain.samples import NewSample
from core.error_texts.table import ERROR_TEXTS
from core.errors import UserError
from core.images.contents import examine
from core.images.decode import ImageInfo
from core.images.trees import NOT_ALLOWED, UNREACHABLE, Tree, TreeFile
from core.ingest.formats.spec import Entry

_NOTHING: Final = ImageInfo(0, 0, 3, 8, "")
_OF_THE_NETWORK: Final = {UNREACHABLE: "remote_unreachable", NOT_ALLOWED: "remote_not_allowed"}


def scan_entry(tree: Tree, file: TreeFile, entry: Entry) -> NewSample:
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
    info = contents.info or _NOTHING
    problem = None
    if contents.info is None:
        problem = ERROR_TEXTS[contents.problem.code if contents.problem else "image_damaged"]
    # Of a part, what it unpacks to: the file's own size would count for each of its thousand images.
    part_bytes = info.width * info.height * info.channels * info.bit_depth // 8
    return NewSample(
        path=entry.path,
        digest=contents.digest,
        size_bytes=file.size_bytes if file.path == entry.path else part_bytes,
        mtime_ns=file.mtime_ns,
        width=info.width,
        height=info.height,
        channels=info.channels,
        bit_depth=info.bit_depth,
        group=entry.group,
        split=entry.split,
        problem=problem,
        labels=entry.labels,
        tags=entry.tags,
        state=entry.state,
        reason=entry.reason,
        excluded=entry.excluded,
        pinned=entry.pinned,
        pages_left=info.pages_left,
    )
