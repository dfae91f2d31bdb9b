"""Pictures of every page: light and dark, English and Korean, at two sizes, to be opened and looked at.

    python -m tests.pictures OUT_DIR [--project PROJECT] [--pages images,train] [--themes light] [--languages en]

New pages join by themselves: the table of pages is that of the window. Settings and caches of the user are not touched.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.main_window import MainWindow

SIZES = ("1280x800", "1920x1080")
THEMES = ("light", "dark")
LANGUAGES = ("en", "ko")
# Panels over a page, pictured once each over the page they stand on.
PANELS: dict[str, Callable[[MainWindow], object]] = {
    "palette": lambda window: window.open_palette(),
    "keys": lambda window: window.open_keys(),
    "jobs": lambda window: window.open_jobs(),
}
PATIENCE_MS, SETTLE_MS = 20_000, 250


def main() -> int:
    """Make the pictures and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--project", type=Path)
    parser.add_argument("--pages", default="")
    parser.add_argument("--themes", default=",".join(THEMES))
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--sizes", default=",".join(SIZES))
    parser.add_argument("--import-folder", type=Path, help="what the import page shows")
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        for name in ("CONFIG", "CACHE", "LOG", "DATA"):
            os.environ[f"COVERSLIP_{name}_DIR"] = str(Path(home) / name.lower())
        count = _take_all(args)
    print(f"{count} pictures in {args.out}")
    return 0


def _take_all(args: argparse.Namespace) -> int:
    from core.settings import Settings
    from desktop_app.bootstrap import make_application, make_window
    from desktop_app.context import AppContext

    application = make_application()
    recent = (str(args.project.resolve()), "/somewhere/Moved away.coverslip") if args.project else ()
    window = make_window(AppContext(Settings(language="en", theme="light", recent_projects=recent)))
    window.show()
    count = 0
    wanted = [page for page in args.pages.split(",") if page]
    looks = itertools.product(args.themes.split(","), args.languages.split(","), args.sizes.split(","))
    for theme, language, size in looks:
        window.context.change_settings(theme=theme, language=language)
        window.resize(*map(int, size.split("x")))
        for page in [*window.specs, *PANELS]:
            if not wanted or page in wanted:
                _show(window, page, args)
                window.grab().save(str(args.out / f"{page}-{theme}-{language}-{size}.png"))
                count += 1
    window.close()
    application.processEvents()
    return count


def _show(window: MainWindow, page: str, args: argparse.Namespace) -> None:
    context = window.context
    for panel in (window.palette_panel, window.jobs_panel, window.key_sheet):
        panel.close_panel()
    if page == "start":
        context.close_project()
    elif args.project and context.project is None and page != "import":
        context.open_project(args.project)
        _wait(lambda: context.project is not None)
    if page in PANELS:
        window.show_page("images" if "images" in window.steps else window.page_id, {})
        PANELS[page](window)
    elif page == "import" and args.import_folder:
        context.show("import", new=True, folder=str(args.import_folder))
    else:
        context.show(page)
    _settle(window)


def _settle(window: MainWindow) -> None:
    """Wait until nothing is being read any more, and a moment longer for what is drawn after it."""
    _wait(lambda: not window.context.tasks.active)
    _pause(SETTLE_MS)
    _wait(lambda: not window.context.tasks.active)
    _pause(SETTLE_MS)


def _wait(condition: Callable[[], bool]) -> None:
    waited = 0
    while not condition() and waited < PATIENCE_MS:
        _pause(20)
        waited += 20
    if not condition():
        print("gave up waiting", file=sys.stderr)


def _pause(milliseconds: int) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    # An event loop of its own, because QTest.qWait does not let other threads have the interpreter.
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
