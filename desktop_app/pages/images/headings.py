"""The headings of a query that groups, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from core.domain.labels import UNLABELLED_COLOUR, Label
from core.domain.query import GroupBy, SampleQuery
from core.domain.samples import SPLITS_BY_CODE, STATES_BY_CODE, SampleState
from core.domain.task import Task
from core.quality.kind_words import kind_words
from core.store.predictions import NO_LABEL
from core.store.project import Project
from core.store.sections import Section, sections
from core.store.sources import sources
from core.store.task import project_task
from core.translation import mark, tr
from desktop_app.pages.images.tiles import SPLIT_NAMES
from desktop_app.widgets.sample_grid.tiles import Heading

STATE_NAMES: Mapping[SampleState, str] = {
    SampleState.NONE: mark("certain"),
    SampleState.UNCERTAIN: mark("uncertain"),
    SampleState.UNGRADABLE: mark("ungradable"),
}


def read_headings(project: Project, query: SampleQuery, labels: Sequence[Label]) -> list[tuple[Heading, int]]:
    """Return the headings of the query, and how many samples stand under each; any thread may ask."""
    if query.by is None:
        return []
    roots = {source.id: PurePath(source.root).name or source.root for source in sources(project).values()}
    words = _Words(labels, roots, project_task(project))
    return [(words.heading(query.by, section), section.count) for section in sections(project, query)]


class _Words:
    """Says what the key of a section means."""

    def __init__(self, labels: Sequence[Label], roots: Mapping[int, str], task: Task) -> None:
        self._by_id = {label.id: label for label in labels}
        self._by_position = {label.position: label for label in labels}
        self._roots, self._task = roots, task

    def heading(self, by: GroupBy, section: Section) -> Heading:
        """Return the heading of a section."""
        key = section.key
        match by:
            case GroupBy.LABEL | GroupBy.PREDICTION:
                return self._labels(by, key)
            case GroupBy.SPLIT:
                return Heading(tr(SPLIT_NAMES[SPLITS_BY_CODE[int(key or 0)]]))
            case GroupBy.STATE:
                return Heading(tr(STATE_NAMES[STATES_BY_CODE[int(key or 0)]]))
            case GroupBy.SOURCE:
                return Heading(self._roots.get(int(key or 0), "?"))
            case GroupBy.GROUP:
                return Heading(str(key) if key is not None else tr("without a group"))
            case GroupBy.FINDING:
                return Heading(kind_words(key) if key is not None else tr("without a finding"))

    def _labels(self, by: GroupBy, key: int | str | None) -> Heading:
        colour, glyph = UNLABELLED_COLOUR
        if key is None:
            text = tr("not predicted") if by is GroupBy.PREDICTION else tr("without a label")
            return Heading(text, glyph, colour)
        if by is GroupBy.PREDICTION and key == NO_LABEL:
            return Heading(tr("predicted to have no label"), glyph, colour)
        if by is GroupBy.PREDICTION:
            found = [self._by_id.get(int(key))]
        elif self._task is Task.SINGLE:
            found = [self._by_position.get(int(key))]
        else:
            found = [self._by_id.get(int(number)) for number in str(key).split(",")]
        named = [label for label in found if label is not None]
        if not named:
            return Heading("?", glyph, colour)
        return Heading(" + ".join(label.name for label in named), named[0].glyph, named[0].colour)
