"""What an import would do, told by the very code that imports, before anything is done. For worker threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableImage, UserError
from core.progress import Progress
from desktop_app.pages.importing.form import Form, propose_patterns

if TYPE_CHECKING:
    from core.ingest.offers import Opened, Plan
    from core.ingest.patterns import PatternPreview
    from core.ingest.preview import Preview
    from core.ingest.tables_seen import TableSeen
    from core.store.project import Project

PICTURES: Final = 12
PICTURE_PX: Final = 128
_PICTURES_OF_SERVERS: Final = 4
_TRIED, _TRIED_OF_SERVERS = 2000, 8
_PATHS_TRIED: Final = 10_000
_TIFF: Final = (".tif", ".tiff", ".btf")

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Content:
    """What a source holds: it was listed once, and rules are tried on that.

    Attributes
    ----------
    paths
        Some of its images' paths, evenly spread, for patterns to be tried on.
    proposals
        Patterns that may tell the groups.
    """

    root: Path | str
    only: tuple[str, ...]
    source: Opened = field(repr=False, compare=False)
    images: int
    paths: tuple[str, ...] = field(repr=False, compare=False)
    proposals: tuple[str, ...]
    has_tiffs: bool
    has_slides: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules give, or in `error` why they do not apply.

    Attributes
    ----------
    matches
        What the patterns in use find, by what they are for: ``label``, ``group``.
    table
        The table that the labels are from.
    becomes_multi
        Whether the project would become one of many labels an image.
    """

    preview: Preview | None = None
    error: str = ""
    matches: dict[str, PatternPreview] = field(default_factory=dict)
    table: TableSeen | None = None
    becomes_multi: bool = False
    plans: Sequence[Plan] = field(default=(), repr=False, compare=False)


def look_into(project: Project | None, root: Path | str, only: tuple[str, ...], progress: Progress) -> Content:
    """List what a source holds.

    Raises
    ------
    UserError
        As `core.ingest.offers.open_source`, and ``source_no_images`` where it is empty.
    """
    from core.images.slides import is_slide
    from core.ingest.offers import open_source

    source = open_source(project, root, progress, only)
    if not len(source.files):
        raise UserError("source_no_images", path=str(root))
    images = source.files.images
    step = max(1, len(images) // _PATHS_TRIED)
    paths = tuple(file.path for file in images[::step])
    tiffs = any(path.lower().endswith(_TIFF) for path in paths)
    slides = any(map(is_slide, paths))
    return Content(root, only, source, len(images), paths, tuple(propose_patterns(paths)), tiffs, slides)


def try_rules(project: Project | None, content: Content, form: Form, progress: Progress) -> Seen:
    """Apply what was entered; what a user can put right is in the answer's `error`, not raised."""
    from core.domain.task import Task
    from core.ingest.offers import plans
    from core.ingest.preview import preview
    from core.ingest.tables_seen import table_seen
    from core.store.task import project_task

    matches = try_patterns(content, form)
    try:
        labels, groups = form.rules()
        options = replace(form.options(), labels=labels, groups=groups)
        found = plans(content.source, form.format, options, progress)
        if not found:
            raise UserError("source_no_images", path=str(content.root))
        told = preview(project, content.source, found, progress, 0)
    except UserError as error:
        return Seen(error=error.message, matches=matches)
    multi = told.multi and (project is None or project_task(project) is Task.SINGLE)
    return Seen(told, "", matches, table_seen(content.source, told.format, options), multi, found)


def try_patterns(content: Content, form: Form) -> dict[str, PatternPreview]:
    """Return what the patterns in use find."""
    from core.ingest.patterns import pattern_preview

    wanted = {"label": form.label_pattern, "group": form.group_pattern}
    used = {"label": form.label_kind == "pattern", "group": form.group_kind == "pattern"}
    return {what: pattern_preview(text, content.paths) for what, text in wanted.items() if text and used[what]}


def try_images(project: Project | None, content: Content, seen: Seen, progress: Progress) -> Seen:
    """Return the same, having tried whether some of the new images can be read, and are copies."""
    from core.images.trees import REMOTE
    from core.ingest.preview import try_new

    if seen.preview is None:
        return seen
    most = _TRIED_OF_SERVERS if content.source.kind == REMOTE else _TRIED
    found = try_new(project, content.source, seen.plans, most, progress)
    told = replace(
        seen.preview,
        unreadable=found.unreadable,
        checked=found.checked,
        copies=found.copies.count,
        copies_complete=found.copies.complete,
        multi_page=found.multi_page,
    )
    return replace(seen, preview=told)


def first_pictures(
    project: Project | None, content: Content, seen: Seen, *, may_fetch: bool, progress: Progress
) -> dict[str, Pixels]:
    """Return small pictures of the entries that are shown, by their addresses; none that cannot be read."""
    from core.domain.samples import Source
    from core.images.reader import ImageReader
    from core.images.thumbnails import thumbnail
    from core.images.trees import REMOTE

    if seen.preview is None:
        return {}
    remote = content.source.kind == REMOTE
    cache = str(project.cache_dir) if project is not None else ""
    source = Source(1, content.source.kind, str(content.source.root), cache_dir=cache, may_fetch=may_fetch)
    reader = ImageReader({1: source})
    found = {}
    for path in _shown(seen, _PICTURES_OF_SERVERS if remote else PICTURES):
        progress.checkpoint()
        try:
            found[path] = thumbnail(reader, 1, path, PICTURE_PX)
        except UnreadableImage:
            continue
    return found


def _shown(seen: Seen, most: int) -> Iterator[str]:
    entries = seen.preview.entries if seen.preview is not None else ()
    return (entry.path for entry in entries[:most])
