"""What the curves say, in words: is it still learning, has it begun to over-fit, would stopping now cost much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.training.events import EpochDone
from core.translation import mark, tr

# Over-fitting shows as a validation loss that rises while the training loss falls; less than this is noise.
_NOTICEABLE: Final = 0.02
_WINDOW: Final = 3
# By whether epochs are compared by their ranking, as they are where an image can have many labels.
_EARLY: Final = {
    False: mark("Too early to tell: macro-F1 on val is {score} so far."),
    True: mark("Too early to tell: mean average precision on val is {score} so far."),
}
_FINISHED: Final = {
    False: mark("Finished: macro-F1 on val is {score}."),
    True: mark("Finished: mean average precision on val is {score}."),
}
_BEST: Final = {
    False: mark("Finished: epoch {epoch} was the best, with macro-F1 {score} on val."),
    True: mark("Finished: epoch {epoch} was the best, with mean average precision {score} on val."),
}
_FLAT: Final = {
    False: mark("The last {n} epochs gained {gain} in macro-F1: stopping now would cost little."),
    True: mark("The last {n} epochs gained {gain} in mean average precision: stopping now would cost little."),
}
_RISING: Final = {
    False: mark("The last {n} epochs gained {gain} in macro-F1: it is still learning."),
    True: mark("The last {n} epochs gained {gain} in mean average precision: it is still learning."),
}


def curve_hint(epochs: Sequence[EpochDone], *, finished: bool = False) -> str:
    """Return one or two sentences on the epochs so far, in the language in use; empty before there is one.

    A run that has `finished` is told of as a whole: what stopping would cost is no question any more.
    """
    if not epochs:
        return ""
    best = max(epochs, key=lambda epoch: epoch.val.score)
    if finished:
        return _verdict(epochs, best)
    if len(epochs) < _WINDOW:
        return tr(_EARLY[_ranked(best)], score=f"{best.val.score:.3f}")
    return f"{_fit(epochs)} {_outlook(epochs, best)}"


def _verdict(epochs: Sequence[EpochDone], best: EpochDone) -> str:
    score = f"{best.val.score:.3f}"
    if len(epochs) < _WINDOW:
        return tr(_FINISHED[_ranked(best)], score=score)
    words = tr(_BEST[_ranked(best)], epoch=best.epoch, score=score)
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
    before = max(epoch.val.score for epoch in epochs[:-_WINDOW]) if len(epochs) > _WINDOW else None
    if before is None:
        return ""
    gain = best.val.score - before
    text = (_FLAT if gain < 0.005 else _RISING)[_ranked(best)]
    return tr(text, n=_WINDOW, gain=f"{max(gain, 0):.3f}")


def _ranked(epoch: EpochDone) -> bool:
    return epoch.val.mean_average_precision is not None
