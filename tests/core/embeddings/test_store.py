from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.embeddings.store import MAX_SEGMENTS, EmbeddingStore
from core.images.preprocess import Preprocess, ResizeMode

PREPROCESS = Preprocess(32, ResizeMode.STRETCH, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
F = 4


def store_at(folder: Path, fingerprint: str = "abc", preprocess: Preprocess = PREPROCESS) -> EmbeddingStore:
    return EmbeddingStore(folder, fingerprint, preprocess, F)


def vectors(keys: list[str]) -> np.ndarray:
    """Return features that tell the key."""
    return np.array([[hash_of(key), 0, 1, 2] for key in keys], dtype=np.float32).reshape(-1, F)


def hash_of(key: str) -> float:
    return float(sum(ord(letter) * (i + 1) for i, letter in enumerate(key)))


def load(store: EmbeddingStore, keys: list[str]) -> tuple[np.ndarray, np.ndarray]:
    out = np.full((len(keys), F), np.nan, dtype=np.float32)
    return store.load(keys, out), out


def test_an_empty_store_knows_nothing(tmp_path: Path) -> None:
    known, _ = load(store_at(tmp_path), ["a", "b"])
    assert known.tolist() == [False, False]
    assert not list(tmp_path.iterdir())


@given(parts=st.lists(st.lists(st.text("abc", min_size=1, max_size=3), max_size=6, unique=True), max_size=5))
def test_what_was_added_is_found_in_any_order(parts: list[list[str]], tmp_path_factory) -> None:
    store = store_at(tmp_path_factory.mktemp("store"))
    for part in parts:
        store.add(part, vectors(part))
    added = sorted({key for part in parts for key in part}, reverse=True)
    known, found = load(store, [*added, "absent"])
    assert known.tolist() == [True] * len(added) + [False]
    np.testing.assert_array_equal(found[:-1], vectors(added))
    assert np.isnan(found[-1]).all()


def test_another_process_reads_what_this_one_wrote(tmp_path: Path) -> None:
    store_at(tmp_path).add(["a"], vectors(["a"]))
    known, _ = load(store_at(tmp_path), ["a"])
    assert known.all()


@pytest.mark.parametrize(
    "other",
    [
        lambda folder: store_at(folder, fingerprint="other"),
        lambda folder: store_at(folder, preprocess=replace(PREPROCESS, size=64)),
        lambda folder: store_at(folder, preprocess=replace(PREPROCESS, resize=ResizeMode.PAD)),
    ],
    ids=["weights", "size", "resize"],
)
def test_other_weights_or_another_preprocess_have_a_store_of_their_own(other, tmp_path: Path) -> None:
    store_at(tmp_path).add(["a"], vectors(["a"]))
    known, _ = load(other(tmp_path), ["a"])
    assert not known.any()


def test_many_segments_become_one_and_lose_nothing(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    keys = [f"key {i}" for i in range(MAX_SEGMENTS + 1)]
    for key in keys:
        store.add([key], vectors([key]))
    store.tidy()
    assert len(list(store.folder.iterdir())) == 1
    known, found = load(store, keys)
    assert known.all()
    np.testing.assert_array_equal(found, vectors(keys))


def test_a_few_segments_are_left_alone(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.add(["a"], vectors(["a"]))
    store.add(["b"], vectors(["b"]))
    store.tidy()
    assert len(list(store.folder.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"not numpy", None], ids=["empty", "text", "cut"])
def test_a_damaged_segment_counts_as_absent(damage: bytes | None, tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.add(["a"], vectors(["a"]))
    (segment,) = store.folder.iterdir()
    segment.write_bytes(segment.read_bytes()[:-3] if damage is None else damage)
    store.add(["b"], vectors(["b"]))
    known, _ = load(store, ["a", "b"])
    assert known.tolist() == [False, True]


def test_a_segment_of_another_shape_counts_as_absent(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.folder.mkdir(parents=True)
    np.save(store.folder / "odd.npy", np.zeros((3, F), dtype=np.float32))
    known, _ = load(store, ["a"])
    assert not known.any()


def test_a_half_written_segment_has_no_final_name(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    with pytest.raises(ValueError, match="broadcast"):
        store.add(["a"], np.zeros((1, F + 1), dtype=np.float32))
    assert not list(tmp_path.rglob("*.npy"))
