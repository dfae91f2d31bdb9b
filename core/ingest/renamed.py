"""Recognising files of a source that got another name within their folder, so that they are not taken for new ones."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from core.domain.address import parse_address
from core.domain.samples import NewSample
from core.images.trees import FOLDER
from core.ingest.offers import Plan
from core.store.missing import SampleFile, files_of_digests, move_samples
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
        if parse_address(file.path).part is None and not os.path.lexists(os.path.join(root, file.path)):  # noqa: PTH118
            gone[file.digest].append(file)
    left, paths = [], dict[int, str]()
    for sample in new:
        same = [file for file in gone.get(sample.digest, ()) if _may_be(sample, file)]
        if same:
            gone[sample.digest].remove(same[0])
            paths[same[0].id] = sample.path
        else:
            left.append(sample)
    return left, move_samples(project, source_id, paths) if paths else 0


def _may_be(sample: NewSample, file: SampleFile) -> bool:
    return PurePosixPath(sample.path).parent == PurePosixPath(file.path).parent or not (sample.label or sample.labels)
