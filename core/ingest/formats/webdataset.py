"""WebDataset: tars in which the files of one sample share a key: ``key.jpg`` with ``key.cls``, ``.json`` or ``.txt``.

https://github.com/webdataset/webdataset. Images stay in their tars and are read from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from core.domain.samples import Split
from core.errors import UserError
from core.images.formats import IMAGE_SUFFIXES, Fault
from core.images.tar_index import TarIndex, index_tar, plain_tar
from core.images.trees import Tree
from core.ingest.csv_table import split_named
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.gather import Gathering
from core.ingest.formats.names import split_in
from core.ingest.formats.spec import ImportOptions, Offer
from core.progress import Progress

_MAX_SAID_BYTES: Final = 2**20
_SUFFIXES: Final = (".tar", ".tar.gz", ".tgz")


def is_webdataset(tree: Tree, files: Catalogue) -> bool:
    """Whether there is a tar."""
    return bool(files.with_suffix(*_SUFFIXES))


def read_webdataset(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images in the tars; a tar that cannot be read is a problem, unless it is the only one.

    Raises
    ------
    UserError
        ``archive_damaged_tar`` or ``archive_bomb`` where no tar can be read.
    """
    gathering = Gathering(tree, files, options)
    broken: tuple[str, str] | None = None
    any_read = False
    for shard in files.with_suffix(*_SUFFIXES):
        progress.checkpoint()
        try:
            index = index_tar(plain_tar(tree.local(shard.path), tree.scratch))
        except Fault as fault:
            broken = (shard.path, fault.code)
            gathering.problem(shard.path, fault.code)
            continue
        any_read = True
        for name, code in index.skipped:
            gathering.problem(f"{shard.path}::member={name}", code)
        for image, parts in _samples(index):
            progress.checkpoint()
            _take(shard.path, image, _said(index, parts), gathering)
    if broken is not None and not any_read:
        raise UserError(broken[1], path=broken[0])
    return gathering.offer("webdataset", declared=False)


def _samples(index: TarIndex) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each image with the other files of its sample, by their extensions."""
    samples: dict[str, dict[str, str]] = {}
    for name in index.members:
        folder, slash, last = name.rpartition("/")
        stem, _, extension = last.partition(".")
        samples.setdefault(f"{folder}{slash}{stem}", {})[extension.lower()] = name
    for parts in samples.values():
        for extension, name in parts.items():
            if f".{extension.rpartition('.')[2]}" in IMAGE_SUFFIXES:
                yield name, {key: other for key, other in parts.items() if other != name}


def _said(index: TarIndex, parts: Mapping[str, str]) -> dict[str, Any]:
    """Return what the files beside an image say: as JSON says it, or ``label``."""
    said: dict[str, Any] = {}
    for extension in ("json", "cls", "txt"):
        name = parts.get(extension)
        if name is None or index.members[name][1] > _MAX_SAID_BYTES:
            continue
        try:
            text = index.read(name).decode("utf-8").strip()
            found = json.loads(text) if extension == "json" else text
        except (Fault, OSError, ValueError, RecursionError):
            continue
        if extension == "json":
            said |= found if isinstance(found, dict) else {"label": found}
        elif extension == "cls" or not ({"label", "labels", "cls"} & said.keys()):
            said.setdefault("label", text)
    return said


def _take(shard: str, image: str, said: Mapping[str, Any], gathering: Gathering) -> None:
    labels = said.get("labels", said.get("label", said.get("cls")))
    many = isinstance(labels, list)
    gathering.multi = gathering.multi or many
    group, tags = said.get("group"), said.get("tags")
    split = split_named(str(said.get("split", "")))
    gathering.add(
        f"{shard}::member={image}",
        labels if isinstance(labels, list) else None if labels in (None, "") else [labels],
        group=group if isinstance(group, str) and group else None,
        split=split_in(shard) if split in (None, Split.NONE) else split,
        tags=[tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else (),
    )
