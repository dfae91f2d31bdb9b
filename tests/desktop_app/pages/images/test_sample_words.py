from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.edits import Edit, EditKind, EditState
from core.domain.labels import Label
from core.domain.samples import Sample, Split
from desktop_app.pages.images.sample_words import added_words, history_words, size_words, telling, when_words

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
LABELS = {1: Label(1, "WBC", "#0072B2", "■", "1", 0)}
EDIT = Edit(7, NOW.isoformat(), "Ada", "hand", EditKind.LABEL, {"label": "WBC"}, 1, EditState.DONE)
SAMPLE = Sample(1, 1, "a/b.png", "d", 3, 118, 117, 3, 8, None, None, Split.NONE, False, None, NOW.isoformat())


def test_size_says_bits_and_channels():
    assert size_words(SAMPLE) == "118 × 117 px, 8-bit RGB"
    assert size_words(replace(SAMPLE, channels=1, bit_depth=16)) == "118 × 117 px, 16-bit grey"
    assert size_words(replace(SAMPLE, width=0)) == "–"


def test_today_is_a_time_and_another_day_a_date():
    local = NOW.astimezone()
    assert when_words(NOW.isoformat(), NOW) == f"today {local:%H:%M}"
    assert when_words((NOW - timedelta(days=9)).isoformat(), NOW) == "2026-02-24"
    assert added_words(SAMPLE, NOW).startswith("imported · today")


@pytest.mark.parametrize(
    ("field", "after", "words"),
    [
        ("label_id", 1, "labelled WBC"),
        ("label_id", 99, "labelled ?"),
        ("label_id", None, "label removed"),
        ("excluded", 1, "excluded"),
        ("excluded", 0, "included again"),
        ("split", 2, "split: val"),
        ("state", 1, "uncertain"),
        ("pinned", 1, "kept in its split"),
        ("label:1", 0, "no longer WBC"),
        ("labelled", 1, "known to have no label"),
        ("something", 5, "something"),
    ],
)
def test_every_kind_of_change_is_said(field, after, words):
    assert history_words((EDIT, field, None, after), LABELS, NOW).split(" · ")[:2] == [words, "Ada"]


def test_what_was_undone_says_so():
    undone = replace(EDIT, state=EditState.UNDONE)
    assert history_words((undone, "label_id", None, 1), LABELS, NOW).startswith("labelled WBC (undone)")


def test_what_only_follows_from_another_change_is_not_said_twice():
    items = [(EDIT, field, 0, 1) for field in ("label:1", "labelled", "state", "reason_id", "tag:2")]
    assert [field for _, field, _, _ in telling(items)] == ["label:1", "state", "tag:2"]
    assert telling([(EDIT, "labelled", 0, 1)]) == [(EDIT, "labelled", 0, 1)]
