from __future__ import annotations

import io

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from core.domain.samples import Source
from core.errors import UnreadableImage
from core.images.intensity import Window
from core.images.packs import keep, load
from core.images.reader import ImageReader
from core.images.thumbnails import thumbnail
from tests.support.idx import write_idx
from tests.support.pictures import encoded, gradient, jpeg_bytes, png_bytes, tiff_bytes
from tests.support.science import dicom_bytes

DIGEST = "ab" * 16


@pytest.fixture
def reader(tmp_path):
    return ImageReader({1: Source(1, "folder", str(tmp_path))})


def soft(image, size):
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR)).astype(int)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_image_is_made_small_with_its_aspect(reader, tmp_path, kind):
    picture = gradient(600, 900)[..., :2].repeat(2, axis=2)[..., :3]
    (tmp_path / "a.img").write_bytes(encoded(Image.fromarray(picture), kind))
    small = thumbnail(reader, 1, "a.img", 90)
    assert small.shape == (60, 90, 3)
    assert np.abs(small - soft(picture, (90, 60))).mean() < 3


def test_a_small_image_is_not_enlarged(reader, tmp_path):
    (tmp_path / "a.png").write_bytes(png_bytes())
    np.testing.assert_array_equal(thumbnail(reader, 1, "a.png", 256), gradient())


def test_a_line_of_pixels_keeps_one_pixel(reader, tmp_path):
    (tmp_path / "a.png").write_bytes(png_bytes(1, 1000))
    assert thumbnail(reader, 1, "a.png", 50).shape == (1, 50, 3)


def test_a_reduced_jpeg_is_the_right_way_up(reader, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = np.zeros((400, 800, 3), np.uint8)
    picture[:, :400] = 255
    (tmp_path / "a.jpg").write_bytes(encoded(Image.fromarray(picture), "JPEG", exif=exif.tobytes()))
    small = thumbnail(reader, 1, "a.jpg", 80)
    assert small.shape == (80, 40, 3)
    assert small[:30].min() > 200
    assert small[50:].max() < 50


def test_grey_jpegs_and_inks_are_reduced_too(reader, tmp_path):
    for mode in ("L", "CMYK"):
        (tmp_path / "a.jpg").write_bytes(encoded(Image.fromarray(gradient(400, 600)).convert(mode), "JPEG"))
        assert thumbnail(reader, 1, "a.jpg", 60).shape == (40, 60, 3)


def test_sixteen_bits_are_seen_through_the_window_or_their_own(reader, tmp_path):
    raw = np.linspace(1000, 2000, 100).astype(np.uint16).reshape(10, 10)
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(raw))
    own = thumbnail(reader, 1, "a.png", 64)
    assert own.min() == 0
    assert own.max() == 255
    given = thumbnail(reader, 1, "a.png", 64, window=Window(0, 65535))
    assert given.max() < 10


def test_images_of_idx_files_have_thumbnails(reader, tmp_path):
    write_idx(tmp_path / "t-images-idx3-ubyte", np.full((2, 28, 28), 9))
    assert (thumbnail(reader, 1, "t-images-idx3-ubyte::item=1", 64) == 9).all()


def test_large_originals_are_kept_by_content_and_size(reader, tmp_path):
    cache = tmp_path / "cache"
    (tmp_path / "a.jpg").write_bytes(jpeg_bytes(400, 600))
    first = thumbnail(reader, 1, "a.jpg", 60, digest=DIGEST, cache_dir=cache)
    assert sorted(path.suffix for path in cache.iterdir()) == [".list", ".pack"]
    (tmp_path / "a.jpg").unlink()
    again = thumbnail(reader, 1, "a.jpg", 60, digest=DIGEST, cache_dir=cache)
    assert np.abs(again.astype(int) - first).mean() < 4
    with pytest.raises(UnreadableImage):
        thumbnail(reader, 1, "a.jpg", 61, digest=DIGEST, cache_dir=cache)


