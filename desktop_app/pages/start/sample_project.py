"""The sample set as a project: made, imported and split in one go, offline."""

from __future__ import annotations

from pathlib import Path

from core.paths import user_data_dir
from core.progress import Progress
from core.store.new_project import new_project
from core.store.project import project_path
from core.translation import mark

SEED = 7


def sample_project_path() -> Path:
    """Return where the sample project is, or will be."""
    return project_path(user_data_dir() / "Sample cells")


def make_sample_project(target: Path, progress: Progress) -> Path:
    """Make the sample project at `target`, with its images beside it; one that is there already is left as it is.

    It gets its name when it is whole: a stop or a crash leaves no half-made project.

    Raises
    ------
    UserError
        ``disk_full``, ``project_read_only`` and those of the sample set and the import.
    """
    from core.ingest.importer import import_source
    from core.ingest.rules import parse_group_rule, parse_label_rule
    from core.ingest.sample_set.maker import GROUP_PATTERN, make_sample_set
    from core.store.splits import assign_project_splits

    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    images = make_sample_set(target.parent / "Sample cells", seed=SEED, progress=progress).images
    with new_project(target, progress) as project:
        labels, groups = parse_label_rule("folder"), parse_group_rule(f"pattern:{GROUP_PATTERN}")
        import_source(project, images, labels=labels, groups=groups, progress=progress)
        progress.begin(mark("Splitting"))
        assign_project_splits(project, tool="sample")
    return target
