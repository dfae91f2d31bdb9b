"""The house as ARCHITECTURE.md draws it, held by reading the source: imports inside function bodies count too."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys

import pytest

from tests.support.source_tree import REPOSITORY, Module, cycles, import_graph, modules

ALL = modules()
CORE = modules("core")

# The floors, from the ground up; a room imports only from below, and the ground floor's rooms from each other.
FLOORS = (
    (
        "core.domain",
        "core.errors",
        "core.error_texts",
        "core.evaluation",
        "core.paths",
        "core.progress",
        "core.translation",
        "core.words",
        "core.version",
    ),
    ("core.images", "core.settings"),
    ("core.store", "core.kit", "core.backbones"),
    ("core.ingest", "core.inference", "core.embeddings"),
    ("core.quality", "core.training"),
    ("core.export", "core.saliency", "core.tracking", "core.cluster"),
    ("core.cli",),
    ("desktop_app",),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS, 1) for room in rooms}
WINDOW_FLOORS = ("workers", "widgets", "pages", "window", "main_window", "bootstrap", "__main__")

HEAVY = {"torch", "torchvision", "timm", "onnx", "onnxruntime", "onnxscript", "sklearn", "scipy", "cv2", "pyqtgraph"}
QT = {"PySide6", "shiboken6", "pyqtgraph", "desktop_app"}

# The places where any exception at all may be caught, and why.
BROAD_EXCEPT = {
    "core/cli/main.py": "the command line's last line of defence: a bug becomes a report and exit status 3",
    "core/images/decode.py": "one image that cannot be read is recorded with its reason, whatever a decoder raises",
    "desktop_app/workers/task_runner.py": "a job that fails becomes a message, never a dead thread",
    "desktop_app/workers/training_thread.py": "likewise for a training, which has a thread of its own",
    "desktop_app/bootstrap.py": "the excepthook",
}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def room_of(name: str) -> str:
    """Return the room that a dotted name is in."""
    parts = name.split(".")
    return "desktop_app" if parts[0] == "desktop_app" else ".".join(parts[:2])


def complaints(rows: list[str]) -> str:
    """Return what a failing test prints."""
    return "\n  ".join(["", *rows])


def test_every_room_of_core_has_a_floor():
    rooms = {room_of(module.name) for module in ALL if module.name != "core"}
    assert rooms <= FLOOR_OF.keys()


def test_a_room_imports_only_from_floors_below_its_own():
    wrong = [
        f"{module}:{line} imports {imported}"
        for module in ALL
        for line, imported in module.imports()
        if _goes_up(module.name, imported)
    ]
    assert not wrong, complaints(wrong)


def _goes_up(source: str, imported: str) -> bool:
    here, there = room_of(source), room_of(imported)
    if there not in FLOOR_OF or here == there or here == "core":
        return False
    return FLOOR_OF[there] >= FLOOR_OF[here] and not FLOOR_OF[there] == FLOOR_OF[here] == 1


def test_the_window_is_built_upwards_too():
    wrong = [
        f"{module}:{line} imports {imported}"
        for module in modules("desktop_app")
        for line, imported in module.imports()
        if (here := _window_floor(module.name)) is not None
        and (there := _window_floor(imported)) is not None
        and there > here
    ]
    assert not wrong, complaints(wrong)


def _window_floor(name: str) -> int | None:
    parts = name.split(".")
    inside = parts[0] == "desktop_app" and len(parts) > 1 and parts[1] in WINDOW_FLOORS
    return WINDOW_FLOORS.index(parts[1]) if inside else None


def test_core_knows_no_qt():
    wrong = [
        f"{module}:{line} imports {imported}"
        for module in CORE
        for line, imported in module.imports()
        if imported.split(".")[0] in QT
    ]
    assert not wrong, complaints(wrong)


def test_core_prints_nothing_and_never_exits_outside_its_command_line():
    wrong = [
        f"{module}:{node.lineno} {ast.unparse(node)[:60]}"
        for module in CORE
        if not module.name.startswith("core.cli")
        for node in ast.walk(module.tree)
        if _prints_or_exits(node)
    ]
    assert not wrong, complaints(wrong)


def _prints_or_exits(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise) and node.exc is not None:
        return "SystemExit" in ast.unparse(node.exc)
    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return called in {"print", "exit", "quit", "sys.exit", "os._exit", "sys.stdout.write", "sys.stderr.write"}


def test_no_module_imports_itself_in_a_circle():
    found = cycles(import_graph())
    assert not found, complaints([" <-> ".join(group) for group in found])


def test_package_files_are_empty():
    full = [str(module) for module in ALL if module.path.name == "__init__.py" and module.text.strip()]
    assert not full, complaints(full)


def test_no_file_is_longer_than_a_reader_can_hold():
    long = [
        f"{module}: {lines} lines"
        for module in [*ALL, *modules("build_scripts", "tests")]
        if (lines := len(module.text.splitlines())) > LONGEST_FILE
    ]
    assert not long, complaints(long)


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{module}:{node.lineno} {node.name}: {lines} lines"
        for module in [*ALL, *modules("build_scripts")]
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := _lines_of_code(node)) > LONGEST_FUNCTION
    ]
    assert not long, complaints(long)


def _lines_of_code(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of the body, its docstring not counted."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_only_the_named_places_catch_every_exception():
    assert [place for place in BROAD_EXCEPT if not (REPOSITORY / place).exists()] == []
    wrong = [
        f"{module}:{node.lineno}"
        for module in ALL
        if str(module) not in BROAD_EXCEPT
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node) and not _raises_again(node)
    ]
    assert not wrong, complaints(wrong)


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or ast.unparse(kind) in {"Exception", "BaseException"} for kind in kinds)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_nothing_is_kept_in_a_global():
    wrong = [
        f"{module}:{node.lineno}" for module in ALL for node in ast.walk(module.tree) if isinstance(node, ast.Global)
    ]
    assert not wrong, complaints(wrong)


def test_nothing_is_left_for_later():
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    wrong = [
        f"{module}:{number} {line.strip()[:70]}"
        for module in ALL
        for number, line in enumerate(module.text.splitlines(), 1)
        if unfinished.search(line)
    ]
    assert not wrong, complaints(wrong)


def modules_loaded_by(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after `statement`."""
    code = f"{statement}\nimport json, sys\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return {name.split(".")[0] for name in json.loads(ran.stdout.splitlines()[-1])}


def present(file: str) -> pytest.MarkDecorator:
    """Skip a test about a file that is not in the tree."""
    return pytest.mark.skipif(not (REPOSITORY / file).exists(), reason=f"{file} is not there")


@present("desktop_app/__main__.py")
def test_help_loads_neither_qt_nor_anything_heavy():
    loaded = modules_loaded_by(
        "import sys\n"
        "from desktop_app.__main__ import main\n"
        "sys.argv = ['coverslip', '--help']\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code"
    )
    assert not loaded & (HEAVY | {"PySide6", "PIL", "babel"})


@present("desktop_app/main_window.py")
def test_the_window_s_modules_load_nothing_heavy():
    loaded = modules_loaded_by("import desktop_app.bootstrap, desktop_app.main_window")
    assert not loaded & HEAVY


def test_the_graph_of_imports_is_read_from_function_bodies_too():
    module = Module(REPOSITORY / "core" / "translation.py")
    assert "babel.messages.mofile.write_mo" in {name for _, name in module.imports()}


def test_a_circle_of_imports_is_found():
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert cycles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
