"""Times in records: seconds of the epoch, or a local time, with or without an offset."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, tzinfo

from crm_core.domain.calls import birth_of

LATEST = 99_999_999_999.0  # until the year 5138
_JITTER = timedelta(minutes=1)


class LocalTimes:
    """Reads the times of one exchange, in the order in which its records stand."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._last: datetime | None = None

    def instant(self, text: str | datetime, *, born: str = "") -> datetime | None:
        """Return the instant that *text* means; None when it means none.

        An hour that comes twice in autumn is the first, unless that is before *born* (the uniqueid of a leg
        holds the second of its birth, and it lived when this was written) or before what stands above.
        """
        if isinstance(text, str):
            seconds = _number(text)
            if seconds is not None:
                return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < LATEST else None
            try:
                text = datetime.fromisoformat(text.strip())
            except ValueError:
                return None
        if text.tzinfo is not None:
            return text.astimezone(UTC)
        return self._of_zone(text, born)

    def _of_zone(self, local: datetime, born: str) -> datetime:
        first = local.replace(tzinfo=self._zone, fold=0).astimezone(UTC)
        second = local.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        if second <= first:
            return first
        after = [at for at in (birth_of(born), self._last and self._last - _JITTER) if at is not None]
        self._last = second if any(at > first for at in after) else first
        return self._last


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
