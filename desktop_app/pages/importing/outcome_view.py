"""What an import did, in words, with links to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout

from core.translation import tr, tr_n
from desktop_app.context import AppContext
from desktop_app.pages.importing.counts import problem_list
from desktop_app.pages.importing.outcome import Outcome
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, button, column, row, text

if TYPE_CHECKING:
    from core.ingest.importer import ImportReport


def outcome_rows(theme: Theme, outcome: Outcome, context: AppContext) -> QVBoxLayout:
    """Return what was done, the links, and the lists of what was not."""
    report = outcome.report
    rows = column(text(tr("“{name}” is imported", name=outcome.name), "subtitle"), spacing=theme.px(8))
    for words in _sentences(outcome):
        rows.addWidget(text(words, wrap=True))
    links = outcome.links(context)
    if links:
        rows.addLayout(row(*(button(words, go) for words, go in links), None))
    for title, problems in ((tr("Unreadable"), report.unreadable), (tr("Left out"), report.skipped)):
        if problems:
            rows.addSpacing(theme.px(6))
            rows.addWidget(SectionTitle(title, theme))
            rows.addLayout(problem_list(theme, problems))
    return rows


def _sentences(outcome: Outcome) -> list[str]:
    report = outcome.report
    said = [tr_n("{n} image was added.", "{n} images were added.", report.added)]
    if report.relocated:
        said.append(
            tr("These are the images that were at {place}; what was known of them is kept.", place=report.relocated)
        )
    if report.multi_page:
        said.append(
            tr_n(
                "{n} file has several pages, of which only the first was taken.",
                "{n} files have several pages, of which only the first was taken.",
                report.multi_page,
            )
        )
    return [*said, *(words for count, words in (*_of_known(report), *_filled(report)) if count), *report.refused_keys]


def _of_known(report: ImportReport) -> list[tuple[int, str]]:
    return [
        (report.known, tr_n("{n} was here already.", "{n} were here already.", report.known)),
        (
            report.copies,
            tr_n(
                "{n} has the content of an image that was here from another source.",
                "{n} have the content of images that were here from another source.",
                report.copies,
            ),
        ),
        (
            report.renamed,
            tr_n(
                "{n} image has another name now; what was known of it is kept.",
                "{n} images have other names now; what was known of them is kept.",
                report.renamed,
            ),
        ),
        (
            report.changed,
            tr_n(
                "{n} has changed on disk and was read again.",
                "{n} have changed on disk and were read again.",
                report.changed,
            ),
        ),
    ]


def _filled(report: ImportReport) -> list[tuple[int, str]]:
    return [
        (
            report.labelled,
            tr_n(
                "{n} known image got the label that it lacked.",
                "{n} known images got the label that they lacked.",
                report.labelled,
            ),
        ),
        (
            report.grouped,
            tr_n(
                "{n} known image got the group that it lacked.",
                "{n} known images got the group that they lacked.",
                report.grouped,
            ),
        ),
    ]
