from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest

from core.errors import UnreadableImage
from core.images.contents import examine
from core.images.folder_tree import FolderTree
from core.images.formats import Fault
from core.images.hashing import bytes_digest
from core.images.items import open_items
from core.images.parts.table import read_raw
from core.images.zip_tree import ZipTree
from tests.support.idx import write_idx

RNG = np.random.default_rng(11)
IMAGES = RNG.integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)
LABELS = [3, 1, 4, 1, 5, 9]


def rows(images):
    """Return the images as CIFAR stores them: all of red, all of green, all of blue."""
    return images.transpose(0, 3, 1, 2).reshape(len(images), -1)


@pytest.fixture
def tree(tmp_path):
    return FolderTree(tmp_path, tmp_path / ".scratch")


def fault(file):
    with pytest.raises(Fault) as caught:
        open_items(file, file.parent / ".scratch")
    return caught.value.code


def test_cifar_for_python_is_read(tree, tmp_path):
    batch = {b"data": rows(IMAGES), b"labels": LABELS, b"batch_label": b"1", b"filenames": [b"a.png"] * 6}
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps(batch, 2))
    np.testing.assert_array_equal(read_raw(tree, "data_batch_1::item=4"), IMAGES[4])
    found = open_items(tmp_path / "data_batch_1", tmp_path)
    assert found.labels["labels"].tolist() == LABELS
    with pytest.raises(UnreadableImage) as caught:
        read_raw(tree, "data_batch_1::item=6")
    assert caught.value.code == "image_missing"


def test_cifar_for_anything_else_is_read(tree, tmp_path):
    ten = np.column_stack([LABELS, rows(IMAGES)]).astype(np.uint8)
    hundred = np.column_stack([[1] * 6, [99, 2, 3, 4, 5, 6], rows(IMAGES)]).astype(np.uint8)
    (tmp_path / "data_batch_1.bin").write_bytes(ten.tobytes())
    (tmp_path / "train.bin").write_bytes(hundred.tobytes())
    np.testing.assert_array_equal(read_raw(tree, "data_batch_1.bin::item=5"), IMAGES[5])
    np.testing.assert_array_equal(read_raw(tree, "train.bin::item=0"), IMAGES[0])
    assert open_items(tmp_path / "data_batch_1.bin", tmp_path).labels["labels"].tolist() == LABELS
    assert open_items(tmp_path / "train.bin", tmp_path).labels["fine_labels"].tolist() == [99, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("in_memory", [2**27, 10])
def test_npz_is_read_as_medmnist_publishes_it(tree, tmp_path, save, in_memory, monkeypatch):
    monkeypatch.setattr("core.images.npz_file._IN_MEMORY_BYTES", in_memory)
    grey, deep = IMAGES[..., 0], IMAGES.astype(np.uint16) * 257
    save(tmp_path / "m.npz", train_images=IMAGES, train_labels=np.array([LABELS]).T.astype(np.uint8),
         test_images=grey, test_labels=np.eye(6, dtype=np.uint8), val_images=deep, note=np.array(5))  # fmt: skip
    np.testing.assert_array_equal(read_raw(tree, "m.npz::item=train_images/2"), IMAGES[2])
    np.testing.assert_array_equal(read_raw(tree, "m.npz::item=test_images/5"), grey[5])
    np.testing.assert_array_equal(read_raw(tree, "m.npz::item=val_images/1"), deep[1])
    found = open_items(tmp_path / "m.npz", tmp_path)
    assert sorted(found.images) == ["test_images", "train_images", "val_images"]
    assert found.images["train_images"].shape == IMAGES.shape
    assert found.labels["train_labels"].tolist() == [[label] for label in LABELS]
    assert found.labels["test_labels"].shape == (6, 6)
    with pytest.raises(UnreadableImage):
        read_raw(tree, "m.npz::item=note/0")


def test_rows_are_known_by_their_pixels_and_open_from_inside_a_zip(tree, tmp_path):
    write_idx(tmp_path / "t-images-idx3-ubyte", IMAGES[..., 0])
    seen = examine(tree, "t-images-idx3-ubyte::item=1")
    assert seen.digest == bytes_digest(IMAGES[1, :, :, 0].tobytes())
    assert (seen.info.width, seen.info.height, seen.info.channels, seen.info.bit_depth) == (32, 32, 1, 8)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "t-images-idx3-ubyte", "in/t-images-idx3-ubyte")
    packed = ZipTree(tmp_path / "a.zip", tmp_path / ".scratch")
    assert examine(packed, "in/t-images-idx3-ubyte::item=1") == seen


def test_an_npz_of_objects_is_refused_and_runs_nothing(tmp_path):
    np.savez(tmp_path / "o.npz", train_images=np.array([[[{}]]], dtype=object))
    assert fault(tmp_path / "o.npz") == "item_not_plain"


def test_lying_headers_and_bombs_are_refused(tmp_path):
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": (10**6, 1000, 1000)})
    with zipfile.ZipFile(tmp_path / "l.npz", "w") as archive:
        archive.writestr("train_images.npy", buffer.getvalue() + b"123")
    assert fault(tmp_path / "l.npz") == "item_damaged"
    np.savez(tmp_path / "n.npz", only_numbers=np.arange(5))
    assert fault(tmp_path / "n.npz") == "items_unknown"
    (tmp_path / "x.bin").write_bytes(b"123")
    assert fault(tmp_path / "x.bin") == "items_unknown"
    (tmp_path / "cut.npz").write_bytes((tmp_path / "n.npz").read_bytes()[:100])
    assert fault(tmp_path / "cut.npz") == "item_damaged"
    (tmp_path / "p").write_bytes(pickle.dumps({b"data": np.zeros((2, 7), np.uint8)}, 2))
    assert fault(tmp_path / "p") == "items_unknown"
    (tmp_path / "q").write_bytes(pickle.dumps({b"data": rows(IMAGES), b"labels": [1]}, 2))
    assert fault(tmp_path / "q") == "item_damaged"
