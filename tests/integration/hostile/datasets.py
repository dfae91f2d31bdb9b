"""Data sets whose own files are cut off, flipped, absurd, deep, endless, or lead out: each format with each damage."""

from __future__ import annotations

import gzip
import io
import json
import random
import tarfile
from collections.abc import Callable
from dataclasses import dataclass

from tests.integration.hostile.case import Case, Fate, Given, Make, Place, bounded
from tests.integration.hostile.images import good
from tests.support.pictures import png_bytes


@dataclass(frozen=True, slots=True)
class Kind:
    """A format: the file that says it all, what it says of two images, and how a sound one is made of rows.

    Attributes
    ----------
    of
        Gives the document for names of images and a number, which stands wherever the format has one.
    """

    name: str
    file: str
    of: Callable[[list[str], object], bytes]


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _coco(names: list[str], number: object) -> bytes:
    images = [{"id": at, "file_name": name, "width": number, "height": 40} for at, name in enumerate(names)]
    rows = [{"id": at, "image_id": at, "category_id": 1, "bbox": [1, 2, number, 9]} for at in range(len(names))]
    return _json({"images": images, "annotations": rows, "categories": [{"id": 1, "name": "x"}]})


def _labelme(names: list[str], number: object) -> bytes:
    shapes = [{"label": "x", "points": [[1, 1], [number, 20]], "shape_type": "rectangle"} for _ in names]
    return _json({"imagePath": names[0], "shapes": shapes, "flags": {"q": True}})


def _createml(names: list[str], number: object) -> bytes:
    place = {"x": 20, "y": 20, "width": number, "height": 9}
    return _json([{"image": name, "annotations": [{"label": "x", "coordinates": place}]} for name in names])


def _fiftyone(names: list[str], number: object) -> bytes:
    return _json({"classes": ["x", "y"], "labels": dict.fromkeys(names, number)})


def _voc(names: list[str], number: object) -> bytes:
    box = f"<bndbox><xmin>3</xmin><ymin>3</ymin><xmax>{number}</xmax><ymax>20</ymax></bndbox>"
    things = f"<object><name>x</name>{box}</object>" * len(names)
    return f"<annotation><filename>{names[0]}</filename>{things}</annotation>".encode()


def _cellprofiler(names: list[str], number: object) -> bytes:
    rows = "".join(f"{number},{at},x,{name}\n" for at, name in enumerate(names))
    return b"ImageNumber,ObjectNumber,Class,Image_FileName_DNA\n" + rows.encode()


def _table(names: list[str], number: object, between: str = ",") -> bytes:
    rows = [("file_name", "label", "split"), *((name, f"x{str(number)[:9]}", "train") for name in names)]
    return "".join(between.join(row) + "\n" for row in rows).encode()


def _lines(names: list[str], number: object) -> bytes:
    return b"".join(_json({"file_name": name, "label": number}) + b"\n" for name in names)


def _coverslip(names: list[str], number: object) -> bytes:
    head = "path,label,group,split,tags,state,reason,excluded,pinned,original,digest\n"
    return (head + "".join(f"{name},x,{str(number)[:9]},train,a;b,,,0,0,,\n" for name in names)).encode()


def _parquet(names: list[str], number: object, images: bool = False) -> bytes:
    import pyarrow
    from pyarrow import parquet

    columns: dict[str, object] = {"file_name": names, "label": [f"x{str(number)[:9]}"] * len(names)}
    if images:
        columns = {"image": [{"bytes": png_bytes(), "path": name} for name in names], "label": [0] * len(names)}
    out = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), out)
    return out.getvalue()


def _tar(names: list[str], number: object) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        for name in names:
            stem = name.rpartition(".")[0] or name
            for path, data in ((name, png_bytes()), (f"{stem}.json", _json({"label": number}))):
                info = tarfile.TarInfo(path)
                info.size = len(data)
                packed.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _workbook(names: list[str], number: object) -> bytes:
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (("file_name", "label"), *((name, f"x{str(number)[:9]}") for name in names)):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


KINDS: tuple[Kind, ...] = (
    Kind("coco", "annotations.json", _coco),
    Kind("labelme", "a.json", _labelme),
    Kind("createml", "_annotations.createml.json", _createml),
    Kind("fiftyone", "labels.json", _fiftyone),
    Kind("voc", "a.xml", _voc),
    Kind("cellprofiler", "set.csv", _cellprofiler),
    Kind("imagefolder csv", "metadata.csv", _table),
    Kind("imagefolder jsonl", "metadata.jsonl", _lines),
    Kind("imagefolder parquet", "metadata.parquet", _parquet),
    Kind("tsv", "labels.tsv", lambda names, number: _table(names, number, "\t")),
    Kind("xlsx", "labels.xlsx", _workbook),
    Kind("coverslip", "coverslip.csv", _coverslip),
    Kind("webdataset", "w.tar", _tar),
    Kind("gzipped webdataset", "w.tar.gz", lambda names, number: gzip.compress(_tar(names, number), mtime=0)),
    Kind("parquet of images", "train.parquet", lambda names, number: _parquet(names, number, images=True)),
)

