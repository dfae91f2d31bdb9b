"""A project of very many samples for the benchmarks: rows alone, written by one statement, or with small pictures."""

from __future__ import annotations

from pathlib import Path

from core.domain.samples import NewSample
from core.store.project import Project
from core.store.samples import add_samples, finish_import
from core.store.sources import add_source

LABELS = ("RBC", "WBC", "Platelets", "Blasts", "Debris")
PER_GROUP = 500


def big_project(folder: Path, count: int) -> Project:
    """Return an open project ``folder/big.coverslip`` of `count` samples with labels, groups, splits and predictions.

    Every fifth sample has no label, every 50th is uncertain, every 70th has a tag. The files are not there.
    """
    project = Project.create(folder / "big")
    source = add_source(project, "folder", folder)
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
            " SELECT i, 1, printf('slide_%05d/cell_%07d.png', (i * 7919) % 997, i), printf('%032x', i), 4096,"
            " 1700000000000000000 + (i * 104729 % 1000003) * 60000000000, 40 + i * 31 % 200, 40 + i * 17 % 200, 3, 8,"
            f" CASE WHEN i % 5 = 0 THEN NULL ELSE 1 + (i * 31) % {len(LABELS)} END, 1 + (i - 1) / {PER_GROUP},"
            " i % 4, i % 50 = 0, '' FROM n"
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
