"""Checking a data set end to end: real files, a real project, every check of the table."""

import threading

import numpy as np
import pytest
from PIL import Image

from core.domain.findings import FindingKind, FindingState, Settlement
from core.domain.query import SampleQuery
from core.embeddings.bank import FeatureBank, PoolFeatures
from core.errors import Cancelled, UserError
from core.images.reader import ImageReader
from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule
from core.progress import CancelToken, Progress
from core.quality.report.write import gather_report
from core.quality.run import check_project
from core.quality.suspects.standing import expected_left, read_standing
from core.quality.table import CHECKS
from core.quality.words import explain
from core.store.edits import set_label
from core.store.finding_edits import settle
from core.store.findings import finding_counts, findings, last_check
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.store.sources import sources

N_FEATURES = 12


class PixelEmbedder:
    """Features that are simple numbers of the pixels: a backbone for tests that need none of the real ones."""

    name = "pixels"

    def __init__(self, project):
        self.project = project
        self.spoil = lambda features: features

    def embed(self, pool, progress):
        reader = ImageReader(sources(self.project))
        bank = FeatureBank(self.project.cache_dir / "pixels", N_FEATURES)
        missing = [i for i, row in enumerate(bank.rows(pool.keys)) if row < 0]
        features = np.zeros((len(missing), N_FEATURES), np.float32)
        for place, i in enumerate(missing):
            pixels = reader.rgb8(int(pool.table.source_ids[i]), pool.table.paths[i]).astype(np.float32) / 255
            halves = [
                part.mean((0, 1)) for half in np.array_split(pixels, 2) for part in np.array_split(half, 2, axis=1)
            ]
            features[place] = np.concatenate(halves)
        bank.add([pool.keys[i] for i in missing], self.spoil(features))
        return PoolFeatures(bank, bank.rows(pool.keys))


def stripes(rng, angle, size=24):
    """Return a noisy picture whose label is the direction of its stripes."""
    y, x = np.mgrid[:size, :size]
    wave = np.sin((x if angle else y) / 2.5 + rng.uniform(0, 6)) * 60
    ramp = (x if angle else y) * 4.0
    grey = 60 + wave + ramp + rng.normal(0, 8, (size, size))
    return np.clip(grey[..., None] + rng.uniform(0, 20, 3), 0, 255).astype(np.uint8)


def write_set(root, n=60, wrong=3):
    rng = np.random.default_rng(5)
    for i in range(n):
        label = "AB"[i % 2]
        folder = "BA"[i % 2] if i < wrong else label
        (root / folder).mkdir(parents=True, exist_ok=True)
        Image.fromarray(stripes(rng, i % 2)).save(root / folder / f"{i:03d}.png")


@pytest.fixture
def opened(tmp_path):
    """Return a function that imports a folder and opens it as a project."""
    made = []

    def make(root):
        project = Project.create(tmp_path / f"p{len(made)}")
        made.append(project)
        import_source(project, root, progress=Progress())
        return project

    yield make
    for project in made:
        project.close()


def check(project, **options):
    return check_project(project, options.pop("embedder", PixelEmbedder(project)), Progress(), **options)


