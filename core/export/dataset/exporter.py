"""From a project to a data set that other tools read, and that gives the same project back when it is imported.

One thing must stay true: a folder that carries its final name is whole. Whatever stops an export leaves nothing behind.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.query import SampleQuery
from core.domain.samples import SPLITS_BY_CODE, Split
from core.domain.task import Task
from core.errors import UnreadableImage, UserError
from core.export.dataset.images import ImageStore
from core.export.dataset.sidecar import Sidecar
from core.export.dataset.spec import DatasetFormat, Files, Item, Place, Stored, Subject, Writer
from core.export.dataset.table import dataset_format
from core.export.dataset.tally import NotHeld, Tally
from core.export.dataset.target import check_target, staged
from core.images.reader import ImageReader
from core.progress import Progress
from core.store.labels import labels
from core.store.project import Project
from core.store.samples import sample_table, samples_by_id
from core.store.sources import sources
from core.store.task import project_task
from core.translation import mark, tr

_CHUNK: Final = 4096
_TASK: Final = 16
"""Images a thread takes at a time: handing over each one alone would cost as much as copying a small one."""
_AHEAD: Final = 32
"""Tasks that wait to be done or to be taken."""
_AHEAD_PACKED: Final = 4
_ORDER: Final = (Split.TRAIN, Split.VAL, Split.TEST, Split.NONE)

_Outcome = Stored | str
"""What was done with an image, or why it was left out."""
_Placed = tuple[Item, Place | None]
"""An image, and where it goes; None where it is known that it cannot be read."""
_Waiting = deque[tuple[list[_Placed], Future[list[_Outcome | None]]]]


@dataclass(frozen=True, slots=True)
class DatasetReport:
    """What was exported.

    Attributes
    ----------
    images
        How many there are in the data set.
    labels, splits
        How many have each label, and are in each split.
    groups
        How many groups they are of.
    made
        How many are parts of other files, and were written as images of their own.
    left_out
        Path and reason of those that could not be read.
    without_image
        Path and reason of those that could not be read either, but of which the labels and all else are written: they
        count among the labels, splits and groups.
    not_held
        What the format's own files do not say; the table beside them does.
    """

    dir: Path
    format: str
    images: int
    labels: dict[str, int]
    splits: dict[Split, int]
    groups: int
    made: int
    left_out: list[tuple[str, str]]
    not_held: list[NotHeld]
    without_image: list[tuple[str, str]] = field(default_factory=list)


def export_dataset(
    project: Project,
    directory: Path,
    *,
    format: str,
    files: Files = Files.COPY,
    query: SampleQuery = SampleQuery(),  # noqa: B008
    progress: Progress | None = None,
    workers: int | None = None,
) -> DatasetReport:
    """Write the images of a query, and all that is known of them, as a data set of their own.

    Parameters
    ----------
    directory
        The folder to make.
    format
        A format's id (`core.export.dataset.table`).
    files
        Whether image files are copied or linked; parts of files are always written.
    workers
        Threads that copy; None for one per core, at most 8.

    Raises
    ------
    UserError
        ``dataset_format_unknown``, ``dataset_packed``, ``dataset_no_images``, ``dataset_cannot_link``, ``disk_full``,
        ``remote_unreachable``, or as `core.export.dataset.target.check_target`: nothing is left behind.
    Cancelled
        Likewise.
    """
    progress = progress or Progress()
    spec = dataset_format(format)
    if spec.packed and files is not Files.COPY:
        raise UserError("dataset_packed", format=spec.id)
    check_target(project, directory)
    table = sample_table(project, query)
    present = {SPLITS_BY_CODE[code] for code in np.unique(table.splits).tolist()}
    subject = Subject(project_task(project), labels(project), [split for split in _ORDER if split in present])
    progress.begin(mark("Exporting the data set"), len(table))
    with staged(directory) as folder:
        work = _Export(project, spec, subject, folder, ImageStore(ImageReader(sources(project)), files))
        work.run(table.ids, progress, workers or min(8, os.cpu_count() or 1))
        if not work.tally.images:
            raise UserError("dataset_no_images", left_out=len(work.left_out))
    return work.report(directory)


class _Export:
    """One export at work."""

    def __init__(
        self, project: Project, spec: DatasetFormat, subject: Subject, folder: Path, store: ImageStore
    ) -> None:
        self.tally = Tally(subject)
        self.left_out: list[tuple[str, str]] = []
        self.without_image: list[tuple[str, str]] = []
        self._project = project
        self._spec = spec
        self._subject = subject
        self._folder = folder
        self._store = store
        self._folders: set[str] = set()
        self._failed: dict[str, str] = {}

    def run(self, ids: NDArray[np.int64], progress: Progress, workers: int) -> None:
        """Write the images, then what comes last."""
        with ExitStack() as stack:
            sidecar = Sidecar(self._folder, self._subject, self._spec.id)
            stack.callback(sidecar.close)
            writer = self._spec.writer(self._folder, self._subject)
            stack.callback(writer.close)
            for item, place, outcome in self._stored(ids, writer, progress, workers):
                if place is not None and isinstance(outcome, Stored):
                    sidecar.add(item, writer.add(item, place, outcome))
                    self.tally.add(item)
                    self.tally.made += outcome.made
                elif place is not None and self._spec.lists_missing:
                    sidecar.add(item, writer.add(item, place, Stored(found=False)))
                    self.tally.add(item)
                    self.without_image.append((item.sample.path, str(outcome)))
                else:
                    self.left_out.append((item.sample.path, str(outcome)))
            progress.begin(mark("Finishing the data set"))
            writer.finish()
            sidecar.finish(self.tally.images)

    def report(self, directory: Path) -> DatasetReport:
        """Return what was done."""
        tally = self.tally
        return DatasetReport(
            dir=directory,
            format=self._spec.id,
            images=tally.images - len(self.without_image),
            labels={label.name: n for label in self._subject.labels if (n := tally.labels[label.name])},
            splits={split: tally.splits[split] for split in _ORDER},
            groups=len(tally.groups),
            made=tally.made,
            left_out=self.left_out,
            not_held=tally.not_held(self._spec),
            without_image=self.without_image,
        )

    def _stored(
        self, ids: NDArray[np.int64], writer: Writer, progress: Progress, workers: int
    ) -> Iterator[tuple[Item, Place | None, _Outcome]]:
        """Yield the images in their order, when they are there, while threads copy on ahead."""
        waiting: _Waiting = deque()
        with ThreadPoolExecutor(workers, thread_name_prefix="dataset") as pool:
            try:
                for part in self._parts(ids):
                    placed = [(item, self._place(writer, item)) for item in part]
                    if self._store.links:
                        yield from self._taken(placed, self._put(placed, progress), progress)
                        continue
                    waiting.append((placed, pool.submit(self._put, placed, progress)))
                    if len(waiting) >= (_AHEAD_PACKED if self._spec.packed else _AHEAD):
                        yield from self._next(waiting, progress)
                while waiting:
                    yield from self._next(waiting, progress)
            finally:
                pool.shutdown(cancel_futures=True)

    def _parts(self, ids: NDArray[np.int64]) -> Iterator[list[Item]]:
        names = {label.id: label.name for label in self._subject.labels}
        multi = self._subject.task is Task.MULTI
        for start in range(0, len(ids), _CHUNK):
            items = []
            for sample in samples_by_id(self._project, ids[start : start + _CHUNK]):
                found = tuple(names[label] for label in sample.label_ids)
                suffix = self._store.suffix(sample.source_id, sample.path)
                items.append(Item(sample, found if found or (multi and sample.labelled) else None, suffix))
            for first in range(0, len(items), _TASK):
                yield items[first : first + _TASK]

    def _place(self, writer: Writer, item: Item) -> Place | None:
        if item.sample.problem is not None:
            return None
        place = writer.place(item)
        folder = place.file.rpartition("/")[0]
        if not self._spec.packed and folder not in self._folders:
            (self._folder / folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        return place

    def _put(self, placed: Sequence[_Placed], progress: Progress) -> list[_Outcome | None]:
        """Write images; None for those that an image before them wrote."""
        outcomes: list[_Outcome | None] = []
        for item, place in placed:
            progress.checkpoint()
            if place is None:
                outcomes.append(tr(item.sample.problem or ""))
            else:
                outcomes.append(self._put_one(item, place) if place.new else None)
        return outcomes

    def _put_one(self, item: Item, place: Place) -> _Outcome:
        source_id = item.sample.source_id
        try:
            if self._spec.packed:
                return self._store.get(source_id, place.source)
            return self._store.put(source_id, place.source, f"{self._folder}/{place.file}", item.sample.modified_ns)
        except UnreadableImage as error:
            return error.message

    def _next(self, waiting: _Waiting, progress: Progress) -> Iterator[tuple[Item, Place | None, _Outcome]]:
        placed, future = waiting.popleft()
        return self._taken(placed, future.result(), progress)

    def _taken(
        self, placed: Sequence[_Placed], outcomes: Sequence[_Outcome | None], progress: Progress
    ) -> Iterator[tuple[Item, Place | None, _Outcome]]:
        for (item, place), outcome in zip(placed, outcomes, strict=True):
            if place is not None and isinstance(outcome, str):
                self._failed[place.file] = outcome
            known = Stored() if place is None else self._failed.get(place.file, Stored())
            yield item, place, known if outcome is None else outcome
        progress.advance(len(placed), placed[-1][0].sample.path)
