"""Data sets in arrays: IDX (MNIST), CIFAR-10 and CIFAR-100, NPZ as MedMNIST publishes it.

What reads the arrays is in `core.images.items`; here is what the files' names mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import label_name
from core.domain.samples import Split
from core.errors import UnreadableImage, UserError
from core.images.cifar_file import load_cifar_pickle
from core.images.formats import Fault
from core.images.idx_file import open_idx_labels
from core.images.items import ItemFile, open_items
from core.images.npz_file import NpzImages
from core.images.trees import Tree, TreeFile
from core.ingest.assign import natural_key
from core.ingest.csv_table import split_named
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.documents import folder_of
from core.ingest.formats.lazy import LazyEntries
from core.ingest.formats.spec import Entry, ImportOptions, Offer
from core.ingest.rules import GroupKind, LabelKind
from core.progress import Progress

_IDX: Final = re.compile(r".+[-.]images[-.]idx3-ubyte(?P<gz>\.gz)?", re.IGNORECASE)
_CIFAR: Final = re.compile(r"(data_batch_\d+|test_batch|train|test)(\.bin)?", re.IGNORECASE)
_CIFAR_NAMES: Final = {
    "labels": ("batches.meta", "label_names", "batches.meta.txt"),
    "fine_labels": ("meta", "fine_label_names", "fine_label_names.txt"),
    "coarse_labels": ("meta", "coarse_label_names", "coarse_label_names.txt"),
}
_CIFAR_SIZES: Final = (3073, 3074)
_NAME_FILES: Final = ("labels.txt", "classes.txt", "label_names.txt")
_IMAGES: Final = re.compile(r"(?:(?P<split>.+)_)?(?:images?|x)|[xX]_(?P<after>.+)")
_SPLITS: Final = {"t10k": Split.TEST, "test": Split.TEST, "val": Split.VAL, "valid": Split.VAL}

_Row = tuple[str, int, Split, tuple[str, ...] | None, tuple[str, ...]]

_ArrayRow = tuple[str, int, Split, tuple[str, ...] | None, int | None]
"""The address of an array, the image's place in it, its split, its labels, and the plane of a volume."""


def is_idx(tree: Tree, files: Catalogue) -> bool:
    """Whether there is an IDX file of images, by its name."""
    return bool(idx_files(files))


def idx_files(files: Catalogue) -> list[TreeFile]:
    """Return the IDX files of images; of one with and without ``.gz``, the one without."""
    found = ((file, _IDX.fullmatch(file.path.rpartition("/")[2])) for file in files.others)
    return [file for file, name in found if name and not (name["gz"] and files.get(file.path[:-3]))]


