"""Images inside a Parquet file, as Hugging Face publishes data sets: a column of encoded files, beside their labels.

https://huggingface.co/docs/datasets/image_load: a column of ``struct<bytes, path>``, or of bytes. Row groups are
read as they are asked for; nothing is unpacked.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.images.decode import decode_bytes
from core.images.files import MAX_FILE_BYTES
from core.images.formats import Fault, Raw

MAGIC: Final = b"PAR1"
MAX_ROWS: Final = 100_000_000
_MAX_GROUP_BYTES: Final = 2**31
_MAX_SAID_BYTES: Final = 2**24
_KEPT: Final = 2


class ParquetImages:
    """The column of images of a Parquet file; any thread may read.

    Attributes
    ----------
    shape
        (N,): how many there are; each has a size of its own.
    columns
        The names of the other columns.
    """

    def __init__(self, file: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(file) as opened:
                schema, about = opened.schema_arrow, opened.metadata
                sizes = [about.row_group(at).num_rows for at in range(about.num_row_groups)]
        except (pa.ArrowException, OSError, ValueError) as error:
            raise Fault("item_damaged") from error
        self.column = next((one.name for one in schema if _holds_images(one)), "")
        if not self.column or sum(sizes) > MAX_ROWS:
            raise Fault("items_unknown")
        self.shape: tuple[int, ...] = (sum(sizes),)
        self.dtype: np.dtype[Any] = np.dtype(np.uint8)
        self.columns = [one.name for one in schema if one.name != self.column]
        self.features = _features(schema.metadata)
        self._file = file
        self._starts = np.cumsum([0, *sizes])
        self._groups: OrderedDict[int, Any] = OrderedDict()
        self._lock = threading.Lock()

    def __getitem__(self, index: int) -> Raw:
        """Return the pixels of an image; raises `Fault` or `UnreadableImage`."""
        return decode_bytes(self.encoded(index), Path(f"{self._file}::item={index}"))

    def encoded(self, index: int) -> bytes:
        """Return the bytes of an image, which is a file of its own; raises `Fault`."""
        group = int(np.searchsorted(self._starts, index, side="right")) - 1
        cell = self._group(group)[index - int(self._starts[group])].as_py()
        data = cell.get("bytes") if isinstance(cell, dict) else cell
        if not data:
            raise Fault("image_empty")
        if len(data) > MAX_FILE_BYTES:
            raise Fault("image_too_large")
        return bytes(data)

    def values(self, column: str) -> list[Any]:
        """Return the (N,) values of another column; raises `Fault`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self._file) as opened:
                found: list[Any] = opened.read([column]).column(column).to_pylist()
        except (pa.ArrowException, OSError, ValueError) as error:
            raise Fault("item_damaged") from error
        return found

    def _group(self, at: int) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        with self._lock:
            if at not in self._groups:
                try:
                    with pq.ParquetFile(self._file) as opened:
                        if opened.metadata.row_group(at).total_byte_size > _MAX_GROUP_BYTES:
                            raise Fault("image_too_large")
                        column = opened.read_row_group(at, [self.column]).column(self.column)
                except (pa.ArrowException, OSError, ValueError) as error:
                    raise Fault("item_damaged") from error
                self._groups[at] = column.combine_chunks()
                while len(self._groups) > _KEPT:
                    self._groups.popitem(last=False)
            self._groups.move_to_end(at)
            return self._groups[at]


def holds_images(file: Path) -> bool:
    """Whether a file is Parquet with images in it; never raises."""
    try:
        with file.open("rb") as stream:
            if stream.read(len(MAGIC)) != MAGIC:
                return False
        ParquetImages(file)
    except (Fault, OSError):
        return False
    return True


def _holds_images(field: Any) -> bool:
    import pyarrow as pa

    kind = field.type
    if pa.types.is_struct(kind):
        names = {kind.field(at).name: kind.field(at).type for at in range(kind.num_fields)}
        found = names.get("bytes")
        return found is not None and (pa.types.is_binary(found) or pa.types.is_large_binary(found))
    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return binary and field.name.lower() in ("image", "img", "picture", "jpg", "png")


def _features(metadata: Any) -> dict[str, Any]:
    """Return what Hugging Face's own note in the file says of the columns."""
    text = (metadata or {}).get(b"huggingface", b"")
    if not text or len(text) > _MAX_SAID_BYTES:
        return {}
    try:
        found = json.loads(text)["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
