"""What the curves say, in words: is it still learning, has it begun to over-fit, would stopping now cost much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.training.events import EpochDone
from core.translation import tr

# Over-fitting shows as a validation loss that rises while the training loss falls; less than this is noise.
_NOTICEABLE: Final = 0.02
_WINDOW: Final = 3


def curve_hint(epochs: Sequence[EpochDone], *, finished: bool = False) -> str:
    """Return one or two sentences on the epochs so far, in the language in use; empty before there is one.

    A run that has `finished` is told of as a whole: what stopping would cost is no question any more.
    """
    if not epochs:
        return ""
    best = max(epochs, key=lambda epoch: epoch.val.macro_f1)
    if finished:
        return _verdict(epochs, best)
    if len(epochs) < _WINDOW:
        return tr("Too early to tell: macro-F1 on val is {score} so far.", score=f"{best.val.macro_f1:.3f}")
    return f"{_fit(epochs)} {_outlook(epochs, best)}"


def _verdict(epochs: Sequence[EpochDone], best: EpochDone) -> str:
    score = f"{best.val.macro_f1:.3f}"
    if len(epochs) < _WINDOW:
        return tr("Finished: macro-F1 on val is {score}.", score=score)
    words = tr("Finished: epoch {epoch} was the best, with macro-F1 {score} on val.", epoch=best.epoch, score=score)
    return f"{words} {_fit(epochs)}"


def _fit(epochs: Sequence[EpochDone]) -> str:
    lowest = min(epochs, key=lambda epoch: epoch.val.loss)
    last = epochs[-1]
    rising = last.val.loss - lowest.val.loss > _NOTICEABLE * max(lowest.val.loss, 1.0)
    if rising and last.train.loss < lowest.train.loss:
        return tr(
            "It has begun to over-fit: the loss on val rises since epoch {epoch} while that on train still falls. "
            "More augmentation or fewer epochs would help.",
            epoch=lowest.epoch,
        )
    if rising:
        return tr("The loss on val goes up and down: a lower learning rate would steady it.")
    return tr("Validation follows training closely: no over-fitting so far.")


def _outlook(epochs: Sequence[EpochDone], best: EpochDone) -> str:
    before = max(epoch.val.macro_f1 for epoch in epochs[:-_WINDOW]) if len(epochs) > _WINDOW else None
    if before is None:
        return ""
    gain = best.val.macro_f1 - before
    if gain < 0.005:
        return tr(
            "The last {n} epochs gained {gain} in macro-F1: stopping now would cost little.",
            n=_WINDOW,
            gain=f"{max(gain, 0):.3f}",
        )
    return tr("The last {n} epochs gained {gain} in macro-F1: it is still learning.", n=_WINDOW, gain=f"{gain:.3f}")
