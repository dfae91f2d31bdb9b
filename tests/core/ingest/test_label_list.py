"""The labels that a data set declares."""

from core.domain.samples import Source
from core.images.open_tree import open_tree
from core.ingest.formats.spec import LabelSaid, Offer
from core.ingest.label_list import make_labels
from core.store.labels import labels
from core.store.project import Project


def test_a_key_that_does_something_in_the_window_is_refused_and_the_label_keeps_the_one_it_was_given(tmp_path):
    tree = open_tree(Source(1, "folder", str(tmp_path)))
    looks = (LabelSaid("A", "#0072B2", "c", ""), LabelSaid("B", "#D55E00", "q", "A"))
    with Project.create(tmp_path / "cells") as project:
        refused = make_labels(project, Offer("coverslip", tree, [], ("A", "B"), looks=looks))
        assert [(label.name, label.key) for label in labels(project)] == [("A", "1"), ("B", "q")]
    assert [error.code for error in refused] == ["label_key_used"]
    assert "Compare the selected images" in refused[0].message
