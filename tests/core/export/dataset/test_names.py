"""Names of files that every system takes, each once."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.export.dataset.names import Names, safe_name
from core.ingest.formats.sidecar import join_labels, join_names, split_labels, split_names

UNSAFE = set('<>:"/\\|?*')
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=300)


@given(TEXTS)
def test_a_safe_name_is_one_plain_visible_file(text):
    name = safe_name(text)
    assert name
    assert len(name.encode()) <= 200
    assert not UNSAFE & set(name)
    assert name[0] not in ". "
    assert name[-1] not in ". "
    assert not any(unicodedata.category(c)[0] == "C" for c in name)
    assert unicodedata.is_normalized("NFC", name)


@pytest.mark.parametrize("text", ["con", "NUL", "com1.x", "a.coverslip", "..", "", "a/../b", "x\n", "a."])
def test_names_that_some_system_refuses_are_changed(text):
    assert safe_name(text) != text


@given(st.lists(st.sampled_from(["a", "A", "a-2", "é", "e\u0301", "É", "b"]), max_size=20))
def test_no_name_is_given_twice_whatever_its_case(stems):
    names = Names()
    given_out = [names.take("d", stem, ".png") for stem in stems]
    assert len({name.casefold() for name in given_out}) == len(stems)
    again = Names()
    assert [again.take("d", stem, ".png") for stem in stems] == given_out


@given(st.lists(st.text(min_size=1), max_size=5))
def test_names_in_a_cell_come_back_exactly(names):
    assert split_names(join_names(names)) == tuple(names)


@given(st.none() | st.lists(st.text(min_size=1).filter(lambda text: text != "(none)"), max_size=4).map(tuple))
def test_labels_in_a_cell_come_back_exactly(labels):
    assert split_labels(join_labels(labels)) == labels
