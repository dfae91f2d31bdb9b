"""The formats that can be dropped, most specific first: the first one that recognises the files reads them."""

from __future__ import annotations

from typing import Final

from core.errors import UserError
from core.ingest.formats import (
    arrays,
    cellprofiler,
    coco,
    coverslip,
    createml,
    fiftyone,
    films,
    folders,
    labelme,
    parquet,
    tables,
    voc,
    whole_slides,
)
from core.ingest.formats import webdataset as web
from core.ingest.formats.spec import FormatSpec
from core.translation import mark

FORMATS: Final[tuple[FormatSpec, ...]] = (
    FormatSpec("coverslip", mark("Exported from Coverslip"), coverslip.is_coverslip, coverslip.read_coverslip),
    FormatSpec("idx", mark("IDX files, as of MNIST"), arrays.is_idx, arrays.read_idx, packed=True),
    FormatSpec("cifar", mark("CIFAR-10 or CIFAR-100"), arrays.is_cifar, arrays.read_cifar, packed=True),
    FormatSpec("npz", mark("NPZ, as of MedMNIST"), arrays.is_npz, arrays.read_npz, packed=True),
    FormatSpec("webdataset", mark("WebDataset tars"), web.is_webdataset, web.read_webdataset, packed=True),
    FormatSpec("parquet", mark("Parquet with images"), parquet.is_parquet, parquet.read_parquet, packed=True),
    FormatSpec("coco", mark("COCO boxes"), coco.is_coco, coco.read_coco),
    FormatSpec("labelme", mark("labelme shapes or flags"), labelme.is_labelme, labelme.read_labelme),
    FormatSpec("createml", mark("Create ML"), createml.is_createml, createml.read_createml),
    FormatSpec("fiftyone", mark("FiftyOne classification"), fiftyone.is_fiftyone, fiftyone.read_fiftyone),
    FormatSpec("voc", mark("Pascal VOC boxes"), voc.is_voc, voc.read_voc),
    FormatSpec(
        "cellprofiler",
        mark("CellProfiler Analyst training set"),
        cellprofiler.is_cellprofiler,
        cellprofiler.read_cellprofiler,
    ),
    FormatSpec("imagefolder", mark("Hugging Face imagefolder"), tables.is_imagefolder, tables.read_imagefolder),
    FormatSpec("dicom", mark("DICOM"), films.is_dicom, films.read_dicom, by_rules=True),
    FormatSpec(
        "video", mark("Frames of videos"), films.is_video, films.read_video, packed=True, by_rules=True, serial=True
    ),
    FormatSpec(
        "slides", mark("Tiles of whole slides"), whole_slides.has_slides, whole_slides.read_slides, by_rules=True
    ),
    FormatSpec("table", mark("Table of labels"), tables.is_table, tables.read_tables),
    FormatSpec("pets", mark("File names as of the Oxford-IIIT Pets"), folders.are_pets, folders.read_pets),
    FormatSpec("folders", mark("Folders of images"), folders.has_images, folders.read_folders, by_rules=True),
)


def format_spec(name: str) -> FormatSpec:
    """Return the format with this id; raises `UserError` ``format_unknown``."""
    for spec in FORMATS:
        if spec.id == name:
            return spec
    raise UserError("format_unknown", name=name, known=", ".join(["auto", *(spec.id for spec in FORMATS)]))
