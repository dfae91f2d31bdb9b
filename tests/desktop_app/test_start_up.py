from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.__main__ import main

HEAVY = {"torch", "torchvision", "timm", "onnx", "onnxruntime", "sklearn", "cv2", "pyqtgraph", "matplotlib", "pandas"}

SHOW_THE_START_PAGE = """
import json, sys
from PySide6.QtCore import QTimer
from desktop_app import bootstrap

bootstrap.warm_up = lambda window: None
seen = {}

def look():
    window = bootstrap.QApplication.topLevelWidgets()
    main = next(w for w in window if type(w).__name__ == "MainWindow")
    seen.update(page=main.page_id, visible=main.current_page().isVisible(), loaded=sorted(sys.modules))
    main.close()

QTimer.singleShot(0, look)
code = bootstrap.run()
print(json.dumps(seen | {"code": code}))
"""


def run_python(script: str, own_places: Path) -> str:
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout


def test_the_start_page_appears_without_anything_heavy(own_places: Path):
    import json

    seen = json.loads(run_python(SHOW_THE_START_PAGE, own_places).splitlines()[-1])
    assert (seen["page"], seen["visible"], seen["code"]) == ("start", True, 0)
    assert not HEAVY & set(seen["loaded"])
    assert (own_places / "log" / "coverslip.log").is_file()


def test_the_command_line_needs_no_qt(own_places: Path):
    script = (
        "import sys; from desktop_app.__main__ import main\n"
        "code = main(['info', 'nowhere.coverslip'])\n"
        "assert not any(name.startswith('PySide6') for name in sys.modules), 'Qt'\n"
        "print(code)"
    )
    assert run_python(script, own_places).strip().endswith("1")


@pytest.mark.parametrize("arguments", [["app", "a", "b"], ["nonsense"]])
def test_what_is_no_project_goes_to_the_command_line(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(arguments) == 2
    assert "usage" in capsys.readouterr().err
