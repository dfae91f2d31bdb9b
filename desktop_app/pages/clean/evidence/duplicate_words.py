"""What is said of duplicates beside their pictures: why they are a case, and what becomes of labels that contradict."""

from __future__ import annotations

from core.domain.findings import FindingKind
from core.quality.words import explain, explain_merged
from core.translation import tr
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.decisions import Choices, acceptance, merges


def duplicate_words(case: CaseFacts, choices: Choices) -> str:
    """Return why they are a case; where an image can have many labels, which ones Enter gives them.

    Nothing has to be chosen there: labels that contradict each other can all be right.
    """
    decision = acceptance(case, choices)
    if case.finding.kind is not FindingKind.CONFLICTING_DUPLICATE or not case.multi or decision is None:
        return explain(case.finding)
    if merges(case, choices):
        given = tr("They get all of their labels: {labels}.", labels=decision.label)
    else:
        given = tr("They get the labels of the one that is kept: {labels}.", labels=decision.label)
    return f"{given} {explain_merged(case.finding)}".strip()
