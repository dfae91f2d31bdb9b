import cv2
import numpy as np
import pytest

from core.ingest.sample_set.faults import nearly_the_same
from core.ingest.sample_set.foreign import foreign_picture
from core.ingest.sample_set.optics import encode
from core.ingest.sample_set.plan import Foreign
from core.ingest.sample_set.scene import MAX_SIDE_PX, MIN_SIDE_PX, picture_of
from core.ingest.sample_set.stains import make_slide

SLIDES = [make_slide(np.random.default_rng(number), number + 1) for number in range(8)]


def _picture(defocus_um: float = 0.0, slide: int = 0) -> np.ndarray:
    return picture_of(np.random.default_rng(3), "Monocyte", SLIDES[slide], defocus_um=defocus_um)


def _sharpness(image: np.ndarray) -> float:
    return float(cv2.Laplacian(cv2.GaussianBlur(image, (0, 0), 2.0), cv2.CV_32F).std())


def test_a_picture_is_rgb_bytes_of_a_crop_size() -> None:
    image = _picture()

    assert image.dtype == np.uint8 and image.shape[2] == 3
    assert all(MIN_SIDE_PX <= side <= MAX_SIDE_PX for side in image.shape[:2])


def test_the_same_stream_gives_the_same_picture() -> None:
    assert np.array_equal(_picture(), _picture())


def test_defocus_takes_the_detail_away() -> None:
    sharpest = min(range(len(SLIDES)), key=lambda number: SLIDES[number].blur_um)

    assert _sharpness(_picture(1.2, sharpest)) < 0.7 * _sharpness(_picture(0.0, sharpest))


def test_slides_differ_in_colour() -> None:
    means = np.array([_picture(slide=slide).mean(axis=(0, 1)) for slide in range(len(SLIDES))])

    assert (np.ptp(means, axis=0) > 10).all()


def test_an_edited_copy_is_close_to_its_original_but_not_the_same() -> None:
    image = _picture()
    copy, quality = nearly_the_same(np.random.default_rng(0), image)
    height, width = copy.shape[:2]

    assert 60 <= quality <= 92
    assert 0.88 * image.shape[0] <= height <= image.shape[0] and width >= 0.88 * image.shape[1]
    small = [
        cv2.resize(cv2.cvtColor(i, cv2.COLOR_RGB2GRAY), (16, 16), interpolation=cv2.INTER_AREA) for i in (image, copy)
    ]
    alike = [
        np.corrcoef(small[0].ravel(), flipped.ravel())[0, 1]
        for flipped in (small[1], small[1][::-1], small[1][:, ::-1])
    ]
    assert max(alike) > 0.9


@pytest.mark.parametrize("foreign", Foreign)
def test_every_foreign_object_can_be_photographed_on_every_slide(foreign: Foreign) -> None:
    for number, slide in enumerate(SLIDES):
        image = foreign_picture(np.random.default_rng(number), foreign, slide)
        assert image.dtype == np.uint8 and min(image.shape[:2]) >= MIN_SIDE_PX
        assert image.std() > 1


def test_files_come_back_as_they_went_in() -> None:
    image = _picture()
    suffix, data = encode(image, 0)
    back = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)

    assert suffix == ".png" and np.array_equal(back, image)
    suffix, data = encode(image, 90)
    back = cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    assert suffix == ".jpg" and np.abs(back.astype(int) - image).mean() < 6
