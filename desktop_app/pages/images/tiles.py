"""What the grid says of each sample: its label, its split, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from core.domain.labels import Label
from core.domain.samples import Sample, Split
from core.translation import mark, tr
from desktop_app.pages.images.records import SampleRecords
from desktop_app.widgets.sample_grid.tiles import Pill, Tile

SPLIT_NAMES: dict[Split, str] = {
    Split.TRAIN: mark("train"),
    Split.VAL: mark("val"),
    Split.TEST: mark("test"),
    Split.NONE: mark("not split"),
}


class SampleTiles:
    """Makes the tiles of samples; `labels` answers the labels by id."""

    def __init__(self, records: SampleRecords, labels: Callable[[], Mapping[int, Label]]) -> None:
        self._records, self._labels = records, labels

    def prepare(self, ids: Sequence[int]) -> None:
        """Fetch these samples in one go."""
        self._records.prepare(ids)

    def tile(self, sample_id: int) -> Tile:
        """Return the tile of a sample."""
        sample = self._records.sample(sample_id)
        return Tile("") if sample is None else make_tile(sample, self._labels())


def make_tile(sample: Sample, labels: Mapping[int, Label]) -> Tile:
    """Return what a grid shows of `sample`."""
    label = labels.get(sample.label_id) if sample.label_id is not None else None
    details = [tr("Split: {split}", split=tr(SPLIT_NAMES[sample.split]))]
    if sample.group is not None:
        details.insert(0, tr("Group: {group}", group=sample.group))
    return Tile(
        name=sample.name,
        pills=(Pill(label.name, label.glyph, label.colour),) if label else (),
        problem=tr(sample.problem or ""),
        dimmed=sample.excluded,
        details=tuple(details),
    )
