"""Training sets of CellProfiler Analyst: a label for each object that was sorted, by the numbers of image and object.

The text form is ``label positive negative``, then a line ``positive IMAGE OBJECT [X Y]`` for each (with a table number
before them in projects of several tables); the CSV form has the columns ``ImageNumber, ObjectNumber, Class``. Which
file an image is, and where in it an object, is in the tables of measurements beside it (``…Per_Image``, ``…Per_Object``
or ``Image.csv`` with the objects' own). An object is cut out by its bounding box, or as a tile around its centre.

https://cellprofileranalyst.org
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.errors import UnreadableImage, UserError
from core.images.trees import Tree, TreeFile
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.documents import folder_of
from core.ingest.formats.gather import Gathering
from core.ingest.formats.names import split_in
from core.ingest.formats.spec import ImportOptions, Offer
from core.ingest.formats.tables import table_data
from core.ingest.tables.columns import position
from core.ingest.tables.sheet import Sheet, decoded, open_sheet, plain
from core.progress import Progress

TILE_PX: Final = 50
"""The side of the tile around an object of which only the centre is known: CellProfiler Analyst's own default."""

_IMAGE, _OBJECT = ("imagenumber", "image_number"), ("objectnumber", "object_number", "number_object_number")
_CLASS: Final = ("class", "label")
_FILE_PREFIXES: Final = ("image_filename", "filename", "image_file", "file")
_PATH_PREFIXES: Final = ("image_pathname", "pathname")
_CENTRE_X: Final = ("location_center_x", "areashape_center_x")
_CENTRE_Y: Final = ("location_center_y", "areashape_center_y")
_BOX: Final = ("minimum_x", "minimum_y", "maximum_x", "maximum_y")
_HEAD_BYTES: Final = 2**16

_Key = tuple[int, int]


