"""Saving the report of a check: a web page, or a PDF of one A4 page; for worker threads."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QFont, QGuiApplication, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument

from core.domain.metrics import Metric
from core.paths import atomic_write, require_output
from core.translation import tr
from desktop_app.theme import font_families

if TYPE_CHECKING:
    from core.progress import Progress
    from core.store.project import Project

DOTS_PER_INCH: Final = 300
_USUAL_DOTS_PER_INCH: Final = 96.0
_MARGIN_MM: Final = 14.0
_LEAST_SCALE: Final = 0.5


def save_report(project: Project, path: Path, progress: Progress, *, expected_left: Metric | None = None) -> None:
    """Write the report of the project's last check, as a PDF where the name says so, else as a web page.

    Parameters
    ----------
    expected_left
        As for `core.quality.report.write.write_report`.

    Raises
    ------
    UserError
        ``disk_full``, ``project_read_only``; as `core.paths.require_output`; what was there stays.
    """
    from core.quality.report.page import report_page
    from core.quality.report.write import gather_report, write_report

    require_output(path, (".htm", ".html", ".pdf"))
    if path.suffix.lower() != ".pdf":
        write_report(project, path, progress, expected_left=expected_left)
        return
    page = report_page(gather_report(project, progress, expected_left=expected_left))
    with atomic_write(path) as part:
        write_pdf(page, part, title=tr("Check of the data set “{name}”", name=project.name))


def save_without_window(project: Project, path: Path, *, expected_left: Metric | None = None) -> None:
    """Write the report where there is no window and perhaps no display; otherwise as `save_report`."""
    from core.progress import Progress

    if QGuiApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        app = QGuiApplication(["coverslip"])
        save_report(project, path, Progress(), expected_left=expected_left)
        app.shutdown()
        return
    save_report(project, path, Progress(), expected_left=expected_left)


def write_pdf(page: str, path: Path, *, title: str) -> None:
    """Print a page of HTML on one A4 page: what is too long for it is printed smaller, at the least half as large."""
    writer = QPdfWriter(str(path))
    writer.setResolution(DOTS_PER_INCH)
    writer.setTitle(title)
    writer.setCreator("Coverslip")
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter
        )
    )
    # A document is laid out for the screen; what it calls an inch is as many units as that has dots.
    screen = QGuiApplication.primaryScreen()
    dots = screen.logicalDotsPerInchY() if screen is not None else _USUAL_DOTS_PER_INCH
    room = writer.pageLayout().paintRect(QPageLayout.Unit.Inch).size() * dots
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.setDefaultFont(QFont(font_families(), 10))
    # Qt adds to the size that the style gives to a heading.
    document.setHtml(re.sub(r"<(h[12])>(.*?)</\1>", r'<p class="\1">\2</p>', page))
    scale = _fit(document, room)
    painter = QPainter(writer)
    factor = scale * DOTS_PER_INCH / dots
    painter.scale(factor, factor)
    document.drawContents(painter, QRectF(0, 0, room.width() / scale, room.height() / scale))
    painter.end()


def _fit(document: QTextDocument, room: QSizeF) -> float:
    """Lay the document out on a page of `room`, in its own units; return the scale at which all of it is there."""
    scale = 1.0
    while True:
        document.setTextWidth(room.width() / scale)
        if document.size().height() * scale <= room.height() or scale <= _LEAST_SCALE:
            return scale
        scale *= 0.95
