"""Amounts as a person says them: file sizes and times."""

from __future__ import annotations

from core.translation import tr, tr_n


def bytes_words(size: int) -> str:
    """Return a file size with a fitting unit, such as “3.1 kB”."""
    if size < 1000:
        return f"{size} B"
    amount, units = size / 1000, ["kB", "MB", "GB"]
    while amount >= 1000 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.1f} {units[0]}"


def short_count(number: int) -> str:
    """Return a count that needs little room: exact below 100,000, such as “4,886”, then “120 k” and “1.2 M”."""
    if number < 100_000:
        return f"{number:,}"
    return f"{number // 1000} k" if number < 1_000_000 else f"{number / 1e6:.1f} M"


def time_left(seconds: float) -> str:
    """Say how long it still takes, as roughly as it is known."""
    if seconds < 10:
        return tr("a few seconds left")
    if seconds < 90:
        return tr_n("{n} second left", "{n} seconds left", round(seconds / 5) * 5)
    if seconds < 90 * 60:
        return tr_n("{n} minute left", "{n} minutes left", round(seconds / 60))
    return tr_n("{n} hour left", "{n} hours left", round(seconds / 3600))


def duration(seconds: float) -> str:
    """Say how long it took."""
    if seconds < 90:
        return tr("{n} s", n=f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}")
    return tr("{n} min", n=f"{seconds / 60:.0f}")


def whole_percent(share: float) -> str:
    """Return for example “74 %” of a share between 0 and 1."""
    return f"{100 * share:.0f} %"
