"""The curves of one run, or of two laid over one another, as they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.translation import tr
from desktop_app.pages.train.curves import Curves
from desktop_app.theme import Theme
from desktop_app.widgets.curve_plot import Curve

# The colour of val, and of the second run of a comparison: a warm one beside the accent.
SECOND_COLOUR: Final = {False: "#C2570C", True: "#E58A3C"}


def drawn_curves(shown: Sequence[tuple[str, Curves]], theme: Theme) -> tuple[list[Curve], list[Curve]]:
    """Return the curves of the loss and of macro-F1; val is dashed.

    One run has a colour for train and one for val; of two runs each has its own colour.
    """
    losses: list[Curve] = []
    scores: list[Curve] = []
    for index, (title, curves) in enumerate(shown):
        colours = (theme.tokens.accent, SECOND_COLOUR[theme.dark])
        if len(shown) > 1:
            colours = (colours[index], colours[index])
        else:
            losses.append(Curve("", colours[0], curves.step_epochs, curves.step_losses, faint=True))
        compared = title if len(shown) > 1 else ""
        losses += _loss(curves, colours, compared)
        scores += _score(curves, colours, compared)
    return losses, scores


def _loss(curves: Curves, colours: tuple[str, str], compared: str) -> list[Curve]:
    smooth, val = curves.smooth_losses, [epoch.val.loss for epoch in curves.epochs]
    return _pair(curves.step_epochs, smooth, [epoch.epoch for epoch in curves.epochs], val, colours, compared)


def _score(curves: Curves, colours: tuple[str, str], compared: str) -> list[Curve]:
    epochs = [epoch.epoch for epoch in curves.epochs]
    train, val = ([getattr(epoch, part).macro_f1 for epoch in curves.epochs] for part in ("train", "val"))
    return _pair(epochs, train, epochs, val, colours, compared)


def _pair(
    train_x: Sequence[float],
    train_y: Sequence[float],
    val_x: Sequence[float],
    val_y: Sequence[float],
    colours: tuple[str, str],
    compared: str,
) -> list[Curve]:
    """Return the curve of train and the one of val; of a run that is `compared` the legend says as little as it can."""
    names = [
        f"{name} {values[-1]:.3f}" if values else name for name, values in ((tr("train"), train_y), (tr("val"), val_y))
    ]
    tip = " · ".join([compared, *names]) if compared else ""
    if compared:
        names = [compared, f"{val_y[-1]:.3f}" if val_y else tr("val")]
    return [
        Curve(names[0], colours[0], train_x, train_y, tip=tip),
        Curve(names[1], colours[1], val_x, val_y, dashed=True, tip=tip),
    ]