_TWO = ["a.png", "b.png"]
_AWAY = ["a.png", "../../out.png", "/etc/passwd", "C:\\x.png", "b.png/../../../a.png", "file:///etc/hosts"]
_DAMAGES: tuple[tuple[str, Callable[[Kind], bytes]], ...] = (
    *((f"cut at {part}/4", lambda kind, part=part: _cut(kind, part)) for part in (1, 2, 3)),
    *((f"bits flipped, seed {seed}", lambda kind, seed=seed: _flipped(kind, seed)) for seed in (1, 2, 3)),
    ("json of another kind", lambda kind: b'{"a": [1, 2, {"b": null}]}'),
    ("picture in its place", lambda kind: png_bytes()),
    ("number beyond all", lambda kind: kind.of(_TWO, 10**300)),
    ("number that is none", lambda kind: kind.of(_TWO, "nan")),
    ("number below nothing", lambda kind: kind.of(_TWO, -(2**63))),
    ("names that lead out", lambda kind: kind.of(_AWAY, 9)),
    ("the same 300 times", lambda kind: kind.of(["a.png"] * 300, 9)),
    ("its own name", lambda kind: kind.of([kind.file, "a.png"], 9)),
    ("name of 100,000 letters", lambda kind: kind.of(["a.png", "x" * 100_000 + ".png"], 9)),
)

_TOLD = (
    *("annotation_unknown_label", "archive_bomb", "archive_damaged_tar", "archive_duplicate", "archive_link"),
    *("cellprofiler_no_images", "document_damaged", "document_unreadable", "image_box_outside", "image_damaged"),
    *("image_empty", "image_missing", "image_name_invalid", "image_outside", "image_truncated", "image_unknown_format"),
    *("image_unsupported", "image_read_failed", "label_unusable", "object_place_unknown", "source_no_images"),
    *("table_empty", "table_encoding", "table_file_unclear", "table_label", "table_row_short", "table_rows"),
    *("table_split", "table_unreadable", "table_columns", "image_too_large", "image_overweight"),
    *("table_row_doubled", "item_damaged"),
)
"""What may be told of a data set with damaged files of its own."""


def _cut(kind: Kind, part: int) -> bytes:
    data = kind.of(_TWO, 9)
    return data[: len(data) * part // 4]


def _flipped(kind: Kind, seed: int) -> bytes:
    data, dice = bytearray(kind.of(_TWO, 9)), random.Random(f"{kind.name} {seed}")
    for _ in range(max(3, len(data) // 200)):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def _beside(name: str, data: Callable[[], bytes]) -> Make:
    def make(place: Place) -> Given:
        for image in _TWO:
            (place.root / image).write_bytes(png_bytes())
        (place.around / "out.png").write_bytes(png_bytes())
        (place.root / name).write_bytes(data())
        return Given(place.root)

    return make


def _many_names() -> bytes:
    """Lines of JSON of which each has a name of its own: the table would have a billion cells."""
    return b"".join(b'{"k%d": 1}\n' % at for at in range(40_000))


def _bomb() -> bytes:
    """A gzipped tar of one member that unpacks to a thousand times its size."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=9) as packed:
        info = tarfile.TarInfo("a.png")
        info.size = 2**26
        packed.addfile(info, io.BytesIO(png_bytes().ljust(info.size, b"\0")))
    return out.getvalue()


_EXPANDING: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
    (
        "json of 8 million objects",
        "a.json",
        lambda: b'{"images": [' + b"{}," * 8_000_000 + b'{}], "annotations": []}',
    ),
    ("json of 12 million lists", "a.json", lambda: b"[" + b"[]," * 12_000_000 + b"[]]"),
    ("lines of which each names another column", "metadata.jsonl", _many_names),
    ("lines of nothing, 300,000", "metadata.jsonl", lambda: b"{}\n" * 300_000),
    ("gzipped tar that expands", "w.tar.gz", _bomb),
    ("gzip in gzip", "w.tar.gz", lambda: gzip.compress(gzip.compress(bytes(10**7)))),
    ("xml of half a million elements", "a.xml", lambda: b"<annotation>" + b"<a/>" * 500_000 + b"</annotation>"),
    (
        "csv of 4,000 columns",
        "metadata.csv",
        lambda: (b"c," * 4000 + b"file_name\n") + (b"," * 4000 + b"a.png\n") * 200,
    ),
)

_PACKED = ("dicom", "compressed dicom", "slide", "ome tiff")


def _folder_of(name: str, data: Callable[[], bytes]) -> Make:
    def make(place: Place) -> Given:
        suffix = ".svs" if name == "slide" else ".dcm" if "dicom" in name else ".ome.tif"
        (place.root / f"good{suffix}").write_bytes(good(name))
        (place.root / f"bad{suffix}").write_bytes(data())
        return Given(place.root)

    return make


def _random(name: str, seed: int) -> bytes:
    data, dice = bytearray(good(name)), random.Random(f"{name} {seed}")
    for _ in range(20):
        data[dice.randrange(min(len(data), 1500))] ^= 1 << dice.randrange(8)
    return bytes(data)


_OF_FOLDERS: Fate = bounded(
    *_TOLD, "image_too_heavy", "image_hollow", "image_no_pixels", "slide_no_tiles", "image_no_part"
)

CASES: tuple[Case, ...] = (
    *(
        Case(
            f"set: {kind.name}",
            what,
            _beside(kind.file, lambda kind=kind, damage=damage: damage(kind)),
            bounded(*_TOLD, most=302),
        )
        for kind in KINDS
        for what, damage in _DAMAGES
    ),
    *(Case("set that expands", what, _beside(file, data), bounded(*_TOLD)) for what, file, data in _EXPANDING),
    *(
        Case(
            "folder of science",
            f"{name}, seed {seed}",
            _folder_of(name, lambda n=name, s=seed: _random(n, s)),
            _OF_FOLDERS,
        )
        for name in _PACKED
        for seed in range(4)
    ),
)
