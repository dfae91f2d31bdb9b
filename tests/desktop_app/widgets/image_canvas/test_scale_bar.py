import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.widgets.image_canvas.scale_bar import scale_bar


@pytest.mark.parametrize(
    ("um", "longest", "text", "length"),
    [
        (0.5, 200, "100 µm", 200),
        (0.5, 199, "50 µm", 100),
        (3.0, 200, "500 µm", 500 / 3),
        (10.0, 200, "2 mm", 200),
        (0.001, 120, "100 nm", 100),
        (0.3, 100, "20 µm", 20 / 0.3),
    ],
)
def test_lengths_are_round_and_in_the_unit_one_would_say(um, longest, text, length):
    bar = scale_bar(um, longest)
    assert bar is not None
    assert bar.text == text
    assert bar.length_px == pytest.approx(length)


@given(st.floats(1e-5, 1e5), st.floats(20, 400))
def test_at_any_zoom_the_bar_fits_and_is_at_least_two_fifths_of_the_room(um, longest):
    bar = scale_bar(um, longest)
    assert bar is not None
    assert 0.399 * longest <= bar.length_px <= longest * 1.0001
    mantissa = bar.length_px * um / 10 ** math.floor(math.log10(bar.length_px * um * (1 + 1e-9)))
    assert min(abs(mantissa - round_one) for round_one in (1, 2, 5)) < 1e-6


@pytest.mark.parametrize("um", [0, -1, math.nan, math.inf])
def test_without_a_size_there_is_no_bar(um):
    assert scale_bar(um, 100) is None
