import pytest

from core.embeddings.labelled import read_pool
from core.errors import Cancelled
from core.progress import Progress
from tests.benchmarks.big_project import big_project
from tests.support.stopping import StopsAt

SAMPLES = 20_000


def test_reading_many_samples_asks_all_along_whether_to_go_on(tmp_path):
    with big_project(tmp_path, SAMPLES) as project:
        whole = StopsAt(10**9)
        assert len(read_pool(project, Progress(token=whole))) == SAMPLES * 49 // 50
        assert whole.asked >= SAMPLES // 2_500
        midway = StopsAt(whole.asked // 2)
        with pytest.raises(Cancelled):
            read_pool(project, Progress(token=midway))
        assert midway.asked == whole.asked // 2
        assert len(read_pool(project)) == SAMPLES * 49 // 50
