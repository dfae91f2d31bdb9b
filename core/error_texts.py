"""Every `UserError` code with its sentence: what is wrong, where, and what to do.

The English text is also the key under which translations are found. A code that has shipped is not renamed.
"""

from __future__ import annotations

from typing import Final

from core.translation import mark

ERROR_TEXTS: Final[dict[str, str]] = {
    # store
    "project_missing": mark("There is no project at {path}. Check the path, or create one with “coverslip new”."),
    "project_exists": mark("{path} already exists. Choose another name, or open the project that is there."),
    "project_name_invalid": mark("“{path}” cannot be a project’s name. Choose a shorter or plainer one."),
    "project_nested": mark("{path} is inside the project {outer}. Choose a folder outside of it."),
    "project_parent_missing": mark("The folder {path} does not exist. Create it first, or choose another place."),
    "project_newer": mark(
        "{path} was made by a newer Coverslip (format {found}; this one reads up to {known}). "
        "Update Coverslip to open it; nothing was changed."
    ),
    "project_damaged": mark(
        "The database of {path} cannot be read ({reason}). Restore project.db from a backup; nothing was changed."
    ),
    "project_in_use": mark("{path} is open in another Coverslip. Close it there, then try again."),
    "project_read_only": mark(
        "{path} cannot be written. Check the permissions of the folder; on a read-only medium, copy it elsewhere."
    ),
    "disk_full": mark("The disk that holds {path} is full. Free some space and try again; nothing was changed."),
    "disk_full_import": mark(
        "The disk that holds {path} is full. {added} images were added and are kept. "
        "Free some space and import again: it goes on from there."
    ),
    "label_missing": mark("There is no label named “{name}”. The labels are: {known}."),
    "edit_missing": mark("There is no edit {edit} in the history. Look at the history for the numbers."),
    "edit_not_done": mark("Edit {edit} was undone already: there is nothing to take back."),
    "edit_not_revertible": mark("Edit {edit} cannot be taken back alone. Undo the edits since, the latest first."),
    "moment_invalid": mark("“{value}” is no moment. Write it like 2024-05-01 or 2024-05-01 14:05."),
    "revert_nothing": mark("Everything that edit {edit} did was changed again since: nothing of it is left."),
    "history_broken": mark("The history of {path} does not hold in {n} places. The first: {first} Keep a copy."),
    "label_cycle": mark("{name} cannot be below {parent}, which is {name} itself or below it. Choose another."),
    "label_in_use": mark("{name} is in use: images have it, or labels are below it. Merge it into another label."),
    "labels_nothing_to_merge": mark("There is nothing to merge into {into}. Name at least one other label."),
    "tag_invalid": mark("“{name}” cannot be a tag or reason: it needs 1 to 80 characters, none of them invisible."),
    "task_has_many": mark(
        "{many} images have several labels and {none} are known to have none. Give each of them one label first."
    ),
    "task_single": mark(
        "This project has one label an image. Allow several in the labels’ menu, or by “coverslip task PROJECT multi”."
    ),
    "label_colour_invalid": mark("“{colour}” is no colour. Write it as #RRGGBB, such as #D55E00."),
    "view_exists": mark("There is a view called “{name}” already. Choose another name."),
    "view_name_invalid": mark("“{name}” cannot name a view: it needs 1 to 80 characters, none of them invisible."),
    "label_exists": mark("There is already a label named “{name}”. Choose another name."),
    "label_name_invalid": mark(
        "“{name}” cannot be a label name. Use 1 to 80 visible characters on one line, and not the word “abstain”."
    ),
    "label_key_reserved": mark("“{key}” cannot be a label’s key. Take one letter, digit or sign."),
    "label_key_used": mark("{key} cannot be a label’s key: in the window it means “{does}”. Take another."),
    "nothing_to_undo": mark("There is nothing to undo."),
    "nothing_to_redo": mark("There is nothing to redo."),
    "never_checked": mark("{path} was never checked. Run “coverslip check” without --list-only first."),
    "finding_missing": mark("There is no finding {finding} any more. Look at the list again."),
    "samples_missing": mark("No image has the id {ids}. Refresh and try again; nothing was changed."),
    "query_invalid": mark("“{token}” is not understood in the query. Use for example label:NAME split:val name:*03*."),
    "run_missing": mark("There is no run {run}. The runs are: {known}."),
    "no_usable_run": mark("No run has finished yet. Train one first."),
    "nothing_to_judge": mark("No labelled image of {split} can judge run {run}. Label some, or choose another split."),
    "window_takes_no_options": mark("The window takes no options. Run “coverslip app PROJECT”, or “coverslip” alone."),
    "ratios_invalid": mark("“{value}” are not split ratios. Give three numbers such as 70/15/15."),
    "report_path": mark("No report can be written as {path}. Name a file in a folder that you may write to."),
    "report_pdf": mark("Without Qt no PDF can be written as {path}. Name a file that ends in .html, and print that."),
    # settings
    "language_unknown": mark("There is no language “{name}”. Choose one of: {known}."),
    # training
    "config_file_missing": mark("There is no configuration at {path}. Check the path of --config."),
    "config_file_invalid": mark("{path} is not a valid TOML file ({reason}). Correct it and try again."),
    "config_pair_invalid": mark("“{pair}” is not a setting. Write it as key=value, for example epochs=5."),
    "config_key_unknown": mark("There is no setting “{key}”. The settings are: {known}."),
    "config_value_invalid": mark("“{value}” is not a value of {key}. It takes {allowed}."),
    "suggestions_need_labels": mark(
        "Suggestions need at least ten labelled images, of at least two labels; {count} are labelled. "
        "Label more images first."
    ),
    "similarity_needs_images": mark(
        "None of the selected images can be compared: they are excluded, missing, or could not be read. Select others."
    ),
    "training_needs_labels": mark(
        "Training needs at least two labels that have images; there are {count}. Label more images first."
    ),
    "training_label_too_small": mark(
        "“{label}” has only {count} image; training needs at least {needed} of every label. "
        "Label more images with it, or give that one another label."
    ),
    "training_label_not_in_train": mark(
        "No image of “{label}” is in train, so it cannot be learned. Split the images again, or label more of them."
    ),
    "training_needs_val": mark(
        "No labelled image is in val, so training cannot tell which epoch is best. Split the images again."
    ),
    "training_groups_straddle": mark(
        "{count} groups have images in more than one of train, val and test, so the score would not be honest. "
        "Run “coverslip split”, or Split on the Images page, first."
    ),
    "channels_differ": mark(
        "The images have different numbers of channels ({found}), and the network takes one. "
        "Exclude the kind that is fewer, or train on each in a project of its own."
    ),
    "channel_beyond": mark(
        "There is no channel {channel}: the images have {count}, numbered from 0 to {last}. Set channels to others."
    ),
    "channels_no_rgb": mark(
        "The images have {count} channels, which are not RGB. Set channels=auto, or their numbers."
    ),
    "channels_no_grey": mark(
        "The images have {count} channels, and none of them is said to be grey. Set channels to the number of one."
    ),
    "window_count": mark(
        "There are {count} windows for {channels} channels. Give one for all of them, or one for each."
    ),
    "training_image_needed": mark("{reason} Training needs the image {path}."),
    "source_gone": mark(
        "The folder {path} is no longer there. Put it back, or import it from its new place: the images are recognised."
    ),
    "resume_keeps_settings": mark("A resumed run keeps its own settings. Leave out --set, --config and --backbone."),
    "training_out_of_memory": mark(
        "The memory of {device} is too small for this network at {size} pixels. "
        "Choose a smaller size or backbone, or set device=cpu."
    ),
    "training_diverged": mark(
        "The loss is no longer a number after epoch {epoch}. Set a lower learning_rate, now {rate}."
    ),
    "run_not_resumable": mark("Run {run} is {state} and cannot be resumed. Start a new one."),
    "run_not_usable": mark("Run {run} is {state} and has no finished model. Choose one that is done or stopped."),
    "run_damaged": mark("The file {path} of run {run} cannot be read ({reason}). Train again."),
    # backbones
    "backbone_unknown": mark("There is no backbone “{name}”. Choose one of: {known}."),
    "weights_missing": mark(
        "The weights of “{backbone}” are not on this computer. Allow the download, or import the file {file} "
        "(from {source})."
    ),
    "weights_not_allowed": mark(
        "The weights of {backbone} ({size} MB) are not on this computer, and downloads are off. Allow them in "
        "Settings, add the file {file} on the Train page, or choose a backbone with a tick."
    ),
    "weights_file_missing": mark("There is no file {path}. Check the path of the weights file."),
    "weights_unreadable": mark(
        "{path} is damaged or not a weights file. Use a .pth or .safetensors file of tensors; nothing was changed."
    ),
    "weights_wrong": mark(
        "{path} does not hold the weights of “{backbone}”: {reason}. Choose the file made for this backbone."
    ),
    "weights_of_no_backbone": mark("{path} fits none of the backbones. It must be one of: {known}."),
    "download_failed": mark(
        "{url} could not be downloaded ({reason}). Check the connection and try again: it goes on where it stopped."
    ),
    "download_damaged": mark("What was downloaded from {url} is not the expected file; it was deleted. Try again."),
    "download_busy": mark("{url} is already being downloaded by another Coverslip. Wait for it to end."),
    "device_unavailable": mark("The device “{name}” cannot be used here ({reason}). Choose “auto” or “cpu”."),
    "extra_missing": mark(
        "This needs the optional part “{extra}”, which is not installed. Install coverslip[{extra}] with pip."
    ),
    # second readers
    "reading_pass_missing": mark("There is no reading pass {id}. The passes are: {known}."),
    "reading_pass_exists": mark("There is already a reading pass called “{name}”. Choose another name."),
    "reading_pass_ended": mark("The reading pass “{name}” has ended. Start another one to read again."),
    "reading_name_needed": mark("A reading pass needs a name and a reader, each of 1 to 200 characters."),
    "reading_repeats_invalid": mark("{value} is not a share of repeats. Give a number from 0 to 0.5."),
    "reading_no_images": mark("There is no readable image to read. Choose other images, or import some first."),
    "reading_needs_labels": mark("There is nothing to choose between: the project has too few labels. Add some first."),
    "reading_one_label": mark("Give the image exactly one label, or say that it is uncertain or ungradable."),
    "reading_label_missing": mark("That label is no longer in the project. Choose one that is."),
    "reading_out_of_reach": mark(
        "Only the next image and those just before it can be read: you can go back {reach} images. Nothing was changed."
    ),
    "reading_out_needed": mark("Say where to write the readings: --out FILE.csv."),
    "readings_too_few": mark("There is nothing to compare yet. Choose two passes that have read the same images."),
    # images: without parameters, so that what is recorded with a sample can be shown in any language
    "image_missing": mark("There is no such file. Put it back where it was, or relocate its source."),
    "image_denied": mark("The file may not be read. Check its permissions."),
    "image_link_loop": mark("The file is a link that leads back to itself. Replace it by the image."),
    "image_not_file": mark("This is not a file but a folder, pipe or device. Replace it by the image."),
    "image_empty": mark("The file is empty. Copy it again from where it came."),
    "image_read_failed": mark("The disk or network failed while the file was read. Check it and try again."),
    "image_unknown_format": mark(
        "The file holds no image that Coverslip reads. Convert it to PNG, TIFF, JPEG, BMP, GIF or WebP."
    ),
    "image_unsupported": mark(
        "The image has a kind of pixels or compression that Coverslip does not read. Convert it to a plain TIFF or PNG."
    ),
    "image_truncated": mark("The file is cut off before the end of the image. Copy it again from where it came."),
    "image_damaged": mark("The file is damaged and cannot be decoded. Copy it again from where it came."),
    "image_too_large": mark("The image has more than 268 million pixels (16,384 × 16,384). Cut it into tiles."),
    "image_no_room": mark("The disk has no room to unpack this large image in {path}. Free some gigabytes there."),
    "image_hollow": mark("The file claims far more pixels than it has data for. Export it again from where it came."),
    "image_overweight": mark(
        "The file is far larger than the image that its header announces. Export it again from where it came."
    ),
    "image_too_heavy": mark(
        "The image's pixels, channels and planes need more than 1 GB of memory. Choose a page or plane, or cut it up."
    ),
    "image_no_part": mark("The file has no such page, plane, frame or tile. Import the file again."),
    "image_no_pixels": mark("The DICOM file holds no image. Leave it out, or export the image from its viewer."),
    "image_needs_heic": mark(
        "HEIC images need an optional part that is not installed: coverslip[heic]. Install it, or convert them to JPEG."
    ),
    "image_needs_wsi": mark("Whole slides need an optional part that is not installed: coverslip[wsi]. Install it."),
    "slide_no_tiles": mark(
        "No tile has that size and enough tissue. Choose smaller tiles, another level, or less tissue."
    ),
    "slide_no_level": mark("The slide has no such level. Choose a smaller number; 0 is the full resolution."),
    "slide_no_pixel_size": mark("The slide does not say how large its pixels are. Choose a level instead."),
    "image_is_slide": mark("The slide has no reduced picture that fits into memory. Import its tiles."),
    "image_outside": mark("The file is outside of the imported folder. Import the folder in which it really is."),
    "image_name_invalid": mark("The file name is not valid Unicode and cannot be recorded. Rename the file."),
    "image_unreachable": mark("The server did not answer. Check the connection; what is here already still opens."),
    "image_not_fetched": mark(
        "The image is on a server and not on this computer, and the network may not be used. Allow it in Settings."
    ),
    "image_name_reserved": mark(
        "The file name contains “::” as addresses inside of files do, so it cannot be recorded. Rename the file."
    ),
    "image_box_outside": mark("The box lies outside of its image. Correct the table of boxes."),
    "video_no_stream": mark("The file holds no video. Use a video that other programs can play."),
    "video_frame_damaged": mark("This frame of the video cannot be decoded. Copy the video again from where it came."),
    "items_unknown": mark("The file is no data set that Coverslip reads: IDX, CIFAR or NPZ. Check where it came from."),
    "item_damaged": mark("The data set does not hold what its headers say. Copy it again from where it came."),
    "item_not_plain": mark(
        "The file wants to run code, or holds something other than plain numbers and text. It was refused, and nothing "
        "was run. Use the binary version of the data set."
    ),
    "archive_link": mark("This entry of the archive is a link or a device, not a file. Put the image itself there."),
    "archive_encrypted": mark("This entry of the archive is encrypted. Unpack it, and import the folder."),
    "archive_nested": mark("This is an archive inside of an archive. Unpack the outer one, and import the folder."),
    "archive_duplicate": mark("The archive has another entry of this name; only the first is taken."),
    "archive_bomb": mark("This would unpack to far more than any image holds. It was refused."),
    "archive_method": mark("The archive is packed in a way that Coverslip does not read. Pack it again as usual."),
    "archive_entry_damaged": mark("This entry of the archive is damaged. Copy the archive again from where it came."),
    "archive_damaged_tar": mark("The file is not a tar, or only part of one. Copy it again from where it came."),
    "window_invalid": mark("{low}–{high} is not an intensity window. Give two numbers, the smaller one first."),
    "image_channels_wrong": mark(
        "The image has {found} channels; {expected} are needed. Choose images like those the model was trained on."
    ),
    "image_depth_wrong": mark(
        "The image has values of the kind {found}; {expected} is needed. "
        "Choose images like those the model was trained on."
    ),
    "preprocess_invalid": mark("The preprocessing is not valid: {field} cannot be {value}."),
    "idx_magic": mark("{path} is not an IDX file of images or labels. Check where it came from."),
    "idx_size": mark("{path} has fewer or more bytes than its header says. Copy it again from where it came."),
    # kits and prediction
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
    # export
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
    # sample set
    "sample_set_in_the_way": mark(
        "{path} already holds something other than this sample set. Choose an empty folder; nothing was changed."
    ),
    # ingest
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
