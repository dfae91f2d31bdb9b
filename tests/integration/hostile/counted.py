"""Files that are made to be counted: millions of pieces of nothing, each of which has to be looked at; and what hides.

What a single file says in a few bytes for each piece took seconds or gigabytes before pieces were bounded.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

from tests.integration.hostile.case import Case, Fate, Make, Place, bounded, recorded, refused
from tests.integration.hostile.images import case, good
from tests.integration.hostile.tables import sheet, table_given
from tests.support.pictures import encoded, gradient, jpeg_bytes, png_bytes, png_chunk, tiff_bytes

Bytes = Callable[[], bytes]


def _png_with(chunks: Bytes) -> Bytes:
    def data() -> bytes:
        sound = png_bytes()
        return sound[:33] + chunks() + sound[33:]

    return data


def _jpeg_with(segments: Bytes) -> Bytes:
    def data() -> bytes:
        sound = jpeg_bytes()
        return sound[:2] + segments() + sound[2:]

    return data


def _scans_of_one_channel() -> bytes:
    from PIL import Image

    sound = encoded(Image.fromarray(gradient(1000, 1000)), "JPEG")
    scan = b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, 1, 0, 0, 63, 0) + b"\0"
    return sound[: sound.rindex(b"\xff\xda")] + scan * 20_000 + b"\xff\xd9"


def _scans_of_a_large_one() -> bytes:
    from PIL import Image

    sound = encoded(Image.fromarray(gradient(4000, 4000)), "JPEG", progressive=True)
    last = sound.rindex(b"\xff\xda")
    return sound[:last] + sound[last : last + 200] * 110 + b"\xff\xd9"


def _webp_chunks() -> bytes:
    chunks = b"VP8X" + struct.pack("<I", 10) + b"\x08\0\0\0\x3b\0\0\x27\0\0" + (b"ABCD" + bytes(4)) * 500_000
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def _strips(count: int) -> bytes:
    entries = [(256, 4, 1, 8), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, count, 300), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, count, 300)]
    directory = b"".join(struct.pack("<HHQQ", *entry) for entry in entries)
    head = b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, len(entries)) + directory
    return head.ljust(300, b"\0") + b"\1\0\0\0" * count


def _ome_parts() -> bytes:
    planes = '<TiffData IFD="0" PlaneCount="99999999" FirstZ="1"/>' * 300_000
    pixels = '<Pixels DimensionOrder="XYZCT" Type="uint8" SizeX="60" SizeY="40" SizeZ="1" SizeC="3" SizeT="1">'
    xml = f'<?xml version="1.0"?><OME><Image ID="I">{pixels}{planes}</Pixels></Image></OME>'
    return tiff_bytes(gradient(), photometric="rgb", description=xml, metadata=None)


def _dicom_with(elements: bytes) -> bytes:
    sound = good("dicom")
    at = sound.find(b"\xe0\x7f\x10\0")
    return sound[:at] + elements + sound[at:]


def _dicom_pieces() -> bytes:
    sound, end = good("compressed dicom"), b"\xfe\xff\xdd\xe0\0\0\0\0"
    pixels = b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff" + b"\xfe\xff\0\xe0\0\0\0\0"
    return sound[: sound.find(b"\xe0\x7f\x10\0")] + pixels + b"\xfe\xff\0\xe0\2\0\0\0\xff\xd8" * 300_000 + end


def _gif_extensions() -> bytes:
    sound, at = good("gif"), 13 + 768
    return sound[:at] + b"\x21\xfe\0" * 500_000 + sound[at:]


_ODD = bounded("image_damaged", "image_truncated", "image_unsupported", "image_too_large", most=2)
_ITEM = b"\xfe\xff\0\xe0"
_SEQUENCE = b"\x40\0\x75\2SQ\0\0\xff\xff\xff\xff"

IMAGES: tuple[tuple[str, str, Bytes, Fate], ...] = (
    ("png of 300,000 empty chunks of pixels", "a.png", _png_with(lambda: png_chunk(b"IDAT", b"") * 300_000), _ODD),
    ("png of 300,000 texts", "a.png", _png_with(lambda: png_chunk(b"tEXt", b"a\0b") * 300_000), _ODD),
    ("jpeg of 500,000 restart intervals", "a.jpg", _jpeg_with(lambda: b"\xff\xdd\0\4\0\1" * 500_000), _ODD),
    ("jpeg of 5 MB of fill bytes", "a.jpg", _jpeg_with(lambda: b"\xff" * 5_000_000), _ODD),
    ("jpeg of 2 million escapes", "a.jpg", _jpeg_with(lambda: b"\xff\0" * 2_000_000), _ODD),
    ("jpeg of 20,000 scans of one channel", "a.jpg", _scans_of_one_channel, _ODD),
    ("large jpeg of 120 scans", "a.jpg", _scans_of_a_large_one, _ODD),
    ("webp of 500,000 chunks", "a.webp", _webp_chunks, _ODD),
    ("tiff of 2.5 million strips", "a.tif", lambda: _strips(2_500_000), _ODD),
    ("ome tiff of 300,000 planes", "a.ome.tif", _ome_parts, _ODD),
    (
        "dicom of 60,000 empty items",
        "a.dcm",
        lambda: _dicom_with(_SEQUENCE + (_ITEM + bytes(4)) * 60_000 + b"\xfe\xff\xdd\xe0\0\0\0\0"),
        _ODD,
    ),
    (
        "dicom of sequences 50,000 deep",
        "a.dcm",
        lambda: _dicom_with(b"\x41\0\x75\2UN\0\0\xff\xff\xff\xff" + (_ITEM + b"\xff\xff\xff\xff") * 50_000),
        bounded(*_ODD.codes, "image_no_pixels", most=2),
    ),
    ("dicom of 300,000 pieces", "a.dcm", _dicom_pieces, _ODD),
    ("gif of 500,000 extensions", "a.gif", _gif_extensions, _ODD),
)

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _sheet_at(target: str, parts: dict[str, bytes]) -> bytes:
    """Return a workbook whose one sheet is where `target` says, with these parts."""
    relations = f'<Relationships xmlns="{_PACKAGE}">'
    relations += f'<Relationship Id="s" Type="{_OFFICE}/worksheet" Target="{target}"/>'
    relations += f'<Relationship Id="t" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    parts = {"xl/_rels/workbook.xml.rels": relations.encode()} | parts
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet(""))) as sound, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name in set(sound.namelist()) - set(parts):
            book.writestr(name, sound.read(name))
        for name, data in parts.items():
            book.writestr(name, data)
    return out.getvalue()


def _rows(xml: str) -> bytes:
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{xml}</sheetData></worksheet>'.encode()


def _hidden_corner() -> bytes:
    """A cell at the far corner of a sheet that does not lie where sheets do."""
    cell = '<c r="{}" t="inlineStr"><is><t>path</t></is></c>'
    rows = f'<row r="1">{cell.format("A1")}</row><row r="1048576">{cell.format("XFD1048576")}</row>'
    return _sheet_at("other/far.xml", {"xl/other/far.xml": _rows(rows)})


def _shared() -> bytes:
    """100,000 cells that share one text of 30,000 letters."""
    cells = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, 100_001))
    texts = f'<sst xmlns="{_MAIN}"><si><t>{"x" * 30_000}</t></si></sst>'.encode()
    return _sheet_at("worksheets/sheet1.xml", {"xl/sharedStrings.xml": texts, "xl/worksheets/sheet1.xml": _rows(cells)})


def _wide_parquet() -> bytes:
    import pyarrow
    from pyarrow import parquet

    out = io.BytesIO()
    parquet.write_table(pyarrow.table({"path": ["a.png"]} | {f"c{at}": ["x"] for at in range(17_000)}), out)
    return out.getvalue()


def _wide_csv() -> bytes:
    names = b",".join(b"c%d" % at for at in range(100_000))
    return b"path,label," + names + b"\na.png,x" + b",1" * 100_000 + b"\n"


def _wide_line() -> bytes:
    names = ", ".join(f'"c{at}": 1' for at in range(100_000))
    return f'{{"path": "a.png", "label": "x", {names}}}\n'.encode()


def _pipes(place: Place) -> None:
    import os

    (place.root / "good.png").write_bytes(png_bytes())
    names = ("coverslip.csv", "coverslip.json", "metadata.jsonl", "a.xml", "batches.meta", "train.parquet", "x.tar.gz")
    for name in (*names, "x.zip", "classes.txt", "a.mrxs", "a.ndpi", "IMG0001"):
        os.mkfifo(place.root / name)


TABLES: tuple[tuple[str, Make, Fate], ...] = (
    ("xlsx whose far corner is hidden", table_given("t.xlsx", _hidden_corner), refused("table_unreadable")),
    ("xlsx of one text in 100,000 cells", table_given("t.xlsx", _shared), refused("table_unreadable")),
    ("csv of 100,000 columns", table_given("t.csv", _wide_csv), refused("table_unreadable")),
    ("parquet of 17,000 columns", table_given("t.parquet", _wide_parquet), refused("table_unreadable")),
    ("jsonl of 100,000 names", table_given("t.jsonl", _wide_line), refused("table_unreadable")),
    ("pipes called by every name", _pipes, recorded("image_not_file")),
)


CASES: tuple[Case, ...] = (
    *(case("counted", what, name, data, fate) for what, name, data, fate in IMAGES),
    *(Case("counted table", what, make, fate) for what, make, fate in TABLES),
)
