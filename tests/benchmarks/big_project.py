"""A project of very many samples for the benchmarks: rows alone, written by one statement, or with small pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import simplejpeg

from core.domain.samples import NewSample
from core.store.project import Project
from core.store.samples import add_samples, finish_import
from core.store.sources import add_source

LABELS = ("RBC", "WBC", "Platelets", "Blasts", "Debris")
PER_GROUP = 500


PICTURES = 2_000
_SHELVES = 500


def big_project(folder: Path, count: int, *, pictures: bool = False) -> Project:
    """Return an open project ``folder/big.coverslip`` of `count` samples with labels, groups, splits and predictions.

    Every fifth sample has no label, every 50th is uncertain, every 70th has a tag. The files are not there, unless
    `pictures` is asked for: then a million paths lead to 2,000 small JPEGs, through 500 links to their folder.
    """
    project = Project.create(folder / "big")
    source = add_source(project, "folder", write_pictures(folder / "pictures") if pictures else folder)
    path = (
        f"printf('shelf_%03d/cell_%04d.jpg', (i / {PICTURES}) % {_SHELVES}, i % {PICTURES})"
        if pictures
        else "printf('slide_%05d/cell_%07d.png', (i * 7919) % 997, i)"
    )
    add_samples(project, source.id, [NewSample(f"seed/{name}.png", name, 1, 1, label=name) for name in LABELS])
    with project.db.write() as connection:
        connection.execute("DELETE FROM sample")
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        connection.execute(
            f"INSERT INTO sample_group (name) {numbers} SELECT printf('slide_%05d', i) FROM n"
            f" WHERE i <= {count // PER_GROUP + 1}"
        )
        connection.execute(
            "INSERT INTO sample (id, source_id, path, digest, size_bytes, mtime_ns, width, height, channels, bit_depth,"
            f" label_id, group_id, split, state, added_at) {numbers}"
            f" SELECT i, 1, {path}, printf('%032x', i), 4096,"
            " 1700000000000000000 + (i * 104729 % 1000003) * 60000000000, 40 + i * 31 % 200, 40 + i * 17 % 200, 3, 8,"
            f" CASE WHEN i % 5 = 0 THEN NULL ELSE 1 + (i * 31) % {len(LABELS)} END, 1 + (i - 1) / {PER_GROUP},"
            " i % 4, i % 50 = 0, '2026-01-05T09:30:00.000+00:00' FROM n"
        )
        connection.execute("INSERT INTO tag (name) VALUES ('blurred')")
        connection.execute("INSERT INTO sample_tag SELECT id, 1 FROM sample WHERE id % 70 = 0")
        connection.execute(
            "INSERT INTO run (id, state, backbone, created_at, config) VALUES (1, 'done', 'x', '', '{}')"
        )
        connection.execute(
            f"INSERT INTO prediction SELECT 1, id, 1 + (id * 31 + (id % 21 = 0)) % {len(LABELS)},"
            " 0.3 + (id * 7919 % 7001) / 10001.0 FROM sample ORDER BY id"
        )
        connection.execute("ANALYZE")
    finish_import(project, source, count)
    return project


def write_pictures(folder: Path) -> Path:
    """Write 2,000 small JPEGs, to be found on each of 500 shelves; return the folder of the shelves."""
    drawer = folder / "drawer"
    drawer.mkdir(parents=True)
    random = np.random.default_rng(7)
    y, x = np.mgrid[0:160, 0:160]
    for number in range(PICTURES):
        centre, radius = random.integers(50, 110, 2), random.integers(20, 48)
        inside = (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < radius**2
        pixels = np.where(inside[..., None], random.integers(60, 200, 3), random.integers(205, 245, 3))
        noisy = np.clip(pixels + random.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8)
        (drawer / f"cell_{number:04}.jpg").write_bytes(simplejpeg.encode_jpeg(noisy, quality=85))
    for shelf in range(_SHELVES):
        (folder / f"shelf_{shelf:03}").symlink_to("drawer")
    return folder
