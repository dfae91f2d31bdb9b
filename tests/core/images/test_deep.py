import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.domain.samples import Source
from core.errors import UnreadableImage
from core.export.dataset.images import ImageStore
from core.export.dataset.spec import Files
from core.images import deep
from core.images.decode import decode
from core.images.deep import deep_image, open_deep, open_sample
from core.images.pyramid import build_pyramid, halve
from core.images.reader import ImageReader
from tests.support.science import write_slide

SIZE = (700, 1100)


def picture(channels=3, dtype=np.uint8):
    shape = (*SIZE, channels) if channels > 1 else SIZE
    return np.random.default_rng(2).integers(0, np.iinfo(dtype).max, shape, dtype)


@pytest.fixture
def small_memory(monkeypatch):
    """Have every image of a test unpacked into a file, as huge ones are."""
    monkeypatch.setattr(deep, "IN_MEMORY_BYTES", 1000)


def write_jpeg(path, orientation=1):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(picture()).save(path, quality=90, exif=exif)


FILES = {
    "colour.jpg": lambda path: write_jpeg(path),
    "turned.jpg": lambda path: write_jpeg(path, 6),
    "mirrored.jpg": lambda path: write_jpeg(path, 5),
    "grey.jpg": lambda path: Image.fromarray(picture(1)).save(path),
    "colour.png": lambda path: Image.fromarray(picture()).save(path),
    "alpha.png": lambda path: Image.fromarray(picture(4)).save(path),
    "strips.tif": lambda path: tifffile.imwrite(path, picture(), rowsperstrip=33),
    "tiles.tif": lambda path: tifffile.imwrite(path, picture(1, np.uint16), tile=(256, 128), compression="zlib"),
    "big-endian.tif": lambda path: tifffile.imwrite(path, picture(1, np.uint16), byteorder=">"),
    "jpeg.tif": lambda path: tifffile.imwrite(path, picture(), tile=(128, 128), compression="jpeg"),
    "five.tif": lambda path: tifffile.imwrite(path, picture(5, np.uint16), planarconfig="contig"),
    "float.tif": lambda path: tifffile.imwrite(path, picture(1).astype(np.float32)),
    "picture.bmp": lambda path: Image.fromarray(picture()).save(path),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.usefixtures("small_memory")
def test_an_image_unpacked_into_a_file_has_the_same_pixels(tmp_path, name):
    path = tmp_path / name
    FILES[name](path)
    expected = decode(path)
    source = open_deep(path).source
    assert (source.height, source.width) == expected.shape[:2]
    np.testing.assert_array_equal(source.region(0, 0, 0, source.width, source.height), expected)
    assert source.nbytes == 0


@pytest.mark.usefixtures("small_memory")
def test_no_file_is_left_where_images_were_unpacked(tmp_path, own_home):
    write_jpeg(tmp_path / "a.jpg")
    image = open_deep(tmp_path / "a.jpg")
    assert image.source.width == SIZE[1]
    assert not list((own_home / "cache").rglob("loupe-*"))


@pytest.mark.usefixtures("small_memory")
@pytest.mark.parametrize("name", ["colour.jpg", "colour.png", "strips.tif", "tiles.tif", "jpeg.tif"])
def test_a_file_that_is_cut_off_is_refused(tmp_path, name):
    path = tmp_path / name
    FILES[name](path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(UnreadableImage):
        open_deep(path)


def test_a_header_that_lies_about_the_size_is_refused(tmp_path):
    path = tmp_path / "bomb.jpg"
    write_jpeg(path)
    data = bytearray(path.read_bytes())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = (60_000).to_bytes(2, "big") * 2
    path.write_bytes(bytes(data))
    with pytest.raises(UnreadableImage):
        open_deep(path)


@pytest.mark.usefixtures("small_memory")
def test_a_full_disk_is_said_before_anything_is_unpacked(tmp_path, monkeypatch):
    write_jpeg(tmp_path / "a.jpg")
    monkeypatch.setattr(deep, "_SPARE_BYTES", 2**62)
    with pytest.raises(UnreadableImage) as caught:
        open_deep(tmp_path / "a.jpg")
    assert caught.value.code == "image_no_room"


def test_what_is_no_image_is_refused(tmp_path):
    (tmp_path / "a.jpg").write_text("no")
    for path in (tmp_path / "a.jpg", tmp_path, tmp_path / "none.png"):
        with pytest.raises(UnreadableImage):
            open_deep(path)


def test_the_size_of_a_pixel_comes_from_the_file(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, picture(1), resolution=(20_000, 10_000), resolutionunit="CENTIMETER")
    assert open_deep(path).pixel_size_um == pytest.approx(0.5)


@pytest.mark.usefixtures("small_memory")
def test_also_of_one_that_is_unpacked_into_a_file(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, picture(1), resolution=(20_000, 10_000), resolutionunit="CENTIMETER")
    assert open_deep(path).pixel_size_um == pytest.approx(0.5)


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([np.uint8, np.uint16, np.float32]))
def test_halving_is_the_mean_of_each_block(height, width, dtype):
    pixels = np.random.default_rng(height * 10 + width).integers(0, 200, (height, width)).astype(dtype)
    half = halve(pixels)
    assert half.shape == ((height + 1) // 2, (width + 1) // 2)
    assert half.dtype == dtype
    expected = np.pad(pixels, ((0, height % 2), (0, width % 2)), mode="edge").astype(float)
    expected = expected.reshape(half.shape[0], 2, half.shape[1], 2).mean(axis=(1, 3))
    np.testing.assert_allclose(half, expected, atol=0.51 if dtype is not np.float32 else 1e-4)


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 7])
def test_pyramids_end_where_all_is_one_tile(channels):
    source = build_pyramid(picture(channels, np.uint16))
    assert source.downsamples == (1, 2, 4)
    assert source.region(2, 0, 0, 9999, 9999).shape[:2] == (175, 275)
    assert source.channels == channels