def test_small_originals_are_not_kept(reader, tmp_path):
    (tmp_path / "a.png").write_bytes(png_bytes(300, 300))
    thumbnail(reader, 1, "a.png", 60, digest=DIGEST, cache_dir=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_damaged_or_unwritable_cache_only_means_more_work(reader, tmp_path):
    (tmp_path / "a.jpg").write_bytes(jpeg_bytes(400, 600))
    cache = tmp_path / "cache"
    keep(cache, f"{DIGEST}-60", b"\xff\xd8\xff no thumbnail")
    assert thumbnail(reader, 1, "a.jpg", 60, digest=DIGEST, cache_dir=cache).shape == (40, 60, 3)
    again = load(cache, f"{DIGEST}-60")
    assert again is not None and Image.open(io.BytesIO(again)).size == (60, 40)
    (tmp_path / "file").write_bytes(b"")
    assert thumbnail(reader, 1, "a.jpg", 60, digest=DIGEST, cache_dir=tmp_path / "file").shape == (40, 60, 3)


def test_an_unreadable_image_has_no_thumbnail(reader, tmp_path):
    (tmp_path / "a.jpg").write_bytes(jpeg_bytes(400, 600)[:2000])
    with pytest.raises(UnreadableImage) as caught:
        thumbnail(reader, 1, "a.jpg", 60)
    assert caught.value.code == "image_truncated"


@pytest.mark.parametrize("channels", [1, 2, 3, 7])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_images_of_any_channels_and_numbers_have_thumbnails(reader, tmp_path, channels, dtype):
    pixels = np.random.default_rng(7).integers(0, 256, (60, 90, channels)).astype(dtype)
    extra = ("unspecified",) * (channels - 1)
    planar = {"planarconfig": "contig", "extrasamples": extra} if channels > 1 else {}
    data = tiff_bytes(pixels.squeeze(), photometric="minisblack", metadata=None, **planar)
    (tmp_path / "a.tif").write_bytes(data)
    small = thumbnail(reader, 1, "a.tif", 30)
    assert (small.shape, small.dtype) == ((20, 30, 3), np.uint8)
    assert small.max() > 100


def test_floats_are_seen_through_the_window_or_their_own(reader, tmp_path):
    raw = np.linspace(-0.5, 0.5, 100, dtype=np.float32).reshape(10, 10)
    (tmp_path / "a.tif").write_bytes(tiff_bytes(raw))
    own = thumbnail(reader, 1, "a.tif", 64)
    assert (own.min(), own.max()) == (0, 255)
    given = thumbnail(reader, 1, "a.tif", 64, window=Window(-0.5, 4.5))
    assert given.max() in (50, 51, 52)


def test_a_dicom_file_is_seen_through_its_own_window_where_no_other_is_given(reader, tmp_path):
    raw = np.linspace(0, 2000, 100).astype(np.int16).reshape(10, 10)
    (tmp_path / "a.dcm").write_bytes(dicom_bytes(raw[None], WindowCenter="1000", WindowWidth="200"))
    own = thumbnail(reader, 1, "a.dcm", 64)[..., 0]
    assert (own[raw < 890] == 0).all()
    assert (own[raw > 1110] == 255).all()
    assert thumbnail(reader, 1, "a.dcm", 64, window=Window(0, 20_000)).max() < 30


@pytest.mark.parametrize("shape", [(1, 40_000), (40_000, 1), (3, 3)])
def test_images_of_any_shape_have_thumbnails(reader, tmp_path, shape):
    (tmp_path / "a.tif").write_bytes(tiff_bytes(np.zeros(shape, np.uint8)))
    assert max(thumbnail(reader, 1, "a.tif", 64).shape[:2]) == min(64, max(shape))


@pytest.mark.parametrize("size_px", [90, 30])
def test_images_of_many_channels_have_thumbnails_too(tmp_path, size_px):
    pixels = np.random.default_rng(0).integers(0, 4000, (100, 120, 6), np.uint16)
    tifffile.imwrite(tmp_path / "six.tif", pixels, planarconfig="contig")
    reader = ImageReader({1: Source(1, "folder", str(tmp_path))})
    assert thumbnail(reader, 1, "six.tif", size_px).shape[1:] == (size_px, 3)
