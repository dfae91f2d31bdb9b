from __future__ import annotations

import io
import threading

import imagecodecs
import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from core.errors import UnreadableImage
from core.images.decode import decode, decode_bytes, read_info
from tests.support.pictures import (
    encoded,
    gradient,
    interlaced_png,
    jpeg_bytes,
    png_bytes,
    save,
    tiff_bytes,
)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP"])
def test_lossless_formats_give_back_the_very_pixels(tmp_path, kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    path = save(tmp_path, "a.img", encoded(Image.fromarray(gradient()), kind, **options))
    np.testing.assert_array_equal(decode(path), gradient())
    info = read_info(path)
    assert (info.width, info.height, info.channels, info.bit_depth) == (60, 40, 3, 8)
    assert info.format == kind.lower()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "JPEG"])
def test_grey_images_come_as_one_plane(tmp_path, kind):
    grey = gradient()[..., 0]
    path = save(tmp_path, "a.img", encoded(Image.fromarray(grey), kind))
    assert decode(path).shape == (40, 60)
    assert read_info(path).channels == 1
    np.testing.assert_allclose(decode(path).astype(int), grey, atol=3 if kind == "JPEG" else 0)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 2, "quality": 60}, {"quality": 100}])
def test_jpeg_gives_the_same_pixels_by_whichever_way_it_is_read(tmp_path, options):
    data = jpeg_bytes(123, 77, **options)
    expected = np.asarray(Image.open(io.BytesIO(data)))
    np.testing.assert_array_equal(decode_bytes(data, tmp_path), expected)
    np.testing.assert_array_equal(decode_bytes(data + b"appended", tmp_path), expected)