def test_regions_are_clipped_and_values_are_only_inside():
    image = deep_image(picture())
    assert image.source.region(0, 1000, 600, 512, 512).shape == (100, 100, 3)
    assert image.source.region(0, 5000, 0, 10, 10).shape[1] == 0
    assert image.source.values_at(1100, 0) is None
    assert image.source.values_at(-1, 0) is None
    assert image.source.values_at(1099, 699) == tuple(picture()[699, 1099].tolist())


def test_a_slide_is_looked_into_by_the_levels_of_its_file(tmp_path):
    pytest.importorskip("openslide")
    path = tmp_path / "a.svs"
    pixels = np.repeat(np.repeat(picture()[:60, :90], 8, axis=0), 8, axis=1)
    write_slide(path, pixels, levels=2)
    image = open_deep(path)
    source = image.source
    assert (source.width, source.height) == (720, 480)
    assert source.downsamples == (1.0, 2.0)
    assert source.values_at(10, 10) is None
    found = source.region(0, 700, 470, 512, 512)
    assert found.shape == (10, 20, 3)
    assert source.values_at(705, 475) == tuple(found[5, 5].tolist())
    assert image.pixel_size_um == pytest.approx(0.5)
    assert source.region(1, 9999, 0, 512, 512).size == 0


def test_a_box_keeps_the_scale_and_the_channels_of_its_image(tmp_path):
    pixels = np.arange(2 * 30 * 40, dtype=np.uint16).reshape(2, 30, 40)
    metadata = {"axes": "CYX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5, "Channel": {"Name": ["DAPI", "GFP"]}}
    tifffile.imwrite(tmp_path / "s.ome.tif", pixels, ome=True, photometric="minisblack", metadata=metadata)
    reader = ImageReader({1: Source(1, "folder", str(tmp_path))})
    for path in ("s.ome.tif", "s.ome.tif::box=5,6,10,8"):
        found = open_sample(reader, 1, path)
        assert (found.pixel_size_um, found.channel_names) == (0.5, ("DAPI", "GFP"))
    store = ImageStore(reader, Files.COPY)
    written = store.get(1, "s.ome.tif::box=5,6,10,8").data
    assert written == store.get(1, "s.ome.tif::box=5,6,10,8").data
    (tmp_path / "crop.tif").write_bytes(written)
    crop = open_sample(reader, 1, "crop.tif")
    assert (crop.pixel_size_um, crop.channel_names) == (0.5, ("DAPI", "GFP"))
    np.testing.assert_array_equal(decode(tmp_path / "crop.tif"), np.moveaxis(pixels[:, 6:14, 5:15], 0, -1))
