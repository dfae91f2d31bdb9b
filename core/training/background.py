"""Long work inside a generator: done by a thread, told as events, ended by the control."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

from core.progress import CancelToken, Progress, ProgressReport
from core.training.control import TrainControl
from core.training.events import Preparing

T = TypeVar("T")


def told(
    work: Callable[[Progress], T], control: TrainControl, token: CancelToken | None = None
) -> Generator[Preparing, None, T]:
    """Do `work` in a thread and yield its progress as it is reported; returns what the work returns.

    Parameters
    ----------
    token
        What ends the work; the control's own for any request, where none is given.

    Raises
    ------
    Cancelled
        A request ended the work. Any other error of the work is raised here as well.
    """
    reports: SimpleQueue[ProgressReport | None] = SimpleQueue()
    progress = Progress(reports.put, token or control.token)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="preparing") as pool:
        future = pool.submit(work, progress)
        future.add_done_callback(lambda _: reports.put(None))
        try:
            while (report := reports.get()) is not None:
                yield Preparing(report.stage, report.done, report.total, report.seconds_left)
        except GeneratorExit:
            # Nobody listens any more: the pool waits for its thread, which is to end soon.
            control.cancel()
            raise
        return future.result()
