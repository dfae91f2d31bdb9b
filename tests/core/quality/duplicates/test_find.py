from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.domain.findings import FindingKind
from core.domain.samples import NewSample, Split
from core.embeddings.labelled import read_pool
from core.images.contents import examine
from core.images.open_tree import open_tree
from core.progress import Progress
from core.quality.data import QualityData, quality_data
from core.quality.duplicates.find import find_duplicates
from core.quality.facts.gather import gather_facts
from core.quality.spec import Case
from core.quality.words import explain
from core.store.project import Project
from core.store.samples import add_samples
from core.store.sources import add_source
from tests.core.quality.duplicates.scenes import scene
from tests.support.pictures import encoded


def png_bytes(pixels: NDArray) -> bytes:
    return encoded(Image.fromarray(pixels), "PNG")


def jpeg_file(pixels: NDArray, quality: int) -> bytes:
    return encoded(Image.fromarray(pixels), "JPEG", quality=quality)


FILES: dict[str, tuple[bytes, str | None, Split]] = {
    "a.png": (png_bytes(scene(1)), "ring", Split.TRAIN),
    "a_turned.png": (png_bytes(np.rot90(scene(1)).copy()), "round", Split.TEST),
    "a_small.png": (png_bytes(scene(1)[::2, ::2].copy()), "ring", Split.TRAIN),
    "b.png": (png_bytes(scene(2)), "ring", Split.TRAIN),
    "b_again.png": (png_bytes(scene(2)), "ring", Split.TRAIN),
    "b_same_pixels.bmp": (encoded(Image.fromarray(scene(2)), "BMP"), None, Split.NONE),
    "c_90.jpg": (jpeg_file(scene(3), 90), "round", Split.TRAIN),
    "c_50.jpg": (jpeg_file(scene(3), 50), "round", Split.TRAIN),
    "d.png": (png_bytes(scene(4)), "round", Split.TRAIN),
    "e.png": (png_bytes(scene(5)), "ring", Split.TEST),
}


def data_of(folder: Path, files: dict[str, tuple[bytes, str | None, Split]]) -> QualityData:
    (folder / "images").mkdir()
    project = Project.create(folder / "p")
    source = add_source(project, "folder", folder / "images")
    samples = []
    for name, (content, label, split) in files.items():
        (folder / "images" / name).write_bytes(content)
        digest = examine(open_tree(source), name).digest
        samples.append(NewSample(name, digest, len(content), 1, label=label, split=split))
    add_samples(project, source.id, samples)
    data = quality_data(project, read_pool(project))
    return replace(data, facts=gather_facts(project, data.table, data.keys, Progress()))


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[QualityData, list[Case]]:
    data = data_of(tmp_path_factory.mktemp("duplicates"), FILES)
    return data, find_duplicates(data, Progress()).cases


def names(data: QualityData, case: Case) -> list[str]:
    return [data.table.paths[row] for row in case.rows]


def test_equal_bytes_or_pixels_are_exact_and_the_others_near(looked: tuple[QualityData, list[Case]]):
    data, cases = looked
    found = {case.kind: names(data, case) for case in cases}
    assert len(cases) == 3
    assert set(found[FindingKind.CONFLICTING_DUPLICATE]) == {"a.png", "a_turned.png", "a_small.png"}
    assert set(found[FindingKind.EXACT_DUPLICATE]) == {"b.png", "b_again.png", "b_same_pixels.bmp"}
    assert found[FindingKind.NEAR_DUPLICATE] == ["c_90.jpg", "c_50.jpg"]


def test_contradicting_labels_of_equal_pixels_come_first_and_near_copies_as_sure_as_they_are(tmp_path: Path):
    other = {"b.png": FILES["b.png"], "b_again.png": (FILES["b.png"][0], "round", Split.NONE)}
    kept = {name: file for name, file in FILES.items() if name[0] in "ade"}
    data = data_of(tmp_path, kept | other)
    exact, near = find_duplicates(data, Progress()).cases
    assert [exact.kind, near.kind] == [FindingKind.CONFLICTING_DUPLICATE] * 2
    assert set(names(data, exact)) == {"b.png", "b_again.png"}
    assert 0.5 <= near.score < 0.98 <= exact.score


def test_labels_that_contradict_each_other_are_told_with_what_most_say(looked: tuple[QualityData, list[Case]]):
    data, cases = looked
    case = next(case for case in cases if case.kind is FindingKind.CONFLICTING_DUPLICATE)
    assert case.evidence["labels"] == {"ring": 2, "round": 1}
    assert case.evidence["splits"] == {"train": 2, "test": 1}
    assert case.evidence["merged_label"] == "ring"
    assert data.label_names[case.suggested] == "ring"


def test_the_one_worth_keeping_comes_first_with_the_reason(looked: tuple[QualityData, list[Case]]):
    data, cases = looked
    first = {names(data, case)[0]: case.evidence["keep_reason"] for case in cases}
    assert first["c_90.jpg"] in {"encoding", "sharpness"}
    conflict = next(case for case in cases if case.kind is FindingKind.CONFLICTING_DUPLICATE)
    assert names(data, conflict)[-1] == "a_small.png"
    assert conflict.evidence["keep"] == data.table.ids[conflict.rows[0]]


def test_each_member_says_how_it_comes_from_another(looked: tuple[QualityData, list[Case]]):
    data, cases = looked
    said = {member["id"]: member for case in cases for member in case.evidence["members"]}
    by_name = {
        name: said[data.table.ids[row]] for row, name in enumerate(data.table.paths) if data.table.ids[row] in said
    }
    turned = by_name["a_turned.png"].get("words") or by_name["a.png"].get("words")
    assert turned in (["rotated_90"], ["rotated_270"])
    assert by_name["c_50.jpg"]["words"] == ["re_encoded"]
    assert by_name["c_50.jpg"]["of"] == by_name["c_90.jpg"]["id"]
    assert [by_name[name].get("words") for name in ("b.png", "b_again.png", "b_same_pixels.bmp")].count(
        ["same_pixels"]
    ) == 2
    near = next(case for case in cases if case.kind is FindingKind.NEAR_DUPLICATE)
    assert explain(near).startswith("They show the same: saved again.")


def test_images_of_16_bits_that_differ_in_low_bits_alone_are_near_not_exact(tmp_path: Path):
    pixels = scene(9)[..., 0].astype(np.uint16) * 60 + 500
    other = pixels + (np.arange(pixels.size).reshape(pixels.shape) % 2).astype(np.uint16)
    files = {
        name: (encoded(Image.fromarray(image), "PNG"), None, Split.NONE)
        for name, image in {"a.png": pixels, "b.png": other, "c.png": scene(8)[..., 0].astype(np.uint16) * 60}.items()
    }
    data = data_of(tmp_path, files)
    cases = find_duplicates(data, Progress()).cases
    assert [(case.kind, sorted(names(data, case))) for case in cases] == [
        (FindingKind.NEAR_DUPLICATE, ["a.png", "b.png"])
    ]


def test_without_facts_equal_files_are_still_found(looked: tuple[QualityData, list[Case]]):
    data, _ = looked
    cases = find_duplicates(replace(data, facts=None), Progress()).cases
    assert [(case.kind, names(data, case)) for case in cases] == [
        (FindingKind.EXACT_DUPLICATE, ["b.png", "b_again.png"])
    ]


def test_a_data_set_of_nothing_has_no_duplicates(tmp_path: Path):
    assert find_duplicates(data_of(tmp_path, {}), Progress()).cases == []
