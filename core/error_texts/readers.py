"""What goes wrong with second readers and their passes."""

from __future__ import annotations

from typing import Final

from core.translation import mark

READERS_TEXTS: Final[dict[str, str]] = {
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
}