@dataclass(slots=True)
class _Tables:
    """What the tables of measurements say: an image's file and plate by number, and an object's box or centre."""

    files: dict[int, str] = field(default_factory=dict)
    plates: dict[int, str] = field(default_factory=dict)
    boxes: dict[_Key, tuple[float, float, float, float]] = field(default_factory=dict)
    centres: dict[_Key, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """One object that was sorted; `object` is None where whole images were, `centre` where it is not told."""

    label: str
    image: int
    object: int | None
    centre: tuple[float, float] | None


def is_cellprofiler(tree: Tree, files: Catalogue) -> bool:
    """Whether there is a training set."""
    return any(_is_set(tree, file) for file in files.with_suffix(".txt", ".csv"))


def read_cellprofiler(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return a crop for each sorted object, or the whole images where those were sorted; the image is the group.

    Raises
    ------
    UserError
        ``cellprofiler_no_images`` where no table says which files the images are.
    """
    gathering = Gathering(tree, files, options)
    sets = [file for file in files.with_suffix(".txt", ".csv") if _is_set(tree, file)]
    rows = [row for file in sets for row in _sorted(tree, file, gathering)]
    tables = _measured(tree, files, sets, progress)
    if rows and not tables.files:
        raise UserError("cellprofiler_no_images", path=sets[0].path)
    for row in rows:
        progress.checkpoint()
        _take(row, tables, gathering)
    return gathering.offer("cellprofiler")


def _take(row: _Sorted, tables: _Tables, gathering: Gathering) -> None:
    place = f"ImageNumber {row.image}"
    path = gathering.image(tables.files[row.image]) if row.image in tables.files else None
    if path is None:
        if row.image not in tables.files:
            gathering.problem(place, "image_missing")
        return
    tags = [f"plate={tables.plates[row.image]}"] if row.image in tables.plates else []
    if row.object is None:
        gathering.add(path, [row.label], split=split_in(folder_of(path)), tags=tags)
        return
    key = (row.image, row.object)
    centre = tables.centres.get(key) or row.centre
    if key in tables.boxes:
        gathering.box(path, tables.boxes[key], row.label, split=split_in(folder_of(path)), tags=tags)
    elif centre is not None:
        box = (centre[0] - TILE_PX / 2, centre[1] - TILE_PX / 2, float(TILE_PX), float(TILE_PX))
        gathering.box(path, box, row.label, split=split_in(folder_of(path)), tags=tags)
    else:
        gathering.problem(f"{place}, ObjectNumber {row.object}", "object_place_unknown")


def _is_set(tree: Tree, file: TreeFile) -> bool:
    try:
        with tree.local(file.path).open("rb") as stream:
            head = decoded(file.path, stream.read(_HEAD_BYTES).rpartition(b"\n")[0] or b"")
    except (OSError, UnreadableImage, UserError):
        return False
    if file.path.lower().endswith(".csv"):
        header = [plain(name) for name in head.partition("\n")[0].split(",")]
        return position(header, _IMAGE) is not None and position(header, _CLASS) is not None
    lines = [line.split() for line in head.splitlines()[:50] if line.strip() and not line.startswith("#")]
    return len(lines) > 1 and lines[0][0] == "label" and len(lines[0]) > 1 and _entry(lines[1]) is not None


def _sorted(tree: Tree, file: TreeFile, gathering: Gathering) -> Iterator[_Sorted]:
    data = table_data(tree, file)
    if file.path.lower().endswith(".csv"):
        yield from _from_csv(
            open_sheet(file.path, data, lambda header: position(header, _IMAGE) is not None), gathering
        )
        return
    for number, line in enumerate(decoded(file.path, data).splitlines(), 1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if words[0] == "label":
            gathering.declare(words[1:])
            continue
        found = _entry(words)
        if found is None:
            gathering.problem(f"{file.path}: {number}", "table_row_short")
        else:
            yield found


def _entry(words: Sequence[str]) -> _Sorted | None:
    """Read ``LABEL IMAGE``, ``LABEL IMAGE OBJECT [X Y]`` or ``LABEL TABLE IMAGE OBJECT [X Y]``."""
    try:
        found = [float(word) for word in words[1:]]
    except ValueError:
        return None
    if not 1 <= len(found) <= 5 or not all(abs(number) < 1e9 for number in found):
        return None
    centre = (found[-2], found[-1]) if len(found) >= 4 else None
    keys = [int(number) for number in (found[:-2] if centre else found)]
    return _Sorted(words[0], keys[-2] if len(keys) > 1 else keys[0], keys[-1] if len(keys) > 1 else None, centre)


def _from_csv(sheet: Sheet, gathering: Gathering) -> Iterator[_Sorted]:
    image, thing = position(sheet.header, _IMAGE), position(sheet.header, _OBJECT)
    label = position(sheet.header, _CLASS)
    for number, row in sheet.rows:
        found = _number(row, image), _number(row, thing)
        if found[0] is None or label is None or label >= len(row):
            gathering.problem(f"{sheet.name}: {number}", "table_row_short")
            continue
        yield _Sorted(row[label].strip(), found[0], found[1], _pair(sheet.header, row, _CENTRE_X, _CENTRE_Y))


def _numbers_images(header: list[str]) -> bool:
    return position(header, _IMAGE) is not None


def _measured(tree: Tree, files: Catalogue, sets: Sequence[TreeFile], progress: Progress) -> _Tables:
    tables = _Tables()
    for file in files.with_suffix(".csv", ".txt", ".tsv"):
        if file in sets:
            continue
        progress.checkpoint()
        try:
            data = table_data(tree, file)
            sheet = open_sheet(file.path, data, _numbers_images)
            if _numbers_images(sheet.header):
                _measure(sheet, tables)
        except (UserError, OSError):
            continue
    return tables


def _measure(sheet: Sheet, tables: _Tables) -> None:
    header = [plain(name) for name in sheet.header]
    image, thing = position(header, _IMAGE), position(header, _OBJECT)
    names = _starting(header, _FILE_PREFIXES)
    folders = _starting(header, _PATH_PREFIXES)
    plate = next((at for at, name in enumerate(header) if name.endswith(("metadata_plate", "plate"))), None)
    box = [next((at for at, name in enumerate(header) if name.endswith("boundingbox" + end)), None) for end in _BOX]
    for _, row in sheet.rows:
        number, of = _number(row, image), _number(row, thing)
        if number is None:
            continue
        if names is not None and names < len(row) and row[names].strip():
            folder = row[folders].strip() if folders is not None and folders < len(row) else ""
            tables.files.setdefault(number, f"{folder}/{row[names].strip()}".lstrip("/"))
        if plate is not None and plate < len(row) and row[plate].strip():
            tables.plates.setdefault(number, row[plate].strip())
        if of is not None:
            _place(row, (number, of), header, box, tables)


def _place(row: list[str], key: _Key, header: Sequence[str], box: Sequence[int | None], tables: _Tables) -> None:
    corners = [_float(row, at) for at in box]
    if all(corner is not None for corner in corners):
        left, top, right, bottom = (corner or 0.0 for corner in corners)
        tables.boxes[key] = (left, top, right - left, bottom - top)
    centre = _pair(header, row, _CENTRE_X, _CENTRE_Y)
    if centre is not None:
        tables.centres[key] = centre


def _pair(header: Sequence[str], row: list[str], xs: Sequence[str], ys: Sequence[str]) -> tuple[float, float] | None:
    """Return a pair of numbers from the columns whose names end so (an object's name stands before them)."""
    found = []
    for ends in (xs, ys):
        at = next((at for at, name in enumerate(header) if plain(name).endswith(tuple(ends))), None)
        found.append(_float(row, at))
    return None if found[0] is None or found[1] is None else (found[0], found[1])


def _starting(header: Sequence[str], prefixes: Sequence[str]) -> int | None:
    for prefix in prefixes:
        for at, name in enumerate(header):
            if name.startswith(prefix):
                return at
    return None


def _number(row: list[str], at: int | None) -> int | None:
    value = _float(row, at)
    return None if value is None else int(value)


def _float(row: Sequence[str], at: int | None) -> float | None:
    if at is None or at >= len(row):
        return None
    try:
        value = float(row[at])
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None
