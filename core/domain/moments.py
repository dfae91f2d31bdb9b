"""Moments as people write them: a day, or a day with a time, where they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.errors import UserError


def utc_moment(text: str, *, end: bool = False) -> str:
    """Return a moment as the ledger writes it (UTC, ISO 8601, to the millisecond).

    Parameters
    ----------
    text
        ``2024-05-01`` or ``2024-05-01 14:05``, in local time unless it names another zone.
    end
        A day without a time means its end, not its beginning.

    Raises
    ------
    UserError
        ``moment_invalid``.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        if end and len(text.strip()) <= len("2024-05-01"):
            moment += timedelta(days=1)
        return moment.astimezone(UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        raise UserError("moment_invalid", value=text) from None
