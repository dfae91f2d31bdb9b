from __future__ import annotations

import json

import pytest

from core.errors import UserError
from core.images.folder_tree import FolderTree
from core.ingest.formats import documents
from core.ingest.formats.documents import load_json
from core.ingest.formats.spec import Entry, ImportOptions
from core.ingest.offers import Plan, open_source, plans
from core.progress import Progress
from tests.support.datasets import DATASETS


def loaded(folder, text: str) -> object:
    (folder / "a.json").write_text(text, encoding="utf-8")
    tree = FolderTree(folder)
    return load_json(tree, next(iter(tree.files(Progress()))))


def test_outlines_are_left_out_where_they_would_take_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MAX_JSON_MEMORY", 4000)
    rows = [{"id": 1, "segmentation": [[1.5, -2e-3] * 500, [3, 4]], "bbox": [1, 2, 3, 4]}, {"segmentation": []}]
    found = loaded(tmp_path, json.dumps({"annotations": rows, "note": 'of "segmentation": [1, 2]'}))
    assert found == {
        "annotations": [{"id": 1, "segmentation": [], "bbox": [1, 2, 3, 4]}, {"segmentation": []}],
        "note": 'of "segmentation": [1, 2]',
    }


def test_a_document_that_would_take_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MAX_JSON_MEMORY", 4000)
    with pytest.raises(UserError) as caught:
        loaded(tmp_path, "[" + "{}," * 100 + "{}]")
    assert caught.value.code == "document_unreadable"


def test_a_document_with_a_byte_order_mark_is_read(tmp_path):
    assert loaded(tmp_path, "\ufeff[1]") == [1]


def test_a_large_document_is_parsed_once_and_keeps_what_is_used_of_annotations(tmp_path, monkeypatch):
    DATASETS["coco"][1](tmp_path)

    def entries(found: list[Plan]) -> list[Entry]:
        return [entry for plan in found for entry in plan.offer.entries]

    usual = entries(plans(open_source(None, tmp_path, Progress()), "auto", ImportOptions(), Progress()))
    read: list[str] = []
    loaded = documents.load_json
    monkeypatch.setattr(documents, "_LARGE", 0)
    monkeypatch.setattr(documents, "load_json", lambda tree, file: read.append(file.path) or loaded(tree, file))
    source = open_source(None, tmp_path, Progress())
    assert entries(plans(source, "auto", ImportOptions(), Progress())) == usual
    assert len(read) == len(set(read)) > 0
    assert source.files.document is None
