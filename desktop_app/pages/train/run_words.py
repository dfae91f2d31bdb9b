"""What the training that runs is doing, in words and as a share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.translation import tr
from desktop_app.pages.train.run_rows import duration

if TYPE_CHECKING:
    from desktop_app.pages.train.controller import TrainController


def progress_words(controller: TrainController) -> tuple[float | None, str]:
    """Return how much is done (0 to 1, None where it cannot be known) and the words beside it."""
    if not controller.running:
        return 0.0, _why_not(controller)
    if controller.stopping:
        return _share(controller), controller.stopping
    if (preparing := controller.preparing) is not None:
        words = tr(preparing.stage)
        if preparing.total:
            words += f" · {preparing.done:,} / {preparing.total:,}"
            return preparing.done / preparing.total, words + _left(preparing.seconds_left)
        return None, words
    step = controller.live.last_step
    if step is None:
        return None, tr("Getting ready…")
    words = tr(
        "Epoch {epoch} of {total} · {speed} images/s",
        epoch=step.epoch,
        total=controller.live.total_epochs,
        speed=f"{step.images_per_second:.1f}",
    )
    return _share(controller), words + _left(controller.seconds_left())


def _share(controller: TrainController) -> float | None:
    step, total = controller.live.last_step, controller.live.total_epochs
    return (step.epoch - 1 + step.step / step.steps) / total if step is not None and total else None


def _left(seconds: float | None) -> str:
    return " · " + tr("{time} left", time=duration(seconds)) if seconds is not None and seconds >= 1 else ""


def _why_not(controller: TrainController) -> str:
    counts = controller.data.counts
    if counts is None:
        return ""
    labelled = {name: n for name, n in counts.labels.items() if n}
    if len(labelled) < 2:
        return tr("Training needs images of at least two labels; there are {n}.", n=len(labelled))
    # Not the sum over the labels: an image may have several.
    images = sum(counts.splits.values()) - counts.unlabelled
    return tr("{n} labelled images, {k} labels", n=f"{images:,}", k=len(labelled))
