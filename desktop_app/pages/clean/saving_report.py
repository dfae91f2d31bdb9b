"""Saving the report of the last check beside the page, and saying where it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from core.translation import tr

if TYPE_CHECKING:
    from core.domain.metrics import Metric
    from core.progress import Progress
    from desktop_app.context import AppContext


def save_report(context: AppContext, path: Path, expected_left: Metric | None) -> None:
    """Write the report: a PDF where the name says so, else a web page; with how many labels are still wrong."""
    project = context.project
    if project is None:
        return

    def write(progress: Progress) -> None:
        from desktop_app.pages.clean import report_file

        report_file.save_report(project, path, progress, expected_left=expected_left)

    def said(_: None) -> None:
        context.say_with_links(
            tr("The report is saved as {name}.", name=path.name),
            [(tr("Open it"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))],
        )

    context.tasks.run(lambda: tr("Writing the report"), write, done=said)
