"""The one composition root: settings, language, logging, QApplication, exception hook, context, window, in this order.

Nothing else in the application makes these, and nothing keeps them in a global.
"""

from __future__ import annotations

import gc
import logging
import sys
import threading
from importlib import resources
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTimer, QTranslator, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from core.errors import Cancelled
from core.paths import user_log_dir
from core.progress import Progress
from core.settings import load_settings
from core.translation import current_language, tr, tr_n, use_language
from desktop_app.context import AppContext, language_of
from desktop_app.main_window import MainWindow
from desktop_app.pages.registry import PageSpec
from desktop_app.style_sheet import apply_to
from desktop_app.theme import theme_for
from desktop_app.workers.garbage import GarbageCollector

_LOG_BYTES, _LOG_FILES = 1_000_000, 3
_IDLE_MS = 400
_SWITCH_S = 0.001
_LARGE_PAGES = ("images", "clean")
"""Dozens of modules each: their first showing would wait for a tenth of a second until they are imported."""
_PARTS_OF_QT = ("qtbase",)
log = logging.getLogger("coverslip")


def run(project: Path | None = None) -> int:
    """Open the window, on `project` if one is given, and return the exit code when it is closed."""
    settings = load_settings()
    use_language(language_of(settings))
    log_to_file()
    application = make_application()
    window = make_window(AppContext(settings))
    with_hook = _ExceptionHook(window)
    sys.excepthook, threading.excepthook = with_hook.main_thread, with_hook.other_thread
    window.show()
    garbage = favour_the_window(window)
    if project is not None:
        window.context.open_project(project)
    QTimer.singleShot(_IDLE_MS, lambda: warm_up(window))
    try:
        return application.exec()
    finally:
        garbage.close()


def make_application() -> QApplication:
    """Make the QApplication: its names, its style, and Qt's own texts in the language in use."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Coverslip")
    application.setDesktopFileName("coverslip")
    application.setWindowIcon(QIcon(str(resources.files("resources") / "logo.svg")))
    application.setStyle("Fusion")
    return application


def make_window(context: AppContext, steps: tuple[PageSpec, ...] | None = None) -> MainWindow:
    """Build the window on `context`, dressed in its theme; Qt's own dialogs follow the language from now on."""
    application = QApplication.instance()
    if isinstance(application, QApplication):
        context.theme = theme_for(context.settings.theme)
        apply_to(application, context.theme)
        texts = QtTexts(application)
        texts.follow()
        # Before the window, whose pages are built anew at the same signal.
        context.language_changed.connect(texts.follow)
    return MainWindow(context, steps)


class QtTexts(QObject):
    """Qt's own texts (file dialogs, context menus) in the language of the application."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._translators: list[QTranslator] = []

    def follow(self) -> None:
        """Take the language in use."""
        for translator in self._translators:
            self._application.removeTranslator(translator)
        self._translators = []
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        locale = QLocale(current_language())
        for part in _PARTS_OF_QT:
            translator = QTranslator(self)
            if translator.load(locale, part, "_", folder):
                self._application.installTranslator(translator)
                self._translators.append(translator)


def log_to_file() -> None:
    """Write the log to a file of bounded size; where that cannot be, go without."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    try:
        user_log_dir().mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            user_log_dir() / "coverslip.log", maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"
        )
    except OSError as error:
        root.warning("no log file: %s", error)
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)


def favour_the_window(window: MainWindow) -> GarbageCollector:
    """Keep Python from stopping the window, once it stands.

    Garbage is collected when it suits the window, and what is there by now stays for good and is left out. And threads
    that decode hand over the interpreter after a fraction of a frame.
    """
    sys.setswitchinterval(_SWITCH_S)
    gc.freeze()
    return GarbageCollector(window)


def warm_up(window: MainWindow) -> None:
    """Import torch and large pages in the background, so that no click waits for them, and say what will compute."""
    choice = window.context.settings.device

    def load(progress: Progress) -> tuple[str, str]:
        from core.backbones.device import DeviceKind, pick_device

        progress.checkpoint()
        for spec in window.steps:
            if spec.id in _LARGE_PAGES:
                spec.load()
        device = pick_device(choice, spare_core=True)
        if device.kind is DeviceKind.CPU:
            name = f"{device.name} · " + tr_n("{n} thread", "{n} threads", device.threads)
            return name, tr("Training and prediction run on the processor")
        return device.name, tr("Training and prediction run on the graphics card")

    def show(device: tuple[str, str]) -> None:
        gc.freeze()  # a full collection would walk through all of torch, 60 ms of it, and find nothing
        window.show_device(*device)

    window.context.tasks.run(tr("Starting torch"), load, done=show, quiet=True, lasting=True)


class _ExceptionHook(QObject):
    """The last boundary: what nobody caught is logged and becomes a report the user can copy."""

    _caught = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._caught.connect(window.report_bug)
        window.context.tasks.bug.connect(self._log)

    def main_thread(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Replace `sys.excepthook`."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
        elif not issubclass(kind, Cancelled):
            self._log(error)
            self._caught.emit(error)

    def other_thread(self, caught: threading.ExceptHookArgs) -> None:
        """Replace `threading.excepthook`; the signal brings the error to the GUI thread."""
        if caught.exc_value is not None:
            self.main_thread(caught.exc_type, caught.exc_value, caught.exc_traceback)

    def _log(self, error: BaseException) -> None:
        log.error("unexpected error", exc_info=error)
