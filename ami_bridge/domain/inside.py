"""Who is inside: which devices belong to the house, so that the rest is the customer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_SUFFIX = re.compile(r"-[0-9a-f]{8}(?:;[12])?(?:<[A-Z]+>)?$")
_NAMED_BY_DIGITS = re.compile(r"(?:PJSIP|SIP|IAX2|SCCP)/[0-9]{2,12}")
_LOCAL = "Local/"
_NOBODY = (
    *(_LOCAL, "CBAnn/", "CBRec/", "Announcer/", "Recorder/", "Surrogate/", "Snoop/", "Message/"),
    *("AsyncGoto/", "Transfered/", "Parked/", "Bridge/"),
)
"""The last four (before Asterisk 12) are bodies into which somebody's leg is about to be moved."""


def interface_of(channel: str) -> str:
    """Return the device behind a channel name: ``PJSIP/agent101-0000001a`` is ``PJSIP/agent101``."""
    return _SUFFIX.sub("", channel)


def is_local(channel: str) -> bool:
    """Return whether *channel* is half of a Local pair, which is nobody's phone."""
    return channel.startswith(_LOCAL)


def is_nobody(channel: str) -> bool:
    """Return whether no person is behind *channel*: Local halves and what the core makes for itself."""
    return channel.startswith(_NOBODY)


@dataclass(slots=True)
class Inside:
    """What we know of the house; it learns from members, registrations and our own originates.

    Without settings (``is_guessing``), who has a number of 2 to 5 digits is taken for inside, too, and a
    device whose name is digits alone: trunks have words for names, phones their extension or account.
    ``is_told`` is False from the first connect to the exchange's lists: phones may be taken for strangers.
    """

    patterns: tuple[str, ...] = ()
    is_guessing: bool = False
    has_guessed: bool = False
    is_told: bool = True
    _known: set[str] = field(default_factory=set)
    _regex: tuple[re.Pattern[str], ...] = ()

    def __post_init__(self) -> None:
        self._regex = tuple(re.compile(pattern) for pattern in self.patterns)

    def learn(self, interface: str) -> None:
        """Take *interface* for one of the house from now on."""
        if interface and interface not in self._known and not is_nobody(interface):
            self._known.add(interface)

    @property
    def known(self) -> tuple[str, ...]:
        """The devices of the house that were seen until now, in order of their names."""
        return tuple(sorted(self._known))

    def holds(self, interface: str, *, number: str = "") -> bool:
        """Return whether *interface*, whose own number is *number*, is of the house."""
        if interface in self._known:
            return True
        if is_nobody(interface):
            return False
        if any(regex.fullmatch(interface) for regex in self._regex):
            self._known.add(interface)
            return True
        if self.is_guessing and (_is_extension(number) or _NAMED_BY_DIGITS.fullmatch(interface)):
            self.has_guessed = True
            self._known.add(interface)
            return True
        return False


def _is_extension(number: str) -> bool:
    return number.isascii() and number.isdigit() and 2 <= len(number) <= 5  # noqa: PLR2004 - as sold
