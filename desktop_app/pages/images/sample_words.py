"""What is known of a sample, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from core.domain.edits import Edit, EditState
from core.domain.labels import Label
from core.domain.samples import SPLITS_BY_CODE, STATES_BY_CODE, Sample, SampleState
from core.store.history_words import HistoryWords
from core.translation import mark, tr
from desktop_app.pages.images.tiles import SPLIT_NAMES

HistoryItem = tuple[Edit, str, int | None, int | None]
_STATES = {
    SampleState.NONE: mark("certain again"),
    SampleState.UNCERTAIN: mark("uncertain"),
    SampleState.UNGRADABLE: mark("ungradable"),
}
_CHANNELS = {1: mark("grey"), 3: mark("RGB")}


def size_words(sample: Sample) -> str:
    """Return such as “118 × 118 px, 8-bit RGB”."""
    if not sample.width or not sample.height:
        return "–"
    channels = tr(_CHANNELS.get(sample.channels, mark("channels")))
    return tr(
        "{width} × {height} px, {bits}-bit {channels}",
        width=sample.width,
        height=sample.height,
        bits=sample.bit_depth,
        channels=channels,
    )


def telling(items: Sequence[HistoryItem]) -> list[HistoryItem]:
    """Return the items without those that only follow from another of the same edit.

    Labels given in a project of many also become known; a state has its reason.
    """
    fields: dict[int, set[str]] = {}
    for edit, field, _, _ in items:
        fields.setdefault(edit.id, set()).add(field.partition(":")[0])
    follows = {"labelled": "label", "reason_id": "state"}
    return [item for item in items if follows.get(item[1], item[1]) not in fields[item[0].id] - {item[1]}]


def history_words(
    item: HistoryItem, labels: Mapping[int, Label], now: datetime | None = None, *, names: HistoryWords | None = None
) -> str:
    """Return one line of a sample's history, such as “labelled WBC · Ada · today 14:05”.

    `names` knows the tags and reasons.
    """
    edit, field, _, after = item
    words = _what(field, after, labels, names)
    if edit.state is not EditState.DONE:
        words = tr("{what} (undone)", what=words)
    return " · ".join(part for part in (words, edit.user, when_words(edit.at, now)) if part)


def added_words(sample: Sample, now: datetime | None = None) -> str:
    """Return when a sample was imported, such as “imported · today 14:05”."""
    return " · ".join((tr("imported"), when_words(sample.added_at, now)))


def when_words(at: str, now: datetime | None = None) -> str:
    """Return a moment (ISO 8601, UTC) in local time: the time of today, else the day."""
    moment = datetime.fromisoformat(at).astimezone()
    today = (now or datetime.now(UTC)).astimezone().date()
    if moment.date() == today:
        return tr("today {time}", time=f"{moment:%H:%M}")
    return f"{moment:%Y-%m-%d}"


def _what(field: str, after: int | None, labels: Mapping[int, Label], names: HistoryWords | None) -> str:
    kind, _, number = field.partition(":")
    if number and kind == "label":
        label = labels.get(int(number))
        name = label.name if label is not None else "?"
        return tr("labelled {label}", label=name) if after else tr("no longer {label}", label=name)
    if number and names is not None:
        return names.field(field) if after else tr("{tag} taken off", tag=names.field(field))
    match field:
        case "label_id" if after is None:
            return tr("label removed")
        case "label_id":
            label = labels.get(after or 0)
            return tr("labelled {label}", label=label.name if label is not None else "?")
        case "excluded":
            return tr("excluded") if after else tr("included again")
        case "split":
            return tr("split: {split}", split=tr(SPLIT_NAMES[SPLITS_BY_CODE[after or 0]]))
        case "state":
            return tr(_STATES[STATES_BY_CODE[after or 0]])
        case "pinned":
            return tr("kept in its split") if after else tr("no longer kept in its split")
        case "labelled":
            return tr("known to have no label") if after else tr("labels not known any more")
        case _:
            return f"{names.field(field)}: {names.value(field, after)}" if names is not None else field
