"""One small data set of every format that can be imported, and what is in it."""

from __future__ import annotations

import io
import json
import pickle
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests.support.idx import write_idx
from tests.support.pictures import jpeg_bytes, png_bytes, tiff_bytes


@dataclass(frozen=True, slots=True)
class Expected:
    """What an import of a data set gives."""

    images: int
    labels: dict[str, int]
    groups: int = 0
    splits: dict[str, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    multi: bool = False
    skipped: int = 0
    options: dict[str, Any] = field(default_factory=dict)


def picture(root: Path, path: str, height: int = 20, width: int = 30) -> Path:
    """Write a picture and return its path."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(jpeg_bytes(height, width) if path.endswith(("jpg", "jpeg")) else png_bytes(height, width))
    return file


def text(root: Path, path: str, content: object) -> Path:
    """Write a text, or anything else as JSON, and return its path."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def idx(root: Path) -> Expected:
    for name, count in (("train", 6), ("t10k", 4)):
        write_idx(root / f"{name}-images-idx3-ubyte.gz", np.arange(count * 20).reshape(count, 5, 4) % 256)
        write_idx(root / f"{name}-labels-idx1-ubyte.gz", np.arange(count) % 2)
    return Expected(10, {"0": 5, "1": 5}, splits={"test": 4})


def cifar(root: Path) -> Expected:
    folder = root / "cifar-10-batches-py"
    folder.mkdir()
    for name, count in (("data_batch_1", 4), ("test_batch", 2)):
        data = np.random.default_rng(count).integers(0, 256, (count, 3072), np.uint8)
        batch = {b"data": data, b"labels": [i % 2 for i in range(count)]}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    names = [b"airplane", b"bird"]
    (folder / "batches.meta").write_bytes(pickle.dumps({b"label_names": names, b"num_vis": 3072}, protocol=2))
    return Expected(6, {"airplane": 3, "bird": 3}, splits={"test": 2})


def cifar_100_binary(root: Path) -> Expected:
    records = np.random.default_rng(1).integers(0, 256, (3, 3074), np.uint8)
    records[:, 0], records[:, 1] = [1, 1, 0], [0, 1, 1]
    (root / "train.bin").write_bytes(records.tobytes())
    text(root, "fine_label_names.txt", "apple\naquarium_fish\n")
    text(root, "coarse_label_names.txt", "fruit\nfish\n")
    return Expected(3, {"apple": 1, "aquarium_fish": 2}, tags={"coarse=fish": 2, "coarse=fruit": 1})


def npz(root: Path) -> Expected:
    rng = np.random.default_rng(2)
    arrays = {}
    for split, count in (("train", 4), ("val", 2), ("test", 2)):
        arrays[f"{split}_images"] = rng.integers(0, 256, (count, 8, 8, 3), np.uint8)
        arrays[f"{split}_labels"] = (np.arange(count)[:, None] % 2).astype(np.uint8)
    np.savez_compressed(root / "bloodmnist.npz", **arrays)
    return Expected(8, {"0": 4, "1": 4}, splits={"train": 4, "val": 2, "test": 2})


def chest_npz(root: Path) -> Expected:
    labels = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]], np.uint8)
    np.savez(root / "chestmnist.npz", train_images=np.zeros((3, 8, 8), np.uint8), train_labels=labels)
    text(root, "labels.txt", "atelectasis\neffusion\nmass\n")
    return Expected(3, {"atelectasis": 1, "effusion": 1, "mass": 1}, splits={"train": 3}, multi=True)


