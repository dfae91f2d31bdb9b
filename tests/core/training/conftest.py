import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image

from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.progress import Progress
from core.store.project import Project
from tests.core.training.tiny import tiny_pixels

LABELS = ("ash", "beech", "cedar")
PER_LABEL = 16


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Compute in one thread: tiny networks are slower in more, and much slower where others compute too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def picture_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of small pictures of three tints, `LABEL/slideNNL_NN.png`, two to a slide."""
    folder = tmp_path_factory.mktemp("pictures")
    pixels, y = tiny_pixels(PER_LABEL * len(LABELS))
    for number, (picture, label) in enumerate(zip(pixels, y.tolist(), strict=True)):
        path = folder / LABELS[label] / f"slide{number // 6:02d}{LABELS[label][0]}_{number:02d}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(picture[: 20 + number % 13]).save(path)
    return folder


@pytest.fixture(scope="session")
def imported(picture_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a closed project with these pictures, labelled and grouped and in no split."""
    root = tmp_path_factory.mktemp("imported") / "trees"
    with Project.create(root) as project:
        rules = parse_label_rule("folder"), parse_group_rule(r"pattern:(slide\d+\w)_")
        import_source(project, picture_folder, labels=rules[0], groups=rules[1], progress=Progress())
        return project.root


@pytest.fixture
def copied_project(imported: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Return what copies the imported project under a name."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(imported, tmp_path / f"{name}.coverslip"))

    return copy


@pytest.fixture
def project(copied_project: Callable[[str], Path]) -> Iterator[Project]:
    """Return the imported project, open, the test's own."""
    with Project.open(copied_project("trees")) as opened:
        yield opened
