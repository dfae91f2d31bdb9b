"""What goes wrong with kits, predictions and exports."""

from __future__ import annotations

from typing import Final

from core.translation import mark

EXPORT_TEXTS: Final[dict[str, str]] = {
    "kit_missing": mark("There is no folder {path}. Check the path of the kit."),
    "kit_not_one": mark("{path} is not a kit. Choose a folder that “coverslip export” made."),
    "kit_incomplete": mark("The kit {path} lacks {names}. Copy the whole folder again from where it was exported."),
    "kit_damaged": mark("{name} in {path} is not what was exported. Copy the kit again, or export it again."),
    "kit_newer": mark(
        "{path} was exported by a newer Coverslip (format {found}; this one reads up to {known}). "
        "Update Coverslip to use it."
    ),
    "model_missing": mark("There is no model at {path}. Give a kit folder, an .onnx file or PROJECT:RUN."),
    "model_damaged": mark("{path} is not an ONNX file, or only part of one. Copy it again from where it was exported."),
    "model_foreign": mark(
        "{path} was not exported by Coverslip, so its labels and input are unknown. "
        "Give a kit or .onnx that “coverslip export” made."
    ),
    "model_unusable": mark("ONNX Runtime cannot run {path} ({reason}). Export it again, or update Coverslip."),
    "predict_source_missing": mark("There is no file or folder at {path}. Check the path of the images."),
    "predict_no_images": mark("There are no images in {path}. Choose a folder with JPEG, PNG, TIFF, BMP, GIF or WebP."),
    "threshold_invalid": mark("{value} is not a threshold. Give a number from 0 to 1."),
    "table_format": mark(
        "Tables are written as .csv, .xlsx or .parquet, not as {suffix}. Choose a file name with such an ending."
    ),
    "table_too_long": mark("A spreadsheet holds {most} rows, not {rows}. Write .csv or .parquet instead."),
    "path_not_a_file": mark("No file can be written to {path}: something else is there. Choose another name."),
    "table_folder_missing": mark("The folder {path} does not exist. Create it first, or choose another place."),
    "sort_needs_folder": mark("Only the images of a folder can be sorted. Unpack or copy {path} into one first."),
    "sort_inside_source": mark(
        "{path} is inside the folder that was predicted, {root}. Choose a folder outside of it; nothing was copied."
    ),
    "export_parent_missing": mark("The folder {path} does not exist. Create it first, or choose another place."),
    "export_target_exists": mark("{path} exists and is not an empty folder. Choose another name; nothing was changed."),
    "export_kit_exists": mark("There is already a kit at {path}. Choose another name, or allow it to be replaced."),
    "dataset_format_unknown": mark("There is no format “{name}”. Choose one of: {known}."),
    "dataset_packed": mark("{format} packs the images into files of its own, so they cannot be linked. Copy them."),
    "dataset_no_images": mark(
        "There is no image to export ({left_out} cannot be read). "
        "Check the query, and that the images are where they were."
    ),
    "dataset_in_project": mark("{path} is inside the project itself. Choose a folder outside of it."),
    "dataset_in_source": mark(
        "{path} is inside {source}, where images were imported from; they would be found twice. Choose another folder."
    ),
    "dataset_cannot_link": mark(
        "{path} cannot be linked from there ({files}: {reason}). "
        "Copy the images instead, or choose a folder on their disk."
    ),
    "dataset_unwritable": mark("{path} cannot be written: {reason}. Choose another folder."),
    "export_precision": mark("There is no precision “{value}”. Choose one of: {known}."),
    "export_no_images": mark(
        "None of the project’s images can be read, so the export cannot be proven. "
        "Bring the folder {path} back to its place, or relocate the source."
    ),
    "export_unproven": mark(
        "The exported model does not answer as the network does: {unequal} of {n} images get another label, "
        "and a probability differs by {distance} (at most {tolerance} is allowed). Nothing was written."
    ),
}
