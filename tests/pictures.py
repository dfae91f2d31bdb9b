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
    "jobs": lambda window: _jobs(window),
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
    from desktop_app.workers.task_runner import JobState

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
                for job in list(window.context.tasks.active):
                    job.cancel()
                    job.finish(JobState.CANCELLED)
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
        window.show_page("images" if "images" in window.specs else window.page_id, {})
        PANELS[page](window)
    elif page == "import" and args.import_folder:
        context.show("import", new=True, folder=str(args.import_folder))
    else:
        context.show(page)
    _settle(window)


def _jobs(window: MainWindow) -> None:
    """Show the jobs panel with one job of each kind."""
    from core.progress import ProgressReport
    from core.translation import mark, tr
    from desktop_app.workers.task_runner import Job, JobState

    tasks = window.context.tasks
    if not tasks.recent:
        for title, state, summary in (
            (mark("Importing “{name}”"), JobState.DONE, "4,886 images added, 3 known already"),
            (mark("Importing “{name}”"), JobState.CANCELLED, ""),
            (mark("Importing “{name}”"), JobState.FAILED, "There is no folder /data/cells. Check the path."),
        ):
            ended = Job(tr(title, name="cells"))
            tasks.adopt(ended)
            ended.finish(state, summary)
    running = Job(tr("Importing “{name}”", name="Blood smears, second batch"), lasting=True)
    tasks.adopt(running)
    running.show_report(ProgressReport(mark("Importing images"), 3029, 4886, 75.0))
    window.open_jobs()
    _pause(SETTLE_MS)
    window.grab()


def _settle(window: MainWindow) -> None:
    """Wait until nothing is being read any more, and a moment longer for what is drawn after it."""
    for _ in range(2):
        _wait(lambda: all(job.lasting for job in window.context.tasks.active if not job.quiet))
        _wait(lambda: not any(job.quiet for job in window.context.tasks.active))
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
