from core.ingest.importer import import_source
from core.ingest.rules import LABELS_BY_FOLDER
from core.progress import Progress
from core.store.project import Project
from desktop_app.workers.project_pictures import ProjectPictures
from tests.support.pictures import png_bytes


def test_pictures_are_read_where_their_folder_was_moved_to(qapp, tmp_path):
    images = tmp_path / "images"
    (images / "RBC").mkdir(parents=True)
    (images / "RBC" / "a.png").write_bytes(png_bytes(4, 5))
    with Project.create(tmp_path / "cells") as project:
        import_source(project, images, labels=LABELS_BY_FOLDER, progress=Progress())
        pictures = ProjectPictures()
        pictures.use(project)
        assert pictures.raw(1).shape[:2] == (4, 5)
        moved = images.rename(tmp_path / "moved")
        import_source(project, moved, labels=LABELS_BY_FOLDER, progress=Progress())
        assert pictures.raw(1).shape[:2] == (4, 5)
        pictures.use(None)