def webdataset(root: Path) -> Expected:
    with tarfile.open(root / "train-0000.tar", "w") as tar:
        for key, label in (("a/1", "RBC"), ("a/2", "WBC"), ("b.3", None)):
            parts = {"jpg": jpeg_bytes(12, 14)}
            if label is not None:
                parts["cls" if key == "a/1" else "txt"] = label.encode()
            if key == "b.3":
                key, parts["json"] = "b3", json.dumps({"label": "RBC", "group": "slide 7", "tags": ["odd"]}).encode()
            for extension, data in parts.items():
                info = tarfile.TarInfo(f"{key}.{extension}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return Expected(3, {"RBC": 2, "WBC": 1}, groups=1, splits={"train": 3}, tags={"odd": 1})


def coco(root: Path) -> Expected:
    picture(root, "images/a.jpg", 40, 60)
    picture(root, "images/b.jpg", 40, 60)
    boxes = [(1, 1, [5, 5, 20, 10]), (1, 2, [30.5, 20.25, 10, 10]), (2, 1, [0, 0, 8, 8]), (9, 1, [0, 0, 1, 1])]
    document = {
        "images": [
            {"id": 1, "file_name": "a.jpg", "width": 60, "height": 40},
            {"id": 2, "file_name": "/home/kim/b.jpg", "width": 60, "height": 40},
            {"id": 3, "file_name": "../../etc/passwd"},
        ],
        "annotations": [{"id": i, "image_id": m, "category_id": c, "bbox": b} for i, (m, c, b) in enumerate(boxes)],
        "categories": [{"id": 1, "name": "nucleus"}, {"id": 2, "name": "debris"}],
    }
    text(root, "annotations/instances_train2017.json", document)
    return Expected(3, {"nucleus": 2, "debris": 1}, groups=2, splits={"train": 3}, skipped=1)


def labelme(root: Path) -> Expected:
    picture(root, "a.png", 40, 60)
    shapes = [
        {"label": "cell", "points": [[5, 5], [20, 25]], "shape_type": "rectangle", "flags": {"blurred": True}},
        {"label": "cell", "points": [[30, 20], [35, 20]], "shape_type": "circle"},
        {"label": "line", "points": [[1, 1]], "shape_type": "point"},
    ]
    text(root, "a.json", {"version": "5.0", "flags": {}, "shapes": shapes, "imagePath": "a.png", "imageData": None})
    return Expected(2, {"cell": 2}, groups=1, tags={"blurred": 1}, skipped=1)


def labelme_flags(root: Path) -> Expected:
    for name, flags in (("a", {"dead": True, "alive": False}), ("b", {"dead": False, "alive": True})):
        picture(root, f"{name}.png")
        text(root, f"{name}.json", {"version": "5.0", "flags": flags, "shapes": [], "imagePath": f"{name}.png"})
    return Expected(2, {"alive": 1, "dead": 1})


def createml(root: Path) -> Expected:
    picture(root, "a.jpg", 40, 60)
    picture(root, "b.jpg", 40, 60)
    place = {"x": 20, "y": 20, "width": 10, "height": 12}
    rows = [
        {"image": "a.jpg", "annotations": [{"label": "cell", "coordinates": place}]},
        {"image": "b.jpg", "annotations": [{"label": "field"}]},
    ]
    text(root, "annotations.json", rows)
    return Expected(2, {"cell": 1, "field": 1}, groups=1)


def fiftyone(root: Path) -> Expected:
    for name in ("a.png", "b.png", "c.png"):
        picture(root, f"data/{name}")
    text(root, "labels.json", {"classes": ["cat", "dog"], "labels": {"a": 1, "b": {"label": 0}, "c": None}})
    return Expected(3, {"cat": 1, "dog": 1})


def voc(root: Path) -> Expected:
    picture(root, "JPEGImages/a.jpg", 40, 60)
    found = "".join(
        f"<object><name>{name}</name><difficult>{hard}</difficult><bndbox><xmin>{x}</xmin><ymin>3</ymin>"
        f"<xmax>{x + 10}</xmax><ymax>20</ymax></bndbox></object>"
        for name, x, hard in (("cat", 1, 0), ("dog", 30, 1))
    )
    text(root, "Annotations/a.xml", f"<annotation><filename>a.jpg</filename>{found}</annotation>")
    text(root, "ImageSets/Main/val.txt", "a\n")
    return Expected(2, {"cat": 1, "dog": 1}, groups=1, splits={"val": 2}, tags={"difficult": 1})


def cellprofiler(root: Path) -> Expected:
    for name in ("img1.tif", "img2.tif"):
        (root / name).write_bytes(tiff_bytes(np.zeros((80, 90), np.uint16)))
    text(
        root,
        "training.txt",
        "# made by hand\nlabel positive negative\npositive 1 1 30 30\nnegative 1 2\nnegative 2 1\n",
    )
    text(root, "MyExpt_Image.csv", "ImageNumber,FileName_DNA,PathName_DNA\n1,img1.tif,C:\\data\n2,img2.tif,C:\\data\n")
    header = "ImageNumber,ObjectNumber,Location_Center_X,Location_Center_Y\n"
    text(root, "MyExpt_Nuclei.csv", header + "1,1,30.5,30.5\n1,2,60,40\n2,1,nan,40\n")
    return Expected(2, {"positive": 1, "negative": 1}, groups=1, skipped=1)


def imagefolder(root: Path) -> Expected:
    for name in ("train/a.png", "train/b.png", "test/c.png"):
        picture(root, name)
    text(root, "train/metadata.jsonl", '{"file_name": "a.png", "label": "x"}\n{"file_name": "b.png", "label": "y"}\n')
    text(root, "test/metadata.csv", "file_name,label\nc.png,x\n")
    return Expected(3, {"x": 2, "y": 1}, splits={"train": 2, "test": 1})


def imagefolder_parquet(root: Path) -> Expected:
    import pyarrow
    from pyarrow import parquet

    for name in ("a.png", "b.png"):
        picture(root, name)
    table = pyarrow.table({"file_name": ["a.png", "b.png"], "labels": [["x", "y"], []]})
    parquet.write_table(table, root / "metadata.parquet")
    return Expected(2, {"x": 1, "y": 1}, multi=True)


def parquet(root: Path) -> Expected:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}, "image": {"_type": "Image"}}
    note = {"huggingface": json.dumps({"info": {"features": names}})}
    (root / "data").mkdir()
    for split, count in (("train", 5), ("test", 2)):
        images = [{"bytes": png_bytes(20, 24 + i), "path": f"{i}.png"} for i in range(count)]
        table = pa.table({"image": images, "label": [i % 2 for i in range(count)], "patient": ["P1"] * count})
        table = table.replace_schema_metadata(note)
        pq.write_table(table, root / "data" / f"{split}-00000-of-00001.parquet", row_group_size=2)
    return Expected(7, {"cat": 4, "dog": 3}, 1, {"train": 5, "test": 2})


