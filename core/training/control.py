"""How a running training is asked to pause, to stop or to end: the one thing it shares with whoever watches it."""

from __future__ import annotations

import threading
from enum import StrEnum

from core.progress import CancelToken


class Request(StrEnum):
    """What is asked of a training.

    `PAUSE` keeps its exact place, to be resumed to the same result; `STOP` ends it and keeps the best epoch so far as
    a finished model; `CANCEL` ends it now, and it can be resumed from its last checkpoint.
    """

    CONTINUE = "continue"
    PAUSE = "pause"
    STOP = "stop"
    CANCEL = "cancel"


class TrainControl:
    """Asks one training to pause, stop or end; any thread may call it.

    A request is met at the training's next safe point, at most one step later. A stronger request replaces a weaker
    one (`CANCEL` over `STOP` over `PAUSE`), never the other way round.
    """

    _STRENGTH = (Request.CONTINUE, Request.PAUSE, Request.STOP, Request.CANCEL)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._request = Request.CONTINUE
        self.token: CancelToken = _RequestToken(self)

    @property
    def request(self) -> Request:
        """What is asked for now."""
        return self._request

    def pause(self) -> None:
        """Ask to keep the place and end as a run that can be resumed."""
        self._raise_to(Request.PAUSE)

    def resume(self) -> None:
        """Take back a pause that was not met yet."""
        with self._lock:
            if self._request is Request.PAUSE:
                self._request = Request.CONTINUE

    def stop(self) -> None:
        """Ask to end and keep the best epoch so far."""
        self._raise_to(Request.STOP)

    def cancel(self) -> None:
        """Ask to end now."""
        self._raise_to(Request.CANCEL)

    def _raise_to(self, request: Request) -> None:
        with self._lock:
            if self._STRENGTH.index(request) > self._STRENGTH.index(self._request):
                self._request = request


class _RequestToken(CancelToken):
    """The token of the work before and after the epochs: any request ends it, for nothing there is worth keeping."""

    def __init__(self, control: TrainControl) -> None:
        super().__init__()
        self._control = control

    def cancel(self) -> None:
        self._control.cancel()

    @property
    def cancelled(self) -> bool:
        return self._control.request is not Request.CONTINUE


class FinishToken(CancelToken):
    """The token of the work after the epochs: stopping early is how it came to be, and does not end it."""

    def __init__(self, control: TrainControl) -> None:
        super().__init__()
        self._control = control

    def cancel(self) -> None:
        """Cancel the training."""
        self._control.cancel()

    @property
    def cancelled(self) -> bool:
        """Whether a pause or an end was asked for."""
        return self._control.request in (Request.PAUSE, Request.CANCEL)
