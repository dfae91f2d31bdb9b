import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ingest.sample_set.cells import LABELS
from core.ingest.sample_set.painter import Painting, paint_cell
from core.ingest.sample_set.stains import STAINS
from core.ingest.sample_set.textures import canvas_of


@pytest.mark.parametrize("label", LABELS)
@settings(max_examples=15)
@given(seed=st.integers(0, 100_000))
def test_a_cell_is_of_a_size_that_blood_cells_have(label: str, seed: int) -> None:
    cell = LABELS[label](np.random.default_rng(seed))

    assert 3.5 <= cell.radius_um <= 9.5
    assert 1.0 <= cell.aspect < 1.5
    assert set(cell.cytoplasm) <= set(STAINS) and all(g.stain in STAINS for g in cell.granules)
    assert cell.nucleus and all(np.hypot(x, y) < 1.0 and 0.1 < r < 1.0 for x, y, r in cell.nucleus)


@pytest.mark.parametrize("label", LABELS)
def test_the_nucleus_is_the_darkest_part_and_lies_inside_the_cell(label: str) -> None:
    rng = np.random.default_rng(4)
    painting = Painting(canvas_of(120, 120, 6.0))
    outline = paint_cell(rng, painting, LABELS[label](rng))
    azure = painting.planes[STAINS["azure"]]

    assert azure[outline < -0.5].max() > 0.4
    assert azure[outline > 1.0].max() < 0.05
    assert painting.planes.min() >= 0


def test_eosinophils_are_orange_basophils_dark_and_ripe_erythroblasts_full_of_haemoglobin() -> None:
    def held(label: str, stain: str) -> float:
        rng = np.random.default_rng(1)
        painting = Painting(canvas_of(120, 120, 6.0))
        for _ in range(5):
            paint_cell(rng, painting, LABELS[label](rng))
        return float(painting.planes[STAINS[stain]].mean())

    assert held("Eosinophil", "orange") > 0.02 > held("Neutrophil", "orange")
    assert held("Basophil", "dark") > 0.02 > held("Lymphocyte", "dark")
    assert held("Erythroblast", "haem") > 0.02 > held("Lymphocyte", "haem")


def test_a_cell_far_outside_the_field_leaves_no_trace() -> None:
    rng = np.random.default_rng(2)
    painting = Painting(canvas_of(60, 60, 6.0))
    paint_cell(rng, painting, LABELS["Neutrophil"](rng), 60.0, 0.0)

    assert painting.planes.max() < 1e-3