def webdataset_gzipped(root: Path) -> Expected:
    import gzip

    expected = webdataset(root)
    for file in list(root.rglob("*.tar")):
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    return expected


def slides(root: Path) -> Expected:
    from tests.support.science import write_slide

    for label, colour in (("normal", (200, 80, 160)), ("tumour", (90, 30, 120))):
        pixels = np.full((256, 384, 3), 240, np.uint8)
        pixels[:128, :256] = colour
        (root / label).mkdir()
        write_slide(root / label / f"{label}.svs", pixels, levels=1)
    return Expected(4, {"normal": 2, "tumour": 2}, 2, options={"tile_size": 128, "min_tissue": 0.5})


def dicom(root: Path) -> Expected:
    for number, (label, patient) in enumerate((("ct", "P1"), ("ct", "P1"), ("mr", "P2"))):
        (root / label).mkdir(exist_ok=True)
        write_dicom(root / label / f"{number}.dcm", patient)
    return Expected(3, {"ct": 2, "mr": 1}, groups=2)


def dicom_by_uid(root: Path) -> Expected:
    for number, name in enumerate(("1.2.840.113619.2.55", "IM-0001-0002")):
        (root / "ct").mkdir(exist_ok=True)
        write_dicom(root / "ct" / name, f"P{number}")
    return Expected(2, {"ct": 2}, groups=2)


