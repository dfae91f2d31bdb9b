"""What goes wrong when something is imported: sources, servers, rules, tables and annotations."""

from __future__ import annotations

from typing import Final

from core.translation import mark

INGEST_TEXTS: Final[dict[str, str]] = {
    "sample_set_in_the_way": mark(
        "{path} already holds something other than this sample set. Choose an empty folder; nothing was changed."
    ),
    "remote_address": mark(
        "“{url}” is no address of images. Write it as gs://, s3://, sftp:// or https://HOST/FOLDER."
    ),
    "remote_secret": mark(
        "An address must not hold a password, a key or a question mark: it is kept with the project. Log in to {url} "
        "through the environment, or through the configuration files of its own tools."
    ),
    "remote_not_allowed": mark(
        "{url} is on a network, which Coverslip does not use unasked. Allow it in Settings, or with --allow-network."
    ),
    "remote_unreachable": mark(
        "{url} does not answer ({reason}). Check the connection and try again: it goes on where it stopped."
    ),
    "remote_denied": mark("{url} may not be read as who you are there. Log in with its own tools, then try again."),
    "remote_zip": mark("{url} is a ZIP on a server. Save it on this computer, then import the file."),
    "source_unnamed": mark("No folder was named. Give the folder, ZIP, file or address that holds the images."),
    "remote_missing": mark("There is nothing at {url}. Check the address."),
    "archive_damaged": mark("{path} is not a ZIP, or only part of one. Copy it again from where it came."),
    "source_offline": mark(
        "The images in {path} cannot be reached. Connect the drive, or find them again with “coverslip relink”; "
        "nothing was checked."
    ),
    "source_missing": mark("There is no folder {path}. Check the path."),
    "source_not_folder": mark("{path} is not a folder. Give the folder that holds the images."),
    "source_is_project": mark("{path} is the project itself. Give the folder that holds the images."),
    "source_no_images": mark(
        "{path} holds no images. Give images, or a folder or ZIP of them; a table that lists images beside it; boxes; "
        "arrays; DICOM; slides; videos."
    ),
    "source_unreadable": mark("{path} cannot be read. Check its permissions and the disk."),
    "folder_linked": mark("This is a link to another folder, which is not followed. Import that folder on its own."),
    "import_many_labels": mark(
        "In {path} an image can have several labels, and in the project only one. Import it into a new project, or "
        "let the images of this project have several labels first."
    ),
    "items_unreadable": mark("{path} cannot be read as an array of images: {reason} Get it again from where it came."),
    "document_unreadable": mark("{path} cannot be read ({reason}). Export it again from where it came."),
    "document_damaged": mark("The annotation file cannot be read. Export it again from where it came."),
    "annotation_unknown_label": mark("An annotation has a label that the data set does not declare."),
    "object_place_unknown": mark("No table says where in the image the object is. Put the table of objects beside."),
    "cellprofiler_no_images": mark(
        "{path} sorts objects by the numbers of images, and no table beside it says which files those are. "
        "Put the table of images (Per_Image or Image.csv) into the folder."
    ),
    "column_rule_invalid": mark("“{value}” does not say which column is what. Use one of {known}, “=” and a name."),
    "option_out_of_range": mark("{name} {value} is out of range. Use a value from {least} to {most}."),
    "plane_none": mark(
        "No image in {path} has planes, pages or frames to choose from, so there is no plane {plane}. "
        "Leave the choice of a plane out."
    ),
    "plane_with_pages": mark("Either one plane of each file is taken, or each page of it. Leave one of the two out."),
    "format_unknown": mark("There is no format “{name}”. Use one of: {known}."),
    "label_rule_invalid": mark(
        "“{value}” does not say where labels come from. Use auto, folder, none, csv:FILE or pattern:REGEX."
    ),
    "group_rule_invalid": mark("“{value}” does not say where groups come from. Use pattern:REGEX or column:NAME."),
    "group_needs_table": mark("The column “{name}” can give groups only where labels come from a table (csv:FILE)."),
    "pattern_invalid": mark("“{pattern}” is not a regular expression: {reason}. Correct it; nothing was imported."),
    "pattern_too_slow": mark(
        "“{pattern}” takes far too long on names such as “{example}”. Take out repetitions within repetitions, as in "
        "(a+)+; nothing was imported."
    ),
    "pattern_matches_nothing": mark(
        "“{pattern}” matches none of the files, for example not “{example}”. Correct it; nothing was imported."
    ),
    "table_missing": mark("The table {path} cannot be read. Check the path and its permissions; nothing was imported."),
    "table_encoding": mark("{path} is not a text table. Save it as CSV in UTF-8; nothing was imported."),
    "table_columns": mark(
        "{path} needs a column “path” (or file, filename, image) and a column “label” in its first row; "
        "it has: {found}. Nothing was imported."
    ),
    "table_no_column": mark("{path} has no column “{name}”. Its columns are: {found}. Nothing was imported."),
    "table_unreadable": mark("The table {path} cannot be read ({reason}). Save it again; nothing was imported."),
    "table_row_short": mark("The row of the table has too few columns."),
    "table_row_doubled": mark("The image is in the table twice, with different labels."),
    "table_file_unclear": mark("Several images have this name. Give its path in the table."),
    "table_split": mark("The table names a split that is none of train, val, test and none."),
    "label_unusable": mark("The label is empty, too long, or cannot be a label’s name."),
    "table_empty": mark("{path} has a header but no rows. Save the table again with its rows; nothing was imported."),
    "table_none_found": mark(
        "None of the {count} names in {path} is a file there, such as “{example}”. Correct the names, or the folder; "
        "nothing was imported."
    ),
    "table_two_columns": mark(
        "{path} has more than one column of labels: {found}. Keep the one that counts; nothing was imported."
    ),
    "table_rows": mark("Correct {path} ({count} faulty rows), then import again; nothing was imported. {problems}."),
    "rule_not_for_idx": mark(
        "{path} holds IDX files, which bring their own labels. Use --labels folder or none, and no groups."
    ),
    "idx_counts": mark("{path} has {labels} labels for {images} images. Check where the files came from."),
    "idx_names": mark("{path} must name each of the {count} labels on a line of its own, without repeating a name."),
}
