"""Where a report goes: seen to before the check runs, which may take hours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from core.errors import UserError
from core.paths import require_output

if TYPE_CHECKING:
    from core.domain.metrics import Metric
    from core.store.project import Project

_PRINTED: Final = ".pdf"
_ENDINGS: Final = (".htm", ".html", _PRINTED)


class ReportWriter(Protocol):
    """Writes the report of a project's last check to a file."""

    def __call__(self, project: Project, path: Path, *, expected_left: Metric | None = None) -> None:
        """Write it; `expected_left` labels are expected to be wrong still."""


def report_writer(path: Path, writers: Mapping[str, ReportWriter]) -> ReportWriter:
    """Return what writes the report under this name, in a folder that is there from now on.

    Raises
    ------
    UserError
        ``report_path`` where no file can be written there, ``report_ending``, ``report_pdf`` for a PDF without a
        writer of one; as `core.paths.require_output`.
    """
    require_output(path, _ENDINGS)
    suffix = path.suffix.lower()
    if suffix not in _ENDINGS:
        raise UserError("report_ending", path=str(path))
    if suffix == _PRINTED and suffix not in writers:
        raise UserError("report_pdf", path=str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError("report_path", path=str(path)) from error
    return writers.get(suffix, _web_page)


def _web_page(project: Project, path: Path, *, expected_left: Metric | None = None) -> None:
    from core.quality.report.write import write_report

    write_report(project, path, expected_left=expected_left)
