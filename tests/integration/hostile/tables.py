"""Tables and annotations that are damaged, lie, or expand: CSV, XLSX, JSON, JSON Lines, Parquet, XML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from tests.integration.hostile.case import Case, Fate, Given, Make, Place, Sound, recorded, refused
from tests.support.pictures import png_bytes


def _beside(name: str, data: Callable[[], bytes], *options: str) -> Make:
    """A file beside one good image, the source with these words for the import."""

    def make(place: Place) -> Given:
        (place.root / "a.png").write_bytes(png_bytes())
        (place.root / name).write_bytes(data())
        return Given(place.root, options)

    return make


def sheet(cells: str) -> bytes:
    """Return a workbook of one sheet with these rows, as XML."""
    out, main = io.BytesIO(), "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" Type="{relation}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="s" Type="{relation}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets><sheet name="a" sheetId="1" r:id="s"/></sheets>'
            "</workbook>",
        )
        book.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
        )
    return out.getvalue()


def _cell(place: str, value: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def _far_cells() -> bytes:
    return sheet(f'<row r="1">{_cell("A1", "path")}</row><row r="1048576">{_cell("XFD1048576", "x")}</row>')


def _parquet_of_one_value(rows: int, columns: int) -> bytes:
    import pyarrow
    from pyarrow import parquet

    values = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * rows, "int32"), pyarrow.array(["a.png"]))
    table = pyarrow.table({"file_name": values} | {f"c{at}": values for at in range(columns)})
    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


_LAUGHS = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
_FILE_NAME = "<annotation><filename>a.png</filename>"
_SOUND = Sound(1)
_BAD_TABLE = refused("table_unreadable", "table_encoding", "table_columns", "table_rows", "table_empty")

DROPPED: tuple[tuple[str, str, Callable[[], bytes], Fate], ...] = (
    ("csv of noise", "labels.csv", lambda: bytes(range(256)) * 40, _SOUND),
    ("csv of a million commas", "labels.csv", lambda: b"," * 10**6, _SOUND),
    ("csv of one open quote", "labels.csv", lambda: b'path,label\n"' + b"x" * 10**6, _SOUND),
    ("csv of nulls", "labels.csv", lambda: bytes(10_000), _SOUND),
    ("json 100,000 deep", "a.json", lambda: b"[" * 100_000, _SOUND),
    ("json of objects 50,000 deep", "a.json", lambda: b'{"images":' * 50_000, _SOUND),
    ("json cut off", "a.json", lambda: b'{"images": [{"id": 1', _SOUND),
    ("json of a number of 5,000 digits", "a.json", lambda: b'{"images": [' + b"9" * 5000 + b"]}", _SOUND),
    ("json of a million objects", "a.json", lambda: b"[" + b"{}," * 10**6 + b"{}]", _SOUND),
    ("xml that laughs", "a.xml", lambda: f"<!DOCTYPE a [{_LAUGHS}]>{_FILE_NAME}&l9;</annotation>".encode(), _SOUND),
    ("xml 100,000 deep", "a.xml", lambda: b"<annotation>" + b"<a>" * 100_000, _SOUND),
    ("xlsx of noise", "labels.xlsx", lambda: b"PK\3\4" + bytes(range(256)) * 9, _SOUND),
    ("xlsx with a cell at its far corner", "labels.xlsx", _far_cells, _SOUND),
    ("parquet of noise", "metadata.parquet", lambda: b"PAR1" + bytes(range(256)) * 9 + b"PAR1", _SOUND),
)
"""What lies beside a folder of images, and says nothing that can be used."""

GIVEN: tuple[tuple[str, str, Callable[[], bytes], Fate], ...] = (
    ("csv of noise", "t.csv", lambda: bytes(range(256)) * 40, _BAD_TABLE),
    ("csv without a row", "t.csv", lambda: b"path,label\n", _BAD_TABLE),
    ("csv of an open quote", "t.csv", lambda: b'path,label\n"a.png,x\n', _BAD_TABLE),
    ("csv whose paths lead out", "t.csv", lambda: b"path,label\n../a.png,x\n/etc/passwd,y\n", _BAD_TABLE),
    ("csv whose label is 1,000 letters", "t.csv", lambda: b"path,label\na.png," + b"x" * 1000 + b"\n", _BAD_TABLE),
    ("csv whose label is a formula", "t.csv", lambda: b"path,label\na.png,=cmd|'/C calc'!A0\n", _SOUND),
)
"""What is given as the table of labels by name."""

JSONS: tuple[tuple[str, bytes, Fate], ...] = (
    (
        "coco of lists for objects",
        b'{"images": [null, 3], "annotations": [7], "categories": [[]]}',
        refused("source_no_images"),
    ),
    (
        "createml of nonsense",
        b'[{"image": "a.png", "annotations": [{"label": {}, "coordinates": 3}]}]',
        recorded("label_unusable"),
    ),
)


def table_given(name: str, data: Callable[[], bytes]) -> Make:
    """Return what writes an image, and beside the folder the table that its labels are to come from."""

    def make(place: Place) -> Given:
        (place.root / "a.png").write_bytes(png_bytes())
        table = place.around / name
        table.write_bytes(data())
        return Given(place.root, ("--labels", f"csv:{table}"))

    return make


def _rows_of_parquet(place: Place) -> None:
    (place.root / "a.png").write_bytes(png_bytes())
    (place.root / "metadata.parquet").write_bytes(_parquet_of_one_value(2_000_000, 8))


def _slow_pattern(place: Place) -> Given:
    (place.root / f"{'a' * 120}!.png").write_bytes(png_bytes())
    return Given(place.root, ("--labels", "pattern:(a|aa)+$"))


OTHER: tuple[tuple[str, Make, Fate], ...] = (
    ("parquet of 18 million equal cells", _rows_of_parquet, _SOUND),
    ("pattern that never ends", _slow_pattern, refused("pattern_too_slow")),
)

CASES: tuple[Case, ...] = (
    *(Case("table beside", what, _beside(name, data), fate) for what, name, data, fate in DROPPED),
    *(Case("table given", what, table_given(name, data), fate) for what, name, data, fate in GIVEN),
    *(Case("table beside", what, _beside("a.json", lambda data=data: data), fate) for what, data, fate in JSONS),
    *(Case("table beside", what, make, fate) for what, make, fate in OTHER),
)