def read_idx(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images of the IDX files; of one with and without ``.gz``, the one without.

    Raises
    ------
    UserError
        ``idx_magic``, ``idx_size``, ``idx_counts``, ``idx_names``, ``image_too_large`` or ``rule_not_for_idx``.
    """
    _check_rules(tree, options)
    rows: list[_Row] = []
    labels: dict[str, None] = {}
    for file in idx_files(files):
        progress.checkpoint()
        folder, _, name = file.path.rpartition("/")
        stem, dash, _ = re.split(r"images([-.])idx3", name, maxsplit=1, flags=re.IGNORECASE)
        plain = f"{folder}/{stem}labels{dash}idx1-ubyte".lstrip("/")
        beside = files.get(plain) or files.get(f"{plain}.gz")
        count = _opened(tree, file).images[""].shape[0]
        split = next((s for word, s in _SPLITS.items() if word in re.split(r"[-._]", stem.lower())), Split.NONE)
        names: list[str] | None = None
        if beside is not None and options.labels.kind is not LabelKind.NONE:
            names = _idx_labels(tree, files, beside, count)
            labels |= dict.fromkeys(names)
        rows += [(file.path, at, split, (names[at],) if names else None, ()) for at in range(count)]
    return Offer("idx", tree, _entries(rows), tuple(_natural(labels)))


def is_cifar(tree: Tree, files: Catalogue) -> bool:
    """Whether there are files with the names, and the first bytes or the size, of CIFAR's batches."""
    return any(_is_batch(tree, file) for file in files.others)


def read_cifar(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images of the batches; of CIFAR-100 with the fine labels, the coarse ones as tags.

    Raises
    ------
    UserError
        ``items_unreadable`` where a batch is damaged or holds anything but plain data; ``rule_not_for_idx``.
    """
    _check_rules(tree, options)
    rows: list[_Row] = []
    declared: tuple[str, ...] = ()
    for file in files.others:
        if not _is_batch(tree, file):
            continue
        progress.checkpoint()
        batch = _opened(tree, file)
        split = Split.TEST if "test" in file.path.rpartition("/")[2].lower() else Split.NONE
        kind = "labels" if "labels" in batch.labels else "fine_labels"
        names = _cifar_names(tree, files, file, kind)
        coarse = _cifar_names(tree, files, file, "coarse_labels")
        declared = declared or names
        codes, more = batch.labels.get(kind), batch.labels.get("coarse_labels")
        for at in range(batch.images[""].shape[0]):
            label = None if codes is None else (_named(int(codes[at]), names),)
            tags = () if more is None else (f"coarse={_named(int(more[at]), coarse)}",)
            rows.append((file.path, at, split, label, tags))
    used = {name for row in rows for name in row[3] or ()}
    return Offer("cifar", tree, _entries(rows), declared or tuple(_natural(used)))


def is_npz(tree: Tree, files: Catalogue) -> bool:
    """Whether there is an NPZ file."""
    return bool(files.with_suffix(".npz"))


def read_npz(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images of the arrays ``train_images``, ``val_images``, ``test_images``, with the labels beside them.

    Volumes are images each, the brightest of their planes, or all their planes are (`ImportOptions.pages`). Labels in
    several columns are one column for each label, 1 where it is given.

    Raises
    ------
    UserError
        ``items_unreadable`` or ``rule_not_for_idx``.
    """
    _check_rules(tree, options)
    rows: list[_ArrayRow] = []
    columns = found_volumes = 0
    for file in files.with_suffix(".npz"):
        progress.checkpoint()
        content = _opened(tree, file)
        names = _names_beside(tree, files, file)
        for name, images in content.images.items():
            codes = _labels_of(name, content)
            if codes is not None and len(codes) != images.shape[0]:
                raise UserError("idx_counts", path=f"{file.path}/{name}", labels=len(codes), images=images.shape[0])
            columns = max(columns, 0 if codes is None or codes.ndim < 2 else codes.shape[1])
            split, address = _array_split(name), f"{file.path}::item={name}"
            volumes = isinstance(images, NpzImages) and images.volumes
            depth = images.shape[1] if volumes and options.pages else 0
            found_volumes += images.shape[0] if volumes and not depth else 0
            rows += [
                (address, at, split, None if codes is None else _row_labels(codes[at], names), plane)
                for at in range(images.shape[0])
                for plane in (range(depth) if depth else (None,))
            ]
    used = _natural({name for row in rows for name in row[3] or ()})
    entries = LazyEntries(rows, _array_entry)
    return Offer("npz", tree, entries, tuple(used), columns > 1, volumes=found_volumes)


def _array_entry(row: _ArrayRow) -> Entry:
    """Return the entry of an image; planes of a volume are much alike, so they are a group."""
    address, at, split, labels, plane = row
    if plane is None:
        return Entry(f"{address}/{at}", labels, None, split)
    return Entry(f"{address}/{at}.z{plane}", labels, f"{address}/{at}", split)


def _entries(rows: list[_Row]) -> LazyEntries[_Row]:
    return LazyEntries(rows, lambda row: Entry(f"{row[0]}::item={row[1]}", row[3], None, row[2], row[4]))


def _check_rules(tree: Tree, options: ImportOptions) -> None:
    if options.labels.kind in (LabelKind.TABLE, LabelKind.PATTERN) or options.groups.kind is not GroupKind.NONE:
        raise UserError("rule_not_for_idx", path=tree.root)


def _opened(tree: Tree, file: TreeFile) -> ItemFile:
    try:
        return open_items(tree.local(file.path), tree.scratch)
    except Fault as fault:
        if fault.code.startswith("idx_") or fault.code == "image_too_large":
            raise UserError(fault.code, path=file.path) from fault
        raise UserError(
            "items_unreadable", path=file.path, reason=UnreadableImage(fault.code, path="").message
        ) from fault
    except OSError as error:
        raise UserError("source_unreadable", path=file.path) from error


def _idx_labels(tree: Tree, files: Catalogue, file: TreeFile, count: int) -> list[str]:
    try:
        codes = open_idx_labels(tree.local(file.path))
    except Fault as fault:
        raise UserError(fault.code, path=file.path) from fault
    except OSError as error:
        raise UserError("source_unreadable", path=file.path) from error
    if len(codes) != count:
        raise UserError("idx_counts", path=file.path, labels=len(codes), images=count)
    names = _names_beside(tree, files, file)
    most = int(codes.max()) + 1 if len(codes) else 0
    if names and len(names) < most:
        raise UserError("idx_names", path=folder_of(file.path) or tree.root, count=most)
    return [_named(code, names) for code in codes.tolist()]


def _names_beside(tree: Tree, files: Catalogue, file: TreeFile) -> tuple[str, ...]:
    """Return the names by code: the lines of a text file beside the images; empty without one."""
    folder = file.path[: file.path.rfind("/") + 1]
    beside = next((found for name in _NAME_FILES if (found := files.get(folder + name))), None)
    if beside is None:
        return ()
    try:
        lines = tree.read(beside.path).decode("utf-8-sig").splitlines()
        names = tuple(label_name(line) for line in lines if line.strip())
    except (OSError, ValueError, UserError) as error:
        raise UserError("idx_names", path=beside.path, count=0) from error
    if len(set(names)) < len(names):
        raise UserError("idx_names", path=beside.path, count=len(names))
    return names


def _is_batch(tree: Tree, file: TreeFile) -> bool:
    if not _CIFAR.fullmatch(file.path.rpartition("/")[2]):
        return False
    if file.path.lower().endswith(".bin"):
        return any(file.size_bytes and file.size_bytes % size == 0 for size in _CIFAR_SIZES)
    try:
        with tree.local(file.path).open("rb") as stream:
            head = stream.read(2)
    except (OSError, UnreadableImage):
        return False
    return len(head) == 2 and head[0] == 0x80 and 2 <= head[1] <= 5


def _cifar_names(tree: Tree, files: Catalogue, batch: TreeFile, kind: str) -> tuple[str, ...]:
    folder = batch.path[: batch.path.rfind("/") + 1]
    pickled, key, text = _CIFAR_NAMES[kind]
    found: Sequence[object] = ()
    try:
        if (file := files.get(folder + pickled)) is not None:
            listed = load_cifar_pickle(tree.local(file.path)).get(key)
            found = listed if isinstance(listed, list) else ()
        elif (file := files.get(folder + text)) is not None:
            found = tree.read(file.path).decode("utf-8").split()
        texts = [name.decode("utf-8") if isinstance(name, bytes) else str(name) for name in found]
        return tuple(label_name(name) for name in texts)
    except (Fault, OSError, ValueError, UserError):
        return ()


def _labels_of(images: str, content: ItemFile) -> NDArray[np.int64] | None:
    """Return the labels of an array of images: the array whose name says so."""
    for name in (re.sub("images?$", "labels", images), re.sub("images?$", "label", images), re.sub("^x", "y", images)):
        if name != images and name in content.labels:
            return content.labels[name]
    return content.labels.get("labels") if len(content.images) == 1 else None


def _array_split(name: str) -> Split:
    for word in re.split(r"[_.-]", name):
        split = split_named(word)
        if split not in (None, Split.NONE):
            return split
    return Split.NONE


def _row_labels(codes: NDArray[np.int64], names: Sequence[str]) -> tuple[str, ...]:
    if codes.ndim == 0 or codes.shape[0] == 1:
        return (_named(int(codes if codes.ndim == 0 else codes[0]), names),)
    return tuple(_named(int(at), names) for at in np.flatnonzero(codes > 0))


def _named(code: int, names: Sequence[str]) -> str:
    return names[code] if 0 <= code < len(names) else str(code)


def _natural(names: Iterable[str]) -> list[str]:
    return sorted(names, key=natural_key)