def test_every_kind_is_looked_for_and_planted_faults_are_found(tmp_path, opened):
    write_set(tmp_path / "set")
    copy = (tmp_path / "set" / "A" / "004.png").read_bytes()
    (tmp_path / "set" / "B" / "copy of 004.png").write_bytes(copy)
    (tmp_path / "set" / "A" / "torn.png").write_bytes(copy[: len(copy) // 2])
    project = opened(tmp_path / "set")
    record = check(project)
    assert record.kinds == tuple(FindingKind)
    assert last_check(project) == record
    (unreadable,) = findings(project, [FindingKind.UNREADABLE])
    assert samples_by_id(project, [unreadable.sample_id])[0].path == "A/torn.png"
    assert record.summaries["unreadable"]["unreadable"] == 1
    (conflict,) = findings(project, [FindingKind.CONFLICTING_DUPLICATE])
    paths = {sample.path for sample in samples_by_id(project, conflict.members)}
    assert paths == {"A/004.png", "B/copy of 004.png"}
    assert conflict.suggested == "A", "other images with such stripes are called A"
    assert conflict.evidence["likelier"]["p"] > 0.6
    assert "A is likelier" in explain(conflict)
    suspects = [one.sample_id for one in findings(project, [FindingKind.LABEL_SUSPECT], limit=5)]
    wrong = {sample.id for sample in samples_by_id(project, suspects) if sample.path[2:5] in ("000", "001", "002")}
    assert len(wrong) == 3


def test_checking_again_finds_the_same_and_costs_no_decoding(tmp_path, opened):
    write_set(tmp_path / "set")
    project = opened(tmp_path / "set")
    first = check(project).found
    for file in (tmp_path / "set").rglob("*.png"):
        file.chmod(0o600)
    ids = {(one.kind, one.key): one.id for one in findings(project)}
    assert check(project).found == first
    assert {(one.kind, one.key): one.id for one in findings(project)} == ids


def test_what_was_dismissed_is_not_shown_again_by_the_next_check(tmp_path, opened):
    write_set(tmp_path / "set")
    project = opened(tmp_path / "set")
    check(project)
    suspects = findings(project, [FindingKind.LABEL_SUSPECT])
    settle(project, [Settlement(suspects[0].id, FindingState.DISMISSED)])
    check(project)
    assert suspects[0].id not in {one.id for one in findings(project, [FindingKind.LABEL_SUSPECT])}
    assert finding_counts(project)[FindingKind.LABEL_SUSPECT].dismissed == 1


@pytest.mark.parametrize("labels", ["none", "one", "two of many"])
def test_few_labels_or_none_give_no_suspects_and_a_reason(tmp_path, opened, labels):
    write_set(tmp_path / "set", n=12, wrong=0)
    project = opened(tmp_path / "set")
    ids = sample_ids(project, SampleQuery())
    set_label(project, ids, "A" if labels == "one" else None)
    if labels == "two of many":
        set_label(project, ids[:1], "A")
        set_label(project, ids[1:2], "B")
    record = check(project)
    assert not findings(project, [FindingKind.LABEL_SUSPECT])
    assert "label_suspects" in record.notes


def test_labels_that_nobody_could_judge_are_not_taken_for_right(tmp_path, opened):
    write_set(tmp_path / "set", wrong=0)
    project = opened(tmp_path / "set")
    check(project)
    assert expected_left(project) is not None
    # One slide each: no image of another slide knows the label.
    import_source(project, tmp_path / "set", groups=parse_group_rule("pattern:^([AB])/"), progress=Progress())
    record = check(project)
    summary = record.summaries["label_suspects"]
    assert (summary["looked_at"], summary["not_judged"], summary["expected_errors"]) == (0, 60, None)
    assert "No label could be judged" in record.notes["label_suspects"]
    assert expected_left(project) is None, "also not from what an earlier check had kept"


def test_what_is_expected_is_the_same_wherever_it_is_told(tmp_path, opened):
    write_set(tmp_path / "set", n=80)
    project = opened(tmp_path / "set")
    set_label(project, sample_ids(project, SampleQuery())[-20:-10], None)
    record = check(project)
    told = gather_report(project)
    assert told.judged == record.summaries["label_suspects"]["looked_at"] == read_standing(project).total == 70
    assert record.summaries["label_suspects"]["expected_errors"] == expected_left(project).to_json()
    first = findings(project, [FindingKind.LABEL_SUSPECT])[0]
    settle(project, [Settlement(first.id, FindingState.ACCEPTED, exclude=(first.sample_id,))])
    assert expected_left(project).value < record.summaries["label_suspects"]["expected_errors"]["value"]


def test_a_check_of_some_kinds_leaves_what_is_known_of_the_others(tmp_path, opened):
    write_set(tmp_path / "set")
    project = opened(tmp_path / "set")
    every = check(project)
    some = check(project, kinds=[FindingKind.BLURRY])
    assert some.kinds == (FindingKind.BLURRY,)
    assert set(some.summaries) == set(every.summaries)
    assert some.summaries["label_suspects"] == every.summaries["label_suspects"]
    assert some.notes == every.notes


def test_a_data_set_without_a_readable_image_has_only_unreadable_ones(tmp_path, opened):
    (tmp_path / "set").mkdir()
    for i in range(3):
        (tmp_path / "set" / f"{i}.png").write_bytes(b"\x89PNG\r\n\x1a\n torn" + bytes([i]))
    project = opened(tmp_path / "set")
    record = check(project)
    assert (record.samples, record.found[FindingKind.UNREADABLE]) == (0, 3)


def test_images_that_are_all_identical_are_one_cluster(tmp_path, opened):
    write_set(tmp_path / "set", n=1, wrong=0)
    one = next((tmp_path / "set").rglob("*.png")).read_bytes()
    for i in range(9):
        (tmp_path / "set" / "A" / f"copy {i}.png").write_bytes(one)
    project = opened(tmp_path / "set")
    check(project)
    (cluster,) = findings(project, [FindingKind.EXACT_DUPLICATE])
    assert len(cluster.members) == 10
    assert not findings(project, [FindingKind.OUTLIER, FindingKind.BLURRY, FindingKind.DARK, FindingKind.ODD_COLOUR])


def test_features_that_are_no_numbers_stop_no_check(tmp_path, opened):
    write_set(tmp_path / "set")
    project = opened(tmp_path / "set")
    embedder = PixelEmbedder(project)

    def spoil(features):
        features[::7] = np.nan
        return features

    embedder.spoil = spoil
    check(project, embedder=embedder)
    assert findings(project, [FindingKind.LABEL_SUSPECT])


@pytest.mark.parametrize("after", range(len(CHECKS)))
def test_a_check_that_is_cancelled_keeps_what_it_has_found(tmp_path, opened, after):
    write_set(tmp_path / "set", n=30)
    project = opened(tmp_path / "set")
    token, looked = CancelToken(), []

    def stop(spec):
        looked.append(spec.id)
        if len(looked) > after:
            token.cancel()

    try:
        check_project(project, PixelEmbedder(project), Progress(None, token), looked=stop)
    except Cancelled:
        assert last_check(project) is None
    assert len(looked) == after + 1
    check(project)
    assert last_check(project) is not None


def test_an_image_edited_while_a_check_runs_has_a_stale_finding(tmp_path, opened):
    write_set(tmp_path / "set")
    project = opened(tmp_path / "set")
    check(project)
    worst = findings(project, [FindingKind.LABEL_SUSPECT])[0].sample_id
    edited = []

    def edit(spec):
        if not edited:
            edited.append(set_label(project, [worst], "C"))

    thread = threading.Thread(target=lambda: check(project, looked=edit))
    thread.start()
    thread.join()
    stale = {one.sample_id for one in findings(project, [FindingKind.LABEL_SUSPECT]) if one.stale}
    assert worst in stale or worst not in {one.sample_id for one in findings(project, [FindingKind.LABEL_SUSPECT])}


def test_only_the_kinds_asked_for_are_looked_for(tmp_path, opened):
    write_set(tmp_path / "set", n=20)
    project = opened(tmp_path / "set")
    record = check(project, kinds=[FindingKind.BLURRY, FindingKind.EXACT_DUPLICATE])
    assert set(record.found) == {FindingKind.BLURRY, FindingKind.EXACT_DUPLICATE}
    assert not record.backbone or record.backbone == "pixels"


def test_a_backbone_without_weights_is_said_and_leaves_what_was_found(tmp_path, opened):
    write_set(tmp_path / "set", n=20)
    project = opened(tmp_path / "set")
    check(project)
    before = finding_counts(project)

    class Missing(PixelEmbedder):
        def embed(self, pool, progress):
            raise UserError("weights_missing", backbone="none", path="nowhere")

    with pytest.raises(UserError):
        check(project, embedder=Missing(project))
    assert finding_counts(project) == before


def test_a_source_that_is_not_connected_stops_the_check_and_keeps_what_was_found(tmp_path, opened):
    write_set(tmp_path / "set", n=20)
    project = opened(tmp_path / "set")
    check(project)
    before = finding_counts(project)
    (tmp_path / "set").rename(tmp_path / "elsewhere")
    with pytest.raises(UserError) as caught:
        check(project)
    assert caught.value.code == "source_offline"
    assert finding_counts(project) == before


def test_files_that_are_gone_are_marked_before_the_check_looks(tmp_path, opened):
    write_set(tmp_path / "set", n=20, wrong=0)
    project = opened(tmp_path / "set")
    (tmp_path / "set" / "A" / "004.png").unlink()
    assert check(project).samples == 19
    assert [one.path for one in samples_by_id(project, sample_ids(project, SampleQuery(missing=True)))] == ["A/004.png"]


def test_files_that_changed_on_disk_are_judged_by_what_they_are_now(tmp_path, opened):
    write_set(tmp_path / "set", n=20, wrong=0)
    project = opened(tmp_path / "set")
    kinds = [FindingKind.CONFLICTING_DUPLICATE]
    assert check(project, kinds=kinds).found == {FindingKind.CONFLICTING_DUPLICATE: 0}
    (tmp_path / "set" / "A" / "004.png").write_bytes((tmp_path / "set" / "B" / "005.png").read_bytes())
    (tmp_path / "set" / "A" / "006.png").touch()
    record = check(project, kinds=kinds)
    assert record.summaries["files"] == {"changed": 1}
    assert record.found == {FindingKind.CONFLICTING_DUPLICATE: 1}
    assert "files" not in check(project, kinds=kinds).summaries


def test_which_label_of_a_conflict_is_likelier_is_known_in_whatever_order_one_looks(tmp_path, opened):
    write_set(tmp_path / "set")
    copy = (tmp_path / "set" / "A" / "004.png").read_bytes()
    (tmp_path / "set" / "B" / "copy of 004.png").write_bytes(copy)
    project, conflict = opened(tmp_path / "set"), FindingKind.CONFLICTING_DUPLICATE
    check(project, kinds=[conflict])
    assert [one.suggested for one in findings(project, [conflict])] == [None]
    check(project, kinds=[FindingKind.LABEL_SUSPECT])
    assert [one.suggested for one in findings(project, [conflict])] == ["A"]
    check(project, kinds=[conflict])
    assert [one.suggested for one in findings(project, [conflict])] == ["A"]
