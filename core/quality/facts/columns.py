"""What is measured of every image, one row a number; each is the same for the same file on every computer.

"Level" means intensity as a share of the full range of the image's type, 0 to 1 (of floats: as it is). Luma is the
weighted mean of red, green and blue (Rec. 601), and the plain mean of any other number of channels. A number that an
image does not have (the JPEG quality of a PNG) is NaN.
"""

from __future__ import annotations

from typing import Final

COLUMNS: Final[dict[str, str]] = {
    # --- the image as a file ---
    "width": "pixels, the right way up",
    "height": "pixels, the right way up",
    "channels": "1 for grey, 3 for RGB, or any other number",
    "bit_depth": "8, 12, 16, or 32 for floats",
    "bytes_per_pixel": "size of the file by its pixels; NaN for a part that is only pixels",
    "jpeg_quality": "1 to 100, of the standard table that is nearest to the file's",
    "jpeg_subsampling": "10 × horizontal + vertical factor of the chroma: 11, 21, 22",
    "taken_day": "days since 1970 of the moment the picture says it was taken",
    "taken_second": "seconds of that day",
    "pixel_size_um": "width of a pixel in micrometres, where the file says",
    "exposure_s": "EXIF's exposure time in seconds",
    "iso": "EXIF's sensitivity",
    "has_icc": "1 where the file carries a colour profile, otherwise 0",
    # --- levels ---
    "mean": "mean luma",
    "deviation": "standard deviation of the luma",
    "p01": "luma that 1 % of the pixels are below",
    "p05": "luma that 5 % of the pixels are below",
    "median": "median luma",
    "p95": "luma that 5 % of the pixels are above",
    "p99": "luma that 1 % of the pixels are above",
    "p999": "luma that one pixel in a thousand is above",
    "clipped_low": "share of the values at the least of the type",
    "clipped_high": "share of the values at the greatest of the type",
    "at_maximum": "share of the pixels at the image's own greatest level, a plateau where a sensor ended; 0 where flat",
    "entropy": "Shannon's, of the histogram of 256 levels, by 8 bits: 0 to 1",
    "red": "mean level of the first channel",
    "green": "mean level of the second channel (of grey images, of the one)",
    "blue": "mean level of the third channel (of grey images, of the one)",
    "chroma": "mean of (greatest - least) of the first three channels, in levels",
    "colourfulness": "Hasler and Süsstrunk's (2003), in levels",
    # --- border: the outer ring, and the corners ---
    **{
        f"border_{side}_{colour}": f"mean level of the outer ring's {side} side, {colour}"
        for side in ("top", "right", "bottom", "left")
        for colour in ("red", "green", "blue")
    },
    **{f"border_{side}_deviation": f"of the luma there, {side}" for side in ("top", "right", "bottom", "left")},
    **{f"corner_{place}": f"mean luma of the {place} corner" for place in ("nw", "ne", "se", "sw")},
    "background": "luma of the most frequent level of the outer ring",
    "background_noise": "deviation of the fine detail in the flattest patches",
    # --- sharpness: how much detail there is, by its size and direction ---
    **{
        f"detail_{lag}_{way}": f"log10 of the mean squared second difference of the luma over {lag} pixels, {way}"
        for lag in (1, 2, 4, 8, 16)
        for way in ("across", "down", "diagonal", "antidiagonal")
    },
    "edge_slope": "steepest edges: luma over one pixel by luma over five, 0.2 (blurred) to 1",
    "contour_slope": "steepest luma a pixel around a place by the range there, smoothed, weighted by that range",
    "contour_evenness": "such slopes along the direction of the least by those along that of the greatest, 0 to 1",
    "contour_radius": "pixels: luma that stands out of the ground by the slopes of its outlines",
    # --- the object ---
    **{
        f"touch_{side}": f"share of the {side} edge that the object covers (what the ring has less of, by Otsu's cut)"
        for side in ("top", "right", "bottom", "left")
    },
    "object_share": "share of the image that the object covers",
    # --- the end of the data ---
    "tail": "share of the rows, from the last upwards, that are one flat colour which the rows above are not",
    "decoder_warned": "1 where a JPEG decoder finds the data broken though it gives pixels, otherwise 0",
}

TAGS: Final[dict[str, str]] = {
    "format": "jpeg, png, tiff …",
    "make": "who made the device (EXIF, TIFF, DICOM, OME)",
    "model": "which device",
    "software": "what wrote the file",
    "device": "serial number, station, lens or objective",
    "modality": "DICOM's modality and protocol",
    "icc": "name of the colour profile",
    "jpeg_tables": "short digest of the quantisation tables",
}
"""Texts that many images share, kept as numbers: an index into `ImageFacts.words`, -1 where there is none."""
