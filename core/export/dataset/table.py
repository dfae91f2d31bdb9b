"""The formats that a data set can be written in."""

from __future__ import annotations

from typing import Final

from core.domain.task import Task
from core.errors import UserError
from core.export.dataset.coco import CocoWriter
from core.export.dataset.csv_file import CsvWriter
from core.export.dataset.fiftyone import FiftyOneWriter
from core.export.dataset.folders import FoldersWriter
from core.export.dataset.imagefolder import ImageFolderWriter
from core.export.dataset.parquet import ParquetWriter
from core.export.dataset.spec import DatasetFormat, Fact
from core.export.dataset.webdataset import WebDatasetWriter
from core.translation import mark

_LISTS: Final = frozenset({Fact.GROUP, Fact.SPLIT, Fact.TAGS})
_MANY: Final = frozenset({Fact.MANY, Fact.NO_LABEL})
_DECLARED: Final = frozenset({Fact.ORDER, Fact.UNUSED, Fact.NAMES})
_ALL: Final = frozenset(Fact)

DATASET_FORMATS: Final[tuple[DatasetFormat, ...]] = (
    DatasetFormat(
        "folders",
        mark("Folders by label"),
        mark("A folder for each label, in folders of train, val and test. What most tools read."),
        {Task.SINGLE: frozenset({Fact.SPLIT}), Task.MULTI: frozenset({Fact.SPLIT})},
        FoldersWriter,
    ),
    DatasetFormat(
        "csv",
        mark("A table (CSV)"),
        mark("One folder of images, and a table that a spreadsheet opens."),
        {Task.SINGLE: _ALL, Task.MULTI: _ALL},
        CsvWriter,
        lists_missing=True,
    ),
    DatasetFormat(
        "parquet",
        mark("Parquet"),
        mark("The images inside of Parquet files, as data sets are published on Hugging Face."),
        {
            Task.SINGLE: _DECLARED | {Fact.GROUP, Fact.SPLIT},
            Task.MULTI: _DECLARED | _MANY | {Fact.GROUP, Fact.SPLIT},
        },
        ParquetWriter,
        packed=True,
        lists_missing=True,
    ),
    DatasetFormat(
        "hf",
        mark("Hugging Face imagefolder"),
        mark("For the datasets library: a folder for each split, with metadata beside the images."),
        {Task.SINGLE: _LISTS, Task.MULTI: _LISTS | _MANY},
        ImageFolderWriter,
    ),
    DatasetFormat(
        "fiftyone",
        mark("FiftyOne"),
        mark("Image classification for FiftyOne: images, and a file of labels for each split."),
        {Task.SINGLE: _LISTS | _DECLARED, Task.MULTI: _MANY | _DECLARED | {Fact.SPLIT}},
        FiftyOneWriter,
    ),
    DatasetFormat(
        "coco",
        mark("COCO"),
        mark("One file of boxes: of the whole image, or, where the images are crops, of where they were cut out."),
        {Task.SINGLE: _LISTS | _DECLARED, Task.MULTI: _LISTS | _MANY | _DECLARED},
        CocoWriter,
    ),
    DatasetFormat(
        "webdataset",
        mark("WebDataset"),
        mark("Tar files to be read one after the other, for training on large data."),
        {Task.SINGLE: _LISTS | {Fact.NAMES}, Task.MULTI: _LISTS | _MANY | {Fact.NAMES}},
        WebDatasetWriter,
        packed=True,
    ),
)


def dataset_format(name: str) -> DatasetFormat:
    """Return the format with this id; raises `UserError` ``dataset_format_unknown``."""
    for format in DATASET_FORMATS:
        if format.id == name:
            return format
    known = ", ".join(format.id for format in DATASET_FORMATS)
    raise UserError("dataset_format_unknown", name=name, known=known)
