"""What the user sees when Coverslip made a mistake: a report to copy, never a traceback in the face."""

from __future__ import annotations

import platform
import sys
import traceback

from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from core.translation import tr
from core.version import VERSION
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, row, text


def report_text(error: BaseException) -> str:
    """Return the report: versions and the traceback, nothing of the user's data."""
    trace = "".join(traceback.format_exception(error))
    system = f"{platform.system()} {platform.release()} ({platform.machine()})"
    return f"Coverslip {VERSION}, Python {platform.python_version()}, {system}\n{' '.join(sys.argv[1:2])}\n{trace}"


class BugReport(QDialog):
    """Says what happened, in words, with the report below; not modal: work goes on."""

    def __init__(self, error: BaseException, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Something went wrong"))
        self.setMinimumSize(theme.px(640), theme.px(420))
        self.report = report_text(error)
        shown = QPlainTextEdit(self.report)
        shown.setReadOnly(True)
        shown.setFont(theme.font(12))
        shown.setAccessibleName(tr("Report"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(20),) * 4)
        layout.setSpacing(theme.px(12))
        layout.addWidget(text(tr("Coverslip made a mistake"), "subtitle"))
        layout.addWidget(
            text(
                tr(
                    "What you did before is saved. You can go on working. Please send this report to the people "
                    "who make Coverslip; it holds no images and no labels."
                ),
                "muted",
                wrap=True,
            )
        )
        layout.addWidget(shown, 1)
        copy = button(tr("Copy the report"), self._copy, kind="primary", icon=theme.icon("copy", "on_accent"))
        layout.addLayout(row(None, copy, button(tr("Close"), self.close)))

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.report)
