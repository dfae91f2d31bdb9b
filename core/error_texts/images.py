"""What is wrong with an image or where it lies; mostly without parameters.

What is recorded with a sample can then be shown in any language.
"""

from __future__ import annotations

from typing import Final

from core.translation import mark

IMAGES_TEXTS: Final[dict[str, str]] = {
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
}
