"""Finding images that moved below a new folder: by relative paths, then by size and content, whatever the name."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, TypeVar

from core.domain.address import parse_address
from core.domain.samples import Source
from core.errors import UserError
from core.images.contents import examine
from core.images.folder_tree import FolderTree
from core.images.trees import FOLDER, REMOTE, ZIP, Tree, TreeFile
from core.images.zip_tree import ZipTree
from core.ingest.presence import Presence, check_presence
from core.progress import Progress
from core.store.missing import SampleFile, move_samples, sample_files
from core.store.project import Project
from core.store.sources import relocate_source, sources
from core.translation import mark

_LOOKED_AT: Final = 50
_READ: Final = 5
_T = TypeVar("_T")


@dataclass(slots=True)
class Relinked:
    """What was found again.

    Attributes
    ----------
    sources
        Where each source that was found again was, and where it is now.
    moved
        Images found under another name or in another folder within their source.
    presence
        How the whole project is afterwards.
    """

    sources: list[tuple[str, str]] = field(default_factory=list)
    moved: int = 0
    presence: Presence | None = None


def relink(project: Project, new_root: Path, progress: Progress) -> Relinked:
    """Find the images that are missing below `new_root`.

    Raises
    ------
    UserError
        ``source_missing`` or ``source_not_folder``.
    """
    try:
        root = new_root.expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError("source_missing", path=str(new_root)) from error
    if not root.is_dir():
        raise UserError("source_not_folder", path=str(new_root))
    progress.begin(mark("Looking for the images"))
    below = _Below(root, list(FolderTree(root).files(progress)))
    done = Relinked()
    for source in sources(project).values():
        files = sample_files(project, source.id)
        if source.kind == REMOTE or not files or not _is_missed(source, files):
            continue
        place = below.zip_of(source, files) if source.kind == ZIP else below.folder_of(files)
        if place is not None and not _is_taken(project, source, place):
            relocate_source(project, source.id, place)
            done.sources.append((source.root, str(place)))
        if source.kind == FOLDER:
            done.moved += _move_files(project, source.id, files, below, progress)
    done.presence = check_presence(project, progress)
    return done


def _is_missed(source: Source, files: Sequence[SampleFile]) -> bool:
    if not Path(source.root).exists():
        return True
    if source.kind == ZIP:
        return False
    tree = FolderTree(source.root)
    return any(not _is_file(tree, file.path) for file in files)


def _is_taken(project: Project, source: Source, place: Path) -> bool:
    return any((one.kind, one.root) == (source.kind, str(place)) for one in sources(project).values())


def _is_file(tree: FolderTree, path: str) -> bool:
    return os.path.isfile(os.path.join(tree.root, parse_address(path).container))  # noqa: PTH113, PTH118


class _Below:
    """What lies below the new folder."""

    def __init__(self, root: Path, files: Sequence[TreeFile]) -> None:
        self.root = root
        self.tree = FolderTree(root)
        self._by_name: defaultdict[str, list[TreeFile]] = defaultdict(list)
        self._by_size: defaultdict[int, list[TreeFile]] = defaultdict(list)
        for file in files:
            self._by_name[PurePosixPath(file.path).name].append(file)
            self._by_size[file.size_bytes].append(file)

    def folder_of(self, files: Sequence[SampleFile]) -> Path | None:
        """Return the folder below which most of these files are, by relative path and size; None where there is none.

        The content of a few of them is compared; where most differ, they are others of the same names.
        """
        votes: Counter[str] = Counter()
        looked_at = _spread(files, _LOOKED_AT)
        for file in looked_at:
            container = parse_address(file.path).container
            for found in self.named(container):
                if found.path == container or found.path.endswith(f"/{container}"):
                    votes[found.path[: len(found.path) - len(container)]] += self._fits(file, found)
        if not votes or max(votes.values()) * 2 <= len(looked_at):
            return None
        prefix = max(votes, key=lambda one: votes[one])
        there = [file for file in files if (self.root / prefix / parse_address(file.path).container).is_file()]
        compared = _spread([file for file in there if file.digest], _READ)
        same = sum(examine(self.tree, prefix + file.path).digest == file.digest for file in compared)
        return self.root / prefix if same * 2 > len(compared) else None

    def zip_of(self, source: Source, files: Sequence[SampleFile]) -> Path | None:
        """Return the ZIP of the source's name that holds these files."""
        for found in self.named(Path(source.root).name):
            try:
                tree: Tree = ZipTree(self.root / found.path)
            except UserError:
                continue
            compared = _spread([file for file in files if file.digest], _READ)
            if compared and all(examine(tree, file.path).digest == file.digest for file in compared):
                return self.root / found.path
        return None

    def named(self, path: str) -> list[TreeFile]:
        """Return the files of the same name."""
        return self._by_name.get(PurePosixPath(path).name, [])

    def alike(self, file: SampleFile) -> list[TreeFile]:
        """Return the files that may be this one by their size, those of its name first."""
        named = [found for found in self.named(file.path) if found.size_bytes == file.size_bytes]
        return named + [found for found in self._by_size.get(file.size_bytes, []) if found not in named]

    def _fits(self, file: SampleFile, found: TreeFile) -> bool:
        # Of a part, the size is that of its file or of its pixels, so that only the content tells.
        return parse_address(file.path).part is not None or found.size_bytes == file.size_bytes


def _move_files(
    project: Project, source_id: int, files: Sequence[SampleFile], below: _Below, progress: Progress
) -> int:
    """Find the files that are not at their places by size and content; returns how many were found."""
    root = Path(sources(project)[source_id].root)
    if not root.is_dir():
        return 0
    here = FolderTree(root)
    paths: dict[int, str] = {}
    taken = {file.path for file in files}
    for file in files:
        progress.checkpoint()
        if parse_address(file.path).part is not None or not file.digest or _is_file(here, file.path):
            continue
        for found in below.alike(file):
            place = below.root / found.path
            path = place.relative_to(root).as_posix() if place.is_relative_to(root) else None
            if path is not None and path not in taken and examine(here, path).digest == file.digest:
                paths[file.id] = path
                taken.add(path)
                break
    return move_samples(project, source_id, paths)


def _spread(items: Sequence[_T], count: int) -> list[_T]:
    """Return at most `count` items, evenly spread."""
    count = min(count, len(items))
    return [items[i * len(items) // count] for i in range(count)]
