"""How often one may try to sign in: by account and address together, never by address alone (pure).

A whole floor sits behind one address, so an address says nothing; and an account alone must not be a
limit either, or anybody could lock a colleague out from elsewhere.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=15)
KEPT = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    last: datetime


class SignInLimit:
    """Counts failed sign-ins; after some a pause is due that doubles with each further one."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()

    def wait(self, account: str, address: str, *, now: datetime) -> timedelta:
        """Return how long to wait before the next try; zero when one may try now."""
        failures = self._failures.get(_key(account, address))
        if failures is None or failures.count < FREE_TRIES:
            return timedelta()
        pause = min(FIRST_PAUSE * 2.0 ** min(failures.count - FREE_TRIES, 10), LONGEST_PAUSE)
        return max(failures.last + pause - now, timedelta())

    def failed(self, account: str, address: str, *, now: datetime) -> None:
        """Count a failure; what is older than the longest pause counts no more."""
        key = _key(account, address)
        failures = self._failures.get(key)
        if failures is None or now - failures.last > LONGEST_PAUSE:
            failures = _Failures(0, now)
        self._failures[key] = _Failures(failures.count + 1, now)
        self._failures.move_to_end(key)
        while len(self._failures) > self._kept:
            self._failures.popitem(last=False)

    def spared(self, account: str, address: str) -> None:
        """Take the last failure back: nobody could say whether it was one."""
        if failures := self._failures.get(_key(account, address)):
            failures.count -= 1

    def succeeded(self, account: str, address: str) -> None:
        """Forget the failures."""
        self._failures.pop(_key(account, address), None)


def _key(account: str, address: str) -> tuple[str, str]:
    return account.casefold(), address
