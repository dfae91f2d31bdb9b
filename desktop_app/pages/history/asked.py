"""What the user asks of the history: the filters as they are entered, and what they mean to the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from core.domain.edits import kinds_saying
from core.domain.moments import utc_moment
from core.store.history import HistoryFilter
from core.translation import mark
from desktop_app.pages.history.words import KINDS

# How many days back, today included.
PRESETS: Final[dict[str, tuple[str, int]]] = {
    "today": (mark("Today"), 1),
    "week": (mark("7 days"), 7),
    "month": (mark("30 days"), 30),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters; an empty one asks for nothing.

    `kinds` are keys of `KINDS`; `since` and `until` are days or moments as typed, in local time, the latter included;
    `sample` is an image's id, called `sample_name`.
    """

    users: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    label: str = ""
    since: str = ""
    until: str = ""
    sample: int | None = None
    sample_name: str = ""
    text: str = ""

    def wanted(self) -> HistoryFilter:
        """Return what the store is asked; raises `UserError` ``moment_invalid``."""
        text = self.text.strip()
        return HistoryFilter(
            since=utc_moment(self.since) if self.since.strip() else "",
            until=utc_moment(self.until, end=True) if self.until.strip() else "",
            users=self.users,
            tools=self.tools,
            kinds=tuple(kind for group in self.kinds for kind in KINDS[group][1]),
            label=self.label,
            sample_id=self.sample,
            text=text,
            text_kinds=kinds_saying(text),
        )

    def of_days(self, preset: str, now: datetime | None = None) -> Asked:
        """Return this for the last days, as `PRESETS` name them."""
        today = (now or datetime.now().astimezone()).date()
        first = today - timedelta(days=PRESETS[preset][1] - 1)
        return replace(self, since=f"{first:%Y-%m-%d}", until="")

    def days_words(self) -> str:
        """Return the days asked for: “2024-05-01 – 2024-05-07”; empty for all."""
        if not self.since and not self.until:
            return ""
        return f"{self.since or '…'} – {self.until or '…'}"


EVERYTHING: Final = Asked()
