"""What the grid says of each sample: its label, its split, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from core.domain.labels import UNLABELLED_COLOUR, Label
from core.domain.samples import Sample, SampleState, Split
from core.translation import mark, tr
from desktop_app.pages.images.records import SampleRecords
from desktop_app.pages.images.suggestion_work import Suggestion
from desktop_app.pages.images.suggestions import Suggestions
from desktop_app.widgets.amounts import whole_percent
from desktop_app.widgets.sample_grid.tiles import Pill, Tile

SPLIT_NAMES: dict[Split, str] = {
    Split.TRAIN: mark("train"),
    Split.VAL: mark("val"),
    Split.TEST: mark("test"),
    Split.NONE: mark("not split"),
}
STATE_NAMES: dict[SampleState, str] = {
    SampleState.UNCERTAIN: mark("uncertain"),
    SampleState.UNGRADABLE: mark("ungradable"),
}


class SampleTiles:
    """Makes the tiles of samples; `labels` answers the labels by id, `suggestions` what the unlabelled may be.

    `multi` says that an image can have any number of labels.
    """

    def __init__(
        self, records: SampleRecords, labels: Callable[[], Mapping[int, Label]], suggestions: Suggestions
    ) -> None:
        self._records, self._labels, self._suggestions = records, labels, suggestions
        self.multi = False

    def prepare(self, ids: Sequence[int]) -> None:
        """Fetch these samples in one go."""
        self._records.prepare(ids)
        self._suggestions.in_sight(ids)

    def tile(self, sample_id: int) -> Tile:
        """Return the tile of a sample."""
        sample = self._records.sample(sample_id)
        if sample is None:
            return Tile("")
        made = make_tile(sample, self._labels(), multi=self.multi)
        suggestion = None if sample.labelled else self._suggestions.suggestion(sample_id)
        return made if suggestion is None else with_suggestion(made, suggestion, self._labels())


def with_suggestion(tile: Tile, suggestion: Suggestion, labels: Mapping[int, Label]) -> Tile:
    """Return the tile of an unlabelled sample with what is suggested for it, and how sure that is."""
    found = [labels[label_id] for label_id in suggestion.label_ids if label_id in labels]
    pills = tuple(Pill(label.name, label.glyph, label.colour, suggested=True) for label in found)
    if not suggestion.label_ids:
        colour, glyph = UNLABELLED_COLOUR
        pills = (Pill(tr("none of these"), glyph, colour, suggested=True),)
    sure = whole_percent(suggestion.confidence)
    names = ", ".join(pill.text for pill in pills)
    words = tr("Suggested: {labels} ({sure})", labels=names, sure=sure)
    return replace(tile, pills=pills, note=tile.note or sure, details=(words, *tile.details)) if pills else tile


def make_tile(sample: Sample, labels: Mapping[int, Label], *, multi: bool = False) -> Tile:
    """Return what a grid shows of `sample`; with `multi` an image can be known to have none of the labels."""
    found = [labels[label_id] for label_id in sample.label_ids if label_id in labels]
    pills = tuple(Pill(label.name, label.glyph, label.colour) for label in found)
    if multi and sample.labelled and not pills:
        colour, glyph = UNLABELLED_COLOUR
        pills = (Pill(tr("none of these"), glyph, colour),)
    return Tile(
        name=sample.name,
        pills=pills,
        corner=tr(STATE_NAMES[sample.state]) if sample.state is not SampleState.NONE else "",
        warning=tr("The file is not where it was.") if sample.missing else "",
        problem=tr(sample.problem or ""),
        dimmed=sample.excluded,
        details=_details(sample),
    )


def state_words(sample: Sample) -> str:
    """Return such as “uncertain: out of focus”."""
    words = tr(STATE_NAMES[sample.state]) if sample.state in STATE_NAMES else ""
    return f"{words}: {sample.reason}" if sample.reason else words


def _details(sample: Sample) -> tuple[str, ...]:
    details = [tr("Group: {group}", group=sample.group)] if sample.group is not None else []
    split = tr(SPLIT_NAMES[sample.split])
    details.append(tr("Split: {split} (kept)", split=split) if sample.pinned else tr("Split: {split}", split=split))
    if sample.state is not SampleState.NONE:
        details.append(state_words(sample))
    if sample.tags:
        details.append(tr("Tags: {tags}", tags=", ".join(sample.tags)))
    return tuple(details)
