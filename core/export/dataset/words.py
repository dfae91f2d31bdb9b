"""What an export says for people about what the format could not hold and what became of the images."""

from __future__ import annotations

from typing import Final

from core.export.dataset.exporter import DatasetReport
from core.export.dataset.spec import Fact
from core.translation import mark, tr

FACT_NAMES: Final[dict[Fact, str]] = {
    Fact.MANY: mark("several labels of an image"),
    Fact.NO_LABEL: mark("known to have no label"),
    Fact.GROUP: mark("groups"),
    Fact.SPLIT: mark("splits"),
    Fact.TAGS: mark("tags"),
    Fact.STATE: mark("uncertain and ungradable"),
    Fact.REASON: mark("reasons"),
    Fact.EXCLUDED: mark("excluded"),
    Fact.PIN: mark("pinned to a split"),
    Fact.ORDER: mark("order of the labels"),
    Fact.UNUSED: mark("labels without images"),
    Fact.PARENTS: mark("labels below others"),
    Fact.NAMES: mark("names with special characters"),
}


def not_held_words(report: DatasetReport) -> list[str]:
    """Return a line for what the format does not hold, for images made of parts, and for those left out, if any."""
    lines = []
    if report.not_held:
        what = ", ".join(f"{tr(FACT_NAMES[row.what])} ({row.count:,})" for row in report.not_held)
        lines.append(tr("Only in {file}, which Coverslip reads: {what}.", file=report.not_held[0].kept_in, what=what))
    if report.made:
        lines.append(tr("Parts of files, written as images of their own: {n}.", n=f"{report.made:,}"))
    if report.without_image:
        lines.append(
            tr("Without the image, as it cannot be read, but with its labels: {n}.", n=f"{len(report.without_image):,}")
        )
    if report.left_out:
        lines.append(tr("Left out, as they cannot be read: {n}.", n=f"{len(report.left_out):,}"))
    return lines
