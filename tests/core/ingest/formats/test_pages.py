import numpy as np
import tifffile

from core.ingest.formats.spec import ImportOptions
from core.ingest.importer import import_source, preview_source
from core.ingest.rules import AUTO_LABELS, parse_group_rule
from core.progress import Progress
from core.store.project import Project


def test_pages_of_a_stack_are_a_group_so_that_none_judges_another(tmp_path):
    for name in ("a", "b"):
        (tmp_path / "stacks" / name).mkdir(parents=True)
        file = tmp_path / "stacks" / name / "s1.tif"
        tifffile.imwrite(file, np.zeros((3, 8, 9), np.uint16), photometric="minisblack")
    options = ImportOptions(pages=True)
    with Project.create(tmp_path / "cells") as project:
        seen = preview_source(project, tmp_path / "stacks", options=options, progress=Progress())
        assert seen.groups == {"a/s1.tif": 3, "b/s1.tif": 3}
        by_name = parse_group_rule(r"pattern:(s\d)\.tif")
        seen = preview_source(project, tmp_path / "stacks", groups=by_name, options=options, progress=Progress())
        assert seen.groups == {"s1": 6}
        report = import_source(project, tmp_path / "stacks", labels=AUTO_LABELS, options=options, progress=Progress())
        assert (report.added, report.groups) == (6, 2)
