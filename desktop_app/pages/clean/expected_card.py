"""How many real errors are still to be expected, how far the user has come, and when to stop."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QProgressBar, QWidget

from core.translation import tr, tr_n
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.outlook import Outlook
from desktop_app.theme import Theme
from desktop_app.widgets.basics import row, text
from desktop_app.widgets.card import Card


class ExpectedCard(Card):
    """Hidden while nothing can be expected: before label suspects were looked for."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(theme, tr("Still wrong, expected"))
        self._controller = controller
        self._value, self._interval = text("–", "big"), text("", "muted", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._words = text("", "small", wrap=True)
        line = row(self._value, self._interval)
        line.setStretch(1, 1)
        self.add(line)
        widgets: tuple[QWidget, ...] = (self._bar, self._words)
        for widget in widgets:
            self.add(widget)
        controller.teaching.changed.connect(self.refresh)
        controller.facts_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the estimate."""
        outlook = self._controller.teaching.outlook
        # Without a parent it would be a window of its own.
        self.setVisible(outlook is not None and self.parentWidget() is not None)
        if outlook is None:
            return
        expected = outlook.expected
        self._value.setText(f"{expected.value:,.0f}")
        self._interval.setText(_of_all(outlook))
        self._bar.setMaximum(max(1, outlook.looked_at + outlook.more))
        self._bar.setValue(outlook.looked_at)
        self._bar.setAccessibleName(tr("How far label suspects are worked through"))
        self._words.setText(self._sentence())

    def _sentence(self) -> str:
        outlook = self._controller.teaching.outlook
        if outlook is None:
            return ""
        said = []
        if outlook.looked_at:
            said.append(
                tr_n(
                    "{n} case looked at, {wrong} of them wrong.",
                    "{n} cases looked at, {wrong} of them wrong.",
                    outlook.looked_at,
                    wrong=f"{outlook.wrong:,}",
                )
            )
        if not outlook.order:
            said.append(tr("No case is left to be looked at."))
        elif outlook.stop:
            said.append(tr("Fewer than 1 in 10 of the next would be wrong: a good place to stop."))
        else:
            said.append(
                tr_n(
                    "About {n} more case until the yield falls under 1 in 10.",
                    "About {n} more cases until the yield falls under 1 in 10.",
                    outlook.more,
                )
            )
        return " ".join(said)


def _of_all(outlook: Outlook) -> str:
    """Return the interval, and of how many; where an image may have several labels, each is an answer about it."""
    numbers = {
        name: f"{value:,.0f}" for name, value in (("low", outlook.expected.low), ("high", outlook.expected.high))
    }
    total = f"{outlook.total:,}"
    if math.isnan(outlook.expected.low):
        return tr("of {total}", total=total)
    if outlook.answers:
        return tr("({low}–{high}) of {total} answers, one for each label of each image", total=total, **numbers)
    return tr("({low}–{high}) of {total}", total=total, **numbers)
