"""Projects and kits that are damaged, or made by somebody else."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from core.cli.main import main
from tests.integration.hostile.case import Case, Given, Make, Place, refused


def _project(change: Callable[[Path], object]) -> Make:
    def make(place: Place) -> Given:
        made = place.around / "victim.coverslip"
        main(["new", str(made), "--json"])
        change(made / "project.db")
        return Given(command=("info", str(made)))

    return make


def _kit(change: Callable[[Path], object]) -> Make:
    def make(place: Place) -> Given:
        kit = place.around / "kit"
        shutil.copytree(place.kit, kit)
        change(kit)
        return Given(command=("verify", str(kit)))

    return make


def _sql(*lines: str) -> Callable[[Path], None]:
    def change(database: Path) -> None:
        connection = sqlite3.connect(database)
        with connection:
            for line in lines:
                connection.execute(line)
        connection.close()

    return change


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _written(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


_DAMAGED = refused("project_damaged", "project_newer", "project_missing")
_BAD_KIT = refused("kit_damaged", "kit_incomplete", "kit_not_one", "kit_newer", "model_damaged", "model_foreign")

CASES: tuple[Case, ...] = (
    Case("project", "database cut in half", _project(_cut), _DAMAGED),
    Case("project", "database of text", _project(_written(b"no database" * 99)), _DAMAGED),
    Case("project", "database that is empty", _project(_written(b"")), _DAMAGED),
    Case("project", "database of another program", _project(_sql("DROP TABLE sample")), _DAMAGED),
    Case("project", "database of the future", _project(_sql("PRAGMA user_version=999")), _DAMAGED),
    Case("project", "database that is gone", _project(Path.unlink), _DAMAGED),
    Case("kit", "model cut in half", _kit(lambda kit: _cut(kit / "model.onnx")), _BAD_KIT),
    Case("kit", "model of text", _kit(lambda kit: (kit / "model.onnx").write_text("no model")), _BAD_KIT),
    Case("kit", "metadata cut in half", _kit(lambda kit: _cut(kit / "metadata.json")), _BAD_KIT),
    Case("kit", "metadata 100,000 deep", _kit(lambda kit: (kit / "metadata.json").write_text("[" * 10**5)), _BAD_KIT),
    Case("kit", "labels of another", _kit(lambda kit: (kit / "labels.txt").write_text("x\ny\n")), _BAD_KIT),
    Case("kit", "proof of nonsense", _kit(lambda kit: (kit / "proof.json").write_text('{"n": []}')), _BAD_KIT),
    Case("kit", "golden images that are gone", _kit(lambda kit: shutil.rmtree(kit / "golden")), _BAD_KIT),
    Case("kit", "nothing in it", _kit(lambda kit: [path.unlink() for path in kit.glob("*.*")]), _BAD_KIT),
)
