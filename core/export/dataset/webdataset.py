"""WebDataset: tars in which the files of one sample share a key; each split has its own.

https://github.com/webdataset/webdataset. The same images in the same order give the same bytes: nothing in the tars
tells when and by whom they were made.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path, PurePosixPath
from typing import Final

from core.domain.samples import Split
from core.domain.task import Task
from core.export.dataset.loose import place_of
from core.export.dataset.names import Names
from core.export.dataset.spec import Item, Place, Stored, Subject, Writer

_NAMES: Final = {Split.TRAIN: "train", Split.VAL: "val", Split.TEST: "test", Split.NONE: "data"}
MAX_COUNT: Final = 10_000
MAX_BYTES: Final = 2**30
"""Images, and about how many bytes, that a tar holds at most."""


class _Shards:
    """The tars of one split."""

    def __init__(self, directory: Path, name: str) -> None:
        self._directory = directory
        self._name = name
        self._made = 0
        self._count = 0
        self._tar: tarfile.TarFile | None = None

    def add(self, files: dict[str, bytes]) -> str:
        """Put the files of a sample into a tar; returns its name."""
        tar = self._room()
        self._count += 1
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        return f"{self._name}-{self._made - 1:06d}.tar"

    def close(self) -> None:
        """Finish the tar that is open."""
        if self._tar is not None:
            self._tar.close()
            self._tar = None

    def _room(self) -> tarfile.TarFile:
        if self._tar is not None and (self._count >= MAX_COUNT or self._tar.offset >= MAX_BYTES):
            self.close()
        if self._tar is None:
            place = self._directory / f"{self._name}-{self._made:06d}.tar"
            self._tar = tarfile.open(place, "x", format=tarfile.PAX_FORMAT)  # noqa: SIM115
            self._made += 1
            self._count = 0
        return self._tar


class WebDatasetWriter(Writer):
    """Packs each image with ``json``, what is known of it, and ``cls``, the number of its label."""

    def __init__(self, directory: Path, subject: Subject) -> None:
        self._names = Names()
        self._multi = subject.task is Task.MULTI
        self._numbers = {label.name: number for number, label in enumerate(subject.labels)}
        self._shards = {split: _Shards(directory, _NAMES[split]) for split in subject.splits}

    def place(self, item: Item) -> Place:
        """Return the key of the image."""
        return place_of(self._names, "", item, dotless=True)

    def add(self, item: Item, place: Place, stored: Stored) -> str:
        """Pack an image."""
        sample = item.sample
        file = PurePosixPath(place.file)
        said = {"group": sample.group, "tags": list(sample.tags)}
        label: dict[str, object] = {"label": item.labels[0] if item.labels else None}
        if self._multi:
            label = {"labels": None if item.labels is None else list(item.labels)}
        text = json.dumps(label | {key: value for key, value in said.items() if value}, ensure_ascii=False)
        files = {place.file: stored.data, f"{file.stem}.json": text.encode()}
        if item.labels and not self._multi:
            files[f"{file.stem}.cls"] = str(self._numbers[item.labels[0]]).encode()
        shard = self._shards[sample.split].add(files)
        return f"{shard}::member={place.file}"

    def close(self) -> None:
        """Finish the tars."""
        for shards in self._shards.values():
            shards.close()