@pytest.mark.parametrize("shape", [(31, 47), (31, 47, 3)])
@pytest.mark.parametrize("kind", ["png", "tiff", "tiff_lzw", "tiff_zlib", "tiff_planar"])
def test_sixteen_bits_stay_sixteen_bits(tmp_path, shape, kind):
    pixels = np.random.default_rng(7).integers(0, 2**16, shape, dtype=np.uint16)
    if kind == "png":
        data = imagecodecs.png_encode(pixels)
    elif kind == "tiff_planar" and len(shape) == 3:
        data = tiff_bytes(np.moveaxis(pixels, -1, 0).copy(), photometric="rgb", planarconfig="separate")
    else:
        compression = {"tiff_lzw": "lzw", "tiff_zlib": "zlib"}.get(kind)
        photometric = "rgb" if len(shape) == 3 else "minisblack"
        data = tiff_bytes(pixels, photometric=photometric, compression=compression)
    found = decode(save(tmp_path, "a.img", data))
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found, pixels)
    assert read_info(tmp_path / "a.img").bit_depth == 16


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_the_orientation_in_exif_is_applied(tmp_path, kind, orientation):
    upright = np.zeros((24, 16, 3), np.uint8)
    upright[:8, :8] = 255  # white at the top left
    upright[16:, :8, 0] = 255  # red at the bottom left
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    stored = Image.fromarray(upright)
    stored = stored.transpose(turn) if turn is not None else stored
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
    if kind == "TIFF":
        data = tiff_bytes(np.asarray(stored), photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
    else:
        data = encoded(stored, kind, exif=exif.tobytes(), **options)
    path = save(tmp_path, "a.img", data)
    np.testing.assert_allclose(decode(path).astype(int), upright, atol=12 if kind == "JPEG" else 0)
    assert (read_info(path).width, read_info(path).height) == (16, 24)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_alpha_is_composited_over_white(tmp_path, kind):
    rgba = np.dstack([gradient(), np.full((40, 60), 255, np.uint8)])
    rgba[:10, :, 3] = 0
    rgba[10:20, :, 3] = 128
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    pixels = decode(save(tmp_path, "a.img", encoded(Image.fromarray(rgba), kind, **options)))
    assert (pixels[:10] == 255).all()
    expected = gradient()[10:20] * (128 / 255) + 255 * (127 / 255)
    assert np.abs(pixels[10:20] - expected).max() <= 1
    np.testing.assert_array_equal(pixels[20:], gradient()[20:])


@pytest.mark.parametrize("channels", [2, 4])
def test_sixteen_bit_alpha_is_composited_over_white(tmp_path, channels):
    pixels = np.full((4, 4, channels), 1000, np.uint16)
    pixels[..., -1] = 65535
    pixels[0, 0, -1] = 0
    found = decode(save(tmp_path, "a.png", imagecodecs.png_encode(pixels)))
    assert found.dtype == np.uint16
    assert found.shape == ((4, 4) if channels == 2 else (4, 4, 3))
    assert (found[0, 0] == 65535).all()
    assert (found[1] == 1000).all()


def test_grey_with_alpha_stays_grey(tmp_path):
    pixels = np.dstack([np.full((5, 6), 100, np.uint8), np.full((5, 6), 255, np.uint8)])
    path = save(tmp_path, "a.png", encoded(Image.fromarray(pixels), "PNG"))
    np.testing.assert_array_equal(decode(path), pixels[..., 0])
    assert read_info(path).channels == 1


def test_palettes_and_transparent_colours_are_unfolded(tmp_path):
    picture = Image.fromarray(gradient()).quantize(16)
    expected = np.asarray(picture.convert("RGB"))
    for kind in ("PNG", "GIF", "BMP", "TIFF"):
        np.testing.assert_array_equal(decode(save(tmp_path, "a.img", encoded(picture, kind))), expected)
    seen = decode(save(tmp_path, "b.png", encoded(picture, "PNG", transparency=3)))
    indexes = np.asarray(picture)
    assert (seen[indexes == 3] == 255).all()
    np.testing.assert_array_equal(seen[indexes != 3], expected[indexes != 3])


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_single_bits_become_black_and_white(tmp_path, kind):
    bits = gradient()[..., 0] > 100
    pixels = decode(save(tmp_path, "a.img", encoded(Image.fromarray(bits), kind)))
    np.testing.assert_array_equal(pixels, bits.astype(np.uint8) * 255)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_inks_become_rgb(tmp_path, kind):
    inks = Image.fromarray(gradient()).convert("CMYK")
    pixels = decode(save(tmp_path, "a.img", encoded(inks, kind)))
    assert pixels.shape == (40, 60, 3)
    np.testing.assert_allclose(pixels.astype(int), gradient(), atol=20 if kind == "JPEG" else 0)


def test_white_is_zero_where_a_tiff_says_so(tmp_path):
    pixels = np.arange(60, dtype=np.uint16).reshape(6, 10) * 1000
    found = decode(save(tmp_path, "a.tif", tiff_bytes(pixels, photometric="miniswhite")))
    np.testing.assert_array_equal(found, 65535 - pixels)


def test_the_first_frame_of_a_gif_and_the_first_page_of_a_tiff_are_read(tmp_path):
    first, second = Image.fromarray(gradient()).quantize(8), Image.new("P", (60, 40), 1)
    gif = encoded(first, "GIF", save_all=True, append_images=[second])
    np.testing.assert_array_equal(decode(save(tmp_path, "a.gif", gif)), np.asarray(first.convert("RGB")))
    pages = tiff_bytes(np.stack([gradient(), 255 - gradient()]), photometric="rgb")
    np.testing.assert_array_equal(decode(save(tmp_path, "a.tif", pages)), gradient())


def test_pixels_of_an_unknown_kind_are_refused_with_that_reason(tmp_path):
    with pytest.raises(UnreadableImage) as caught:
        decode(save(tmp_path, "a.tif", tiff_bytes(np.zeros((8, 9), np.complex64))))
    assert caught.value.code == "image_unsupported"


def test_the_format_is_known_by_content_whatever_the_name(tmp_path):
    np.testing.assert_array_equal(decode(save(tmp_path, "a.jpg", png_bytes())), gradient())


@pytest.mark.parametrize("compression", ["jpeg", "lzw", "zlib", "packbits", "zstd", "lzma"])
def test_compressed_tiffs_are_read_and_others_refused(tmp_path, compression):
    pixels = gradient(64, 96)
    options = {"compressionargs": {"level": 95}} if compression == "jpeg" else {}
    data = tiff_bytes(pixels, photometric="rgb", compression=compression, tile=(32, 32), **options)
    found = decode_bytes(data, tmp_path)
    np.testing.assert_allclose(found.astype(int), pixels, atol=40 if compression == "jpeg" else 0)
    with pytest.raises(UnreadableImage) as caught:
        decode_bytes(tiff_bytes(pixels, photometric="rgb", compression="jpeg2000"), tmp_path)
    assert caught.value.code == "image_unsupported"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_interlaced_pngs_are_read(tmp_path, dtype):
    pixels = np.random.default_rng(7).integers(0, np.iinfo(dtype).max, (13, 19, 3)).astype(dtype)
    np.testing.assert_array_equal(decode_bytes(interlaced_png(pixels), tmp_path), pixels)
    grey = pixels[..., :1]
    np.testing.assert_array_equal(decode_bytes(interlaced_png(grey), tmp_path), grey[..., 0])


def test_what_is_decoded_can_be_written_to(tmp_path):
    grey = Image.fromarray(gradient()[..., 0])
    for data in (jpeg_bytes(), png_bytes(), encoded(grey, "BMP"), encoded(grey, "GIF"), encoded(grey, "TIFF")):
        pixels = decode_bytes(data, tmp_path)
        assert pixels.flags.writeable
        assert pixels.flags.c_contiguous


def test_many_threads_may_decode_at_once(tmp_path):
    path = save(tmp_path, "a.jpg", jpeg_bytes(300, 400))
    expected, same = decode(path), []

    def work():
        same.extend(np.array_equal(decode(path), expected) for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(same) == 40
    assert all(same)


def test_pillow_and_the_quick_way_read_jpegs_alike():
    data = jpeg_bytes(61, 83)
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    np.testing.assert_array_equal(np.asarray(image), imagecodecs.jpeg8_decode(data))
