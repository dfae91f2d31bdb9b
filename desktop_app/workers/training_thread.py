"""Training in a thread of its own: the loop of `core.training.session`, drained into the window.

What must stay true: the thread only ever ends by itself, at the training's next safe point; it is never terminated.
Signals carry changes of state alone. The steps, tens in a second, go into a buffer that the window empties ten times
a second, so that curves cost the event loop nothing.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from core.training.control import TrainControl
from core.training.events import StepDone

if TYPE_CHECKING:
    from core.store.project import Project
    from core.training.config import TrainConfig


class TrainingThread(QThread):
    """One training.

    Signals
    -------
    happened(TrainEvent)
        Every event but the steps.
    failed(Exception)
        The training ended with an error; the run's last checkpoint is kept.
    """

    happened = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        project: Project,
        config: TrainConfig,
        *,
        resume: int | None = None,
        allow_download: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("training")
        self.control = TrainControl()
        self._project, self._config = project, config
        self._resume, self._allow_download = resume, allow_download
        self._steps: deque[StepDone] = deque()

    def take_steps(self) -> list[StepDone]:
        """Return the steps done since the last call; from the GUI thread."""
        taken = []
        while self._steps:
            taken.append(self._steps.popleft())
        return taken

    def run(self) -> None:
        """Drain the training's events; on the thread itself."""
        try:
            # torch is slow to import: here, where nobody waits for it.
            from core.training.session import train

            for event in train(
                self._project,
                self._config,
                self.control,
                resume=self._resume,
                allow_download=self._allow_download,
                spare_core=True,
            ):
                if isinstance(event, StepDone):
                    self._steps.append(event)
                else:
                    self.happened.emit(event)
        except Exception as error:  # noqa: BLE001 - the worker boundary: every error becomes a message
            self.failed.emit(error)
