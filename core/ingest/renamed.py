"""Recognising files of a source that got another name within their folder, so that they are not taken for new ones."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from core.domain.address import parse_address
from core.domain.samples import NewSample
from core.images.trees import FOLDER
from core.ingest.copies import MOST_BYTES, MOST_READ, digest_of
from core.ingest.offers import Plan
from core.store.missing import SampleFile, files_of_digests, files_of_sizes, move_samples
from core.store.project import Project


def take_renamed(
    project: Project, source_id: int, plan: Plan, root: str, new: Sequence[NewSample]
) -> tuple[list[NewSample], int]:
    """Give images whose file is gone the path of a new file with the same content; return the new ones, and how many.

    Of a file in another folder only the content says that it is the same, while its folder may say another label: then
    it is a new image.
    """
    if plan.kind != FOLDER or not new:
        return list(new), 0
    wanted = [sample.digest for sample in new if sample.digest and parse_address(sample.path).part is None]
    gone: defaultdict[str, list[SampleFile]] = defaultdict(list)
    for file in files_of_digests(project, source_id, wanted):
        if _is_gone(root, file):
            gone[file.digest].append(file)
    left, paths = [], dict[int, str]()
    for sample in new:
        labelled = bool(sample.label or sample.labels)
        same = [file for file in gone.get(sample.digest, ()) if _may_be(sample.path, file, labelled=labelled)]
        if same:
            gone[sample.digest].remove(same[0])
            paths[same[0].id] = sample.path
        else:
            left.append(sample)
    return left, move_samples(project, source_id, paths) if paths else 0


def find_renamed(project: Project, source_id: int, plan: Plan, root: str, new: Sequence[int]) -> frozenset[int]:
    """Return which of a plan's new entries an import would take for known images under another name, by position.

    Only files of the size of one that is gone are read, and no more than for a preview of copies.
    """
    if plan.kind != FOLDER or not source_id or not new:
        return frozenset()
    entries = plan.offer.entries
    sizes = {plan.found(entries[at]).size_bytes for at in new}
    gone: defaultdict[str, list[SampleFile]] = defaultdict(list)
    for file in files_of_sizes(project, source_id, sizes):
        if file.digest and _is_gone(root, file):
            gone[file.digest].append(file)
    wanted = {file.size_bytes for files in gone.values() for file in files}
    found, left, bytes_left = set(), MOST_READ, MOST_BYTES
    for at in new if gone else ():
        entry, size = entries[at], plan.found(entries[at]).size_bytes
        if size not in wanted or parse_address(entry.path).part is not None:
            continue
        if not left or size > bytes_left:
            break
        left, bytes_left = left - 1, bytes_left - size
        files = gone.get(digest_of(plan, entry.path), [])
        same = [file for file in files if _may_be(entry.path, file, labelled=bool(entry.labels))]
        if same:
            files.remove(same[0])
            found.add(at)
    return frozenset(found)


def _is_gone(root: str, file: SampleFile) -> bool:
    return parse_address(file.path).part is None and not os.path.lexists(os.path.join(root, file.path))  # noqa: PTH118


def _may_be(path: str, file: SampleFile, *, labelled: bool) -> bool:
    return PurePosixPath(path).parent == PurePosixPath(file.path).parent or not labelled
