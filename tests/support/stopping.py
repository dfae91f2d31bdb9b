"""A token that is cancelled at a moment that can be told exactly."""

from core.progress import CancelToken


class StopsAt(CancelToken):
    """Is cancelled from the given time on that somebody asks; `asked` counts them."""

    def __init__(self, times):
        super().__init__()
        self.asked, self.times = 0, times

    @property
    def cancelled(self):
        self.asked += 1
        return self.asked >= self.times
