import numpy as np

from core.store.predictions import predictions_of, surest_labels, write_predictions
from core.store.runs import create_run
from tests.support.projects import project_with_rows


def test_the_surest_label_of_each_sample_is_found_at_once(tmp_path):
    project = project_with_rows(tmp_path, [(f"{i}.png", None, None) for i in range(15)])
    run = create_run(project, "efficientnet_lite0", "{}")
    random = np.random.default_rng(3)
    samples, labels = np.divmod(random.permutation(60), 4)
    write_predictions(project, run.id, samples + 1, labels, random.choice([0.2, 0.5, 0.9], 60))
    asked = np.array([1, 2, 5, 9, 15, 99])
    every = predictions_of(project, run.id, asked)
    assert surest_labels(project, run.id, asked).tolist() == [every[one][0][0] for one in asked[:5].tolist()] + [-1]
    assert surest_labels(project, run.id + 1, asked).tolist() == [-1] * 6
    project.close()
