from __future__ import annotations

import numpy as np

from core.quality.duplicates.frames import cut_out, framed, inner_boxes, parts_within
from core.quality.duplicates.verify import picture
from tests.core.quality.duplicates.scenes import scene


def test_what_a_plain_frame_surrounds_is_found_and_cut_out():
    inner = picture(scene(1), 20)
    whole = np.full((32, 32), 12, np.uint8)
    whole[4:24, 8:28] = inner
    boxes = inner_boxes(whole[None])
    assert boxes.tolist() == [[8, 4, 28, 24]]
    assert framed(boxes, 32).all()
    assert np.corrcoef(cut_out(whole[None], boxes)[0].ravel(), picture(scene(1), 32).ravel())[0, 1] > 0.97
    assert np.allclose(parts_within(boxes, 32)[0], [[0.625, 0, 0.125], [0, 0.625, -0.125]])


def test_pictures_without_a_frame_and_plain_ones_are_whole():
    boxes = inner_boxes(
        np.stack(
            [np.random.default_rng(1).integers(0, 255, (32, 32)).astype(np.uint8), np.full((32, 32), 90, np.uint8)]
        )
    )
    assert boxes.tolist() == [[0, 0, 32, 32]] * 2
    assert not framed(boxes, 32).any()
