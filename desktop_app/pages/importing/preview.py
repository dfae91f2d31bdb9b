"""What an import would do, told by the very code that imports, before anything is done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.progress import Progress
from core.translation import mark
from desktop_app.pages.importing.form import propose_patterns

if TYPE_CHECKING:
    from core.ingest.rules import GroupRule, LabelRule

ROWS = 9


@dataclass(frozen=True, slots=True)
class FolderContent:
    """The files of a folder: `paths` relative and sorted; `idx` the IDX files of images; `proposals` for groups."""

    root: Path
    paths: tuple[str, ...]
    skipped: int
    idx: tuple[str, ...] = ()
    proposals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One file as it would be imported; `span` is where its group stands in the file's name, if it does."""

    name: str
    label: str | None
    group: str | None
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What the rules give: counts, and a few files from all over the folder; or in `error` why they do not apply."""

    images: int = 0
    labels: dict[str, int] = field(default_factory=dict)
    unlabelled: int = 0
    groups: int = 0
    ungrouped: int = 0
    rows: tuple[PreviewRow, ...] = ()
    error: str = ""


def look_into(root: Path, progress: Progress) -> FolderContent:
    """List the images of a folder.

    Raises
    ------
    UserError
        Where the folder is missing or holds no images.
    """
    from core.ingest.formats.arrays import idx_files
    from core.ingest.offers import open_source

    if not root.is_dir():
        raise UserError("source_missing", path=str(root))
    progress.begin(mark("Looking for images"))
    source = open_source(None, root, progress)
    paths = tuple(file.path for file in source.files.images)
    idx = tuple(file.path for file in idx_files(source.files))
    if not paths and not idx:
        raise UserError("source_no_images", path=str(root))
    return FolderContent(root.resolve(), paths, len(source.skipped), idx, tuple(propose_patterns(paths)))


def preview(content: FolderContent, labels: LabelRule, groups: GroupRule, progress: Progress) -> Preview:
    """Apply the rules to the files; what a user can put right is in the answer's `error`, not raised."""
    from core.ingest.assign import assignments, natural_key

    try:
        assign = assignments(content.root, content.paths, labels, groups)
        given = [assign(path) for path in content.paths]
    except UserError as error:
        return Preview(images=len(content.paths), error=error.message)
    progress.checkpoint()
    by_label = Counter(one.label for one in given if one.label is not None)
    by_group = Counter(one.group for one in given if one.group is not None)
    ordered = {name: by_label[name] for name in sorted(by_label, key=natural_key)}
    total = len(given)
    chosen = sorted({round(i * (total - 1) / max(1, ROWS - 1)) for i in range(min(ROWS, total))})
    rows = tuple(
        PreviewRow(
            content.paths[i].rsplit("/", 1)[-1],
            given[i].label,
            given[i].group,
            _span(content.paths[i].rsplit("/", 1)[-1], groups),
        )
        for i in chosen
    )
    return Preview(total, ordered, total - by_label.total(), len(by_group), total - by_group.total(), rows)


def _span(name: str, groups: GroupRule) -> tuple[int, int] | None:
    if groups.pattern is None:
        return None
    compiled = groups.pattern.pattern
    found = compiled.search(name)
    if found is None:
        return None
    part: str | int = "group" if "group" in compiled.groupindex else 1 if compiled.groups else 0
    return found.span(part)