def write_dicom(path: Path, patient: str) -> None:
    """Write a small monochrome DICOM file."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    file.PatientID = patient
    file.SOPClassUID, file.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    file.Rows, file.Columns = 8, 10
    file.SamplesPerPixel, file.BitsAllocated, file.BitsStored, file.HighBit = 1, 16, 16, 15
    file.PixelRepresentation, file.PhotometricInterpretation = 0, "MONOCHROME2"
    file.PixelData = np.arange(80, dtype=np.uint16).tobytes()
    file.save_as(path, enforce_file_format=True)


def video(root: Path) -> Expected:
    import av

    (root / "moving").mkdir()
    with av.open(str(root / "moving" / "film.mp4"), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * number, np.uint8), format="rgb24")
            for packet in stream.encode(frame):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)
    return Expected(4, {"moving": 4}, groups=1, options={"every": 3})


def table(root: Path) -> Expected:
    for name in ("a.png", "b.png", "sub/c.png"):
        picture(root, name)
    rows = "a.png,백혈구,p1,train,odd;blurred\nb.png,적혈구,p1,val,\nc.png,백혈구,p2,,\ngone.png,x,,,\n"
    (root / "labels.csv").write_bytes(f"파일,라벨,환자,split,tags\n{rows}".encode("cp949"))
    expected = {"백혈구": 2, "적혈구": 1}
    return Expected(3, expected, groups=2, splits={"train": 1, "val": 1}, tags={"odd": 1, "blurred": 1}, skipped=1)


def many_hot_xlsx(root: Path) -> Expected:
    import openpyxl

    for name in ("a.png", "b.png", "c.png"):
        picture(root, name)
    book = openpyxl.Workbook()
    for row in (("image", "cat", "dog"), ("a.png", 1, 1), ("b.png", 0, 1), ("c.png", 0, 0)):
        book.active.append(row)
    book.save(root / "labels.xlsx")
    return Expected(3, {"cat": 1, "dog": 2}, multi=True)


def pets(root: Path) -> Expected:
    for name in ("Abyssinian_1", "Abyssinian_2", "great_pyrenees_10", "great_pyrenees_9"):
        picture(root, f"{name}.jpg")
    return Expected(4, {"Abyssinian": 2, "great_pyrenees": 2})


def folders(root: Path) -> Expected:
    for split in ("train", "validation", "test"):
        for label in ("RBC", "WBC"):
            picture(root, f"{split}/{label}/{split}.png")
    return Expected(6, {"RBC": 3, "WBC": 3}, splits={"train": 2, "val": 2, "test": 2})


def coverslip(root: Path) -> Expected:
    for name in ("a.png", "b.png", "c.png"):
        picture(root, f"data/{name}")
    header = "path,label,group,split,tags,state,reason,excluded,pinned,original,digest"
    rows = [
        "data/a.png,x\\;y,'=p1,train,odd;bl\\;ur,,,,,a.png,",
        "data/b.png,z,,val,,,,,,b.png,",
        "gone.png,z,,,,,,,,,",
    ]
    text(root, "coverslip.csv", "\ufeff" + "\r\n".join([header, *rows]))
    text(root, "coverslip.json", {"task": "single", "labels": [{"name": "z", "colour": "#101010"}, {"name": "x;y"}]})
    tags = {"odd": 1, "bl;ur": 1}
    return Expected(3, {"z": 1, "x;y": 1}, groups=1, splits={"train": 1, "val": 1}, tags=tags, skipped=1)


DATASETS: dict[str, tuple[str, Callable[[Path], Expected]]] = {
    "coverslip": ("coverslip", coverslip),
    "idx": ("idx", idx),
    "cifar": ("cifar", cifar),
    "cifar 100, binary": ("cifar", cifar_100_binary),
    "npz": ("npz", npz),
    "npz of many labels": ("npz", chest_npz),
    "webdataset": ("webdataset", webdataset),
    "coco": ("coco", coco),
    "labelme": ("labelme", labelme),
    "labelme flags": ("labelme", labelme_flags),
    "createml": ("createml", createml),
    "fiftyone": ("fiftyone", fiftyone),
    "voc": ("voc", voc),
    "cellprofiler": ("cellprofiler", cellprofiler),
    "imagefolder": ("imagefolder", imagefolder),
    "imagefolder, parquet": ("imagefolder", imagefolder_parquet),
    "dicom": ("dicom", dicom),
    "dicom, named by UIDs": ("dicom", dicom_by_uid),
    "slides": ("slides", slides),
    "parquet": ("parquet", parquet),
    "webdataset, gzipped": ("webdataset", webdataset_gzipped),
    "video": ("video", video),
    "table": ("table", table),
    "table of many labels": ("table", many_hot_xlsx),
    "pets": ("pets", pets),
    "folders": ("folders", folders),
}
"""The format and the maker of each data set, by name."""
