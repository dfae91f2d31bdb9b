from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.query import SampleQuery
from core.domain.samples import NewSample
from core.embeddings.quick_head import group_folds
from core.errors import Cancelled
from core.progress import CancelToken, Progress
from core.quality.confounds.columns import Column, name_columns
from core.quality.confounds.find import LEAST_SIGMAS, find_confounds
from core.quality.confounds.predict import areas, predict_labels
from core.quality.data import QualityData
from core.quality.facts.gather import gather_facts
from core.store.project import Project
from core.store.samples import add_samples, digests, sample_table
from core.store.sources import add_source
from tests.core.quality.made_up import made_up

GIVEN = np.arange(60) % 2


def data_of(tmp_path: Path, write) -> QualityData:
    """Return data of 60 images, labelled A and B in turn, each written by `write(path, label, random)`."""
    folder = tmp_path / "images"
    folder.mkdir()
    random = np.random.default_rng(0)
    for number, label in enumerate(GIVEN.tolist()):
        write(folder / f"{number:03}.jpg", label, random)
    with Project.create(tmp_path / "project") as project:
        source = add_source(project, "folder", folder)
        paths = sorted(folder.iterdir())
        add_samples(
            project,
            source.id,
            [NewSample(p.name, p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in paths],
        )
        table = sample_table(project, SampleQuery())
        facts = gather_facts(project, table, digests(project, table.ids), Progress())
    data = made_up(tmp_path, None, GIVEN, paths=[path.name for path in paths])
    return dataclasses.replace(data, facts=facts)


def noise(random, size=(24, 24)):
    return Image.fromarray(random.integers(0, 256, (*size, 3), dtype=np.uint8))


def test_an_encoder_that_went_with_the_label_is_found(tmp_path):
    def write(path, label, random):
        noise(random).save(path, quality=70 if label else 90)

    found = find_confounds(data_of(tmp_path, write), Progress())
    case = found.cases[0]
    assert case.evidence["family"] == "encoding"
    assert case.evidence["auc"]["value"] > 0.95
    assert case.evidence["labels"] == ["A", "B"]
    assert case.evidence["column"] in {"jpeg_quality", "jpeg_tables"}
    assert not case.evidence["could_be_biology"]
    assert {int(GIVEN[row]) for row in case.rows} == {0, 1}


def test_another_day_is_told_with_its_dates(tmp_path):
    def write(path, label, random):
        exif = Image.Exif()
        exif[306] = f"2024:0{3 + 3 * label}:1{random.integers(0, 10)} 10:00:00"
        noise(random).save(path, exif=exif, quality=80)

    case = find_confounds(data_of(tmp_path, write), Progress()).cases[0]
    assert (case.evidence["family"], case.evidence["column"]) == ("date", "taken_day")
    assert case.evidence["typical"]["A"].startswith("2024-03-1")
    assert case.evidence["typical"]["B"].startswith("2024-06-1")


def test_a_size_that_goes_with_the_label_could_be_the_biology_and_ranks_below(tmp_path):
    def write(path, label, random):
        exif = Image.Exif()
        exif[271] = ["Zeiss", "Leica"][label]
        noise(random, (20 + 8 * label + int(random.integers(0, 4)), 24)).save(path, exif=exif, quality=80)

    families = [case.evidence["family"] for case in find_confounds(data_of(tmp_path, write), Progress()).cases]
    assert families.index("device") < families.index("size")
    assert "date" not in families


def test_images_that_differ_in_nothing_else_are_quiet(tmp_path):
    def write(path, label, random):
        noise(random, (int(random.integers(18, 30)), 24)).save(path, quality=int(random.choice([75, 85, 95])))
        os.utime(path, (0, 86_400 * int(random.integers(0, 30))))

    assert find_confounds(data_of(tmp_path, write), Progress()).cases == []


def test_numbers_that_say_nothing_raise_hardly_any_alarm():
    alarms = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        groups = np.repeat(np.arange(20), 6)
        held = random.integers(0, 3, 120)[:, None] == np.arange(3)
        # What was recorded is the same for all images of a group.
        columns = tuple(Column(name, random.normal(size=20)[groups]) for name in "abc")
        found = predict_labels(columns, held, groups, groups % 5, Progress(), seed=seed)
        alarms += found.auc.value >= 0.65 and found.sigmas >= LEAST_SIGMAS
    assert alarms == 0


def test_images_of_one_slide_are_not_taken_for_independent_evidence():
    random = np.random.default_rng(1)
    sigmas = []
    for groups in (np.arange(160), np.arange(160) // 20):
        given = (np.arange(160) // 20) % 2
        column = Column("day", given * 1.0 + random.normal(0, 0.01, 160))
        found = predict_labels(
            (column,), given[:, None] == np.arange(2), groups, (np.arange(160) // 20) % 4, Progress()
        )
        sigmas.append(found.sigmas)
    assert sigmas[1] < 0.5 * sigmas[0]


def test_slides_of_one_label_each_that_were_taken_in_two_months_are_told():
    told = 0
    for seed in range(10):
        groups = np.repeat(np.arange(20), 8)
        given = (np.arange(20) % 2)[groups]
        days = (np.arange(20) % 2 * 100 + np.random.default_rng(seed).normal(0, 20, 20))[groups]
        folds = group_folds(groups, given, 5)
        found = predict_labels((Column("day", days),), given[:, None] == np.arange(2), groups, folds, Progress())
        told += found.auc.value > 0.9 and found.sigmas >= LEAST_SIGMAS
    assert told >= 9


def test_what_many_columns_tell_in_part_is_not_lost_among_them():
    told = []
    for seed in range(3):
        random = np.random.default_rng(seed)
        given = random.integers(0, 2, 300)
        # Eight columns of one cause, which goes with the label in five of six images, among as many of no use.
        cause = np.where(random.random(300) < 0.7, given, random.integers(0, 2, 300))
        noisy = 1.5 * cause[:, None] + random.normal(size=(300, 1)) + 0.7 * random.normal(size=(300, 8))
        columns = [Column(f"c{k}", noisy[:, k]) for k in range(8)]
        columns += [Column(f"n{k}", values) for k, values in enumerate(random.normal(size=(8, 300)))]
        rows = np.arange(300)
        found = predict_labels(tuple(columns), given[:, None] == np.arange(2), rows, rows % 5, Progress())
        told.append(found.sigmas >= LEAST_SIGMAS)
    assert all(told)


def test_a_label_that_differs_at_both_ends_is_told():
    values = np.random.default_rng(0).normal(size=300)
    held = (np.abs(values) > 0.7)[:, None] == np.array([True, False])
    found = predict_labels((Column("x", values),), held, np.arange(300), np.arange(300) % 5, Progress())
    assert found.auc.value > 0.9


def test_names_are_read_without_the_labels_own_and_without_folders():
    columns = {c.name: c for c in name_columns(["WBC/slideA_12.png", "RBC/WBC_slideB_7.png"], ["WBC", "RBC"])}
    assert columns["number_1"].values.tolist() == [12, 7]
    assert [columns["word_1"].words[int(v)] if v == v else None for v in columns["word_1"].values] == ["slideA", None]


def test_names_that_tell_the_label_are_found_without_any_facts(tmp_path):
    paths = [f"{'morning' if label else 'evening'}_{row:03}.png" for row, label in enumerate(GIVEN)]
    found = find_confounds(made_up(tmp_path, None, GIVEN, paths=paths), Progress())
    assert [case.evidence["family"] for case in found.cases] == ["name"]
    assert found.cases[0].evidence["typical"] == {"A": "evening", "B": "morning"}


def test_labels_of_one_group_each_are_judged_image_by_image_and_that_is_said(tmp_path):
    paths = [f"{'x' if label else 'y'}_{row:03}.png" for row, label in enumerate(GIVEN)]
    found = find_confounds(made_up(tmp_path, None, GIVEN, paths=paths, groups=GIVEN), Progress())
    assert [case.evidence["groups_respected"] for case in found.cases] == [False]


def test_images_of_several_labels_are_looked_at_label_by_label(tmp_path):
    held = np.stack([GIVEN == 0, np.random.default_rng(0).random(60) < 0.5], axis=1)
    paths = [f"{'morning' if label else 'evening'}_{row:03}.png" for row, label in enumerate(GIVEN)]
    found = find_confounds(made_up(tmp_path, None, held=held, paths=paths), Progress())
    assert [case.evidence["family"] for case in found.cases] == ["name"]


@pytest.mark.parametrize("given", [np.zeros(0, np.int64), np.full(50, -1), np.zeros(50, np.int64)])
def test_without_two_labels_it_says_why_not(tmp_path, given):
    found = find_confounds(made_up(tmp_path, None, given, n_labels=2), Progress())
    assert (found.cases, bool(found.note)) == ([], True)


def test_a_stop_is_heard(tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        find_confounds(made_up(tmp_path, None, GIVEN), Progress(token=token))


def test_areas_count_ties_half():
    truth = np.array([[True], [False], [True], [False]])
    assert areas(np.array([[1.0], [1.0], [2.0], [0.0]]), truth)[0] == pytest.approx(3.5 / 4)
    assert np.isnan(areas(np.zeros((3, 1)), np.ones((3, 1), bool))[0])
