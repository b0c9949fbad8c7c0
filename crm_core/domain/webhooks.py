"""Events told to other systems: where to, how they are signed, and how long we try (pure).

Headers, secrets and signatures are those of https://www.standardwebhooks.com (symmetric, ``v1``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec.structs import replace

from crm_core.domain.errors import CrmError, InvalidError
from crm_core.domain.events import CrmEvent

EVERYTHING = "*"
PREFIX = "whsec_"
LONGEST_NAME, LONGEST_URL, MOST_TYPES, MOST_WEBHOOKS = 80, 500, 60, 100
OVERLAP = timedelta(hours=24)
_LONGEST_WAIT = timedelta(hours=1)
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\]")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an address of IPv4
_OK, _MULTIPLE, GONE = 200, 300, "http_410"


class WebhookChanged(CrmEvent, frozen=True, kw_only=True, tag="webhook.changed"):
    """A subscription is new, another, stopped or gone."""

    webhook_id: str


class TooManyWebhooksError(CrmError):
    """So many systems are told already that nobody would look after another one."""

    code = "too_many_webhooks"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    def __str__(self) -> str:
        return f"there are {self.most} webhooks already"


class EventGoneError(CrmError):
    """The event is not in the log any more, so it cannot be sent again."""

    code = "event_gone"

    def __str__(self) -> str:
        return "the event is older than the log keeps events"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a subscription is: everything up to the place ``pos`` of the log is done with.

    ``tries`` of the next event failed, ``why`` and since when nothing arrives (``failing_since``); it is
    tried again at ``next_at``. ``turn`` changes when somebody sets it otherwise: who delivers begins anew.
    """

    pos: int
    turn: int = 1
    tries: int = 0
    why: str | None = None
    next_at: datetime | None = None
    failing_since: datetime | None = None
    arrived_at: datetime | None = None


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A system that is told what happens, by ``types``: ``incident.opened``, ``incident.*``, or ``*``.

    ``stopped_why`` says why the service itself switched it off; None when somebody did.
    """

    id: str
    name: str
    url: str
    types: tuple[str, ...]
    is_active: bool = True
    stopped_why: str | None = None
    created_at: datetime
    version: int = 1
    progress: Progress


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed with, as it is kept: ``sealed``, and until ``former_until`` the one before it, too.

    Before they were sealed, secrets were kept as they are (``is_plain``).
    """

    sealed: str
    former_sealed: str | None = None
    former_until: datetime | None = None

    def at(self, now: datetime) -> tuple[str, ...]:
        """Return the secrets that hold, as they are kept."""
        if self.former_sealed and self.former_until and now < self.former_until:
            return self.sealed, self.former_sealed
        return (self.sealed,)


def is_plain(kept: str) -> bool:
    """Return whether what is kept is a secret that anybody can read."""
    return kept.startswith(PREFIX)


def sealed_by(seal: Callable[[str], str], keys: Keys) -> Keys:
    """Return *keys* with nothing left that anybody can read."""
    former = keys.former_sealed
    return replace(
        keys,
        sealed=seal(keys.sealed) if is_plain(keys.sealed) else keys.sealed,
        former_sealed=seal(former) if former and is_plain(former) else former,
    )


class Undelivered(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was given up after so many ``tries``; ``is_due``: somebody wants it sent again."""

    webhook_id: str
    pos: int
    type: str
    tries: int
    why: str
    given_up_at: datetime
    is_due: bool = False


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long we try: pauses grow from ``first`` fourfold to ``longest``.

    An event is given up after ``tries``; a receiver that takes nothing for ``at_most`` is left alone.
    """

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = _LONGEST_WAIT
    tries: int = 8
    at_most: timedelta = timedelta(hours=24)

    def pause(self, tries: int, chance: float) -> timedelta:
        """Return how long to wait after so many *tries*; *chance* (0 to 1) spreads it by a fifth."""
        grown: timedelta = min(self.first * 4 ** min(tries - 1, 16), self.longest)
        return grown * (0.8 + 0.4 * chance)


def wants(types: Iterable[str], kind: str) -> bool:
    """Return whether events called *kind* are among *types*."""
    family = f"{kind.partition('.')[0]}.*"
    return any(one in (EVERYTHING, kind, family) for one in types)


def checked(one: Webhook, *, allowed: Collection[str]) -> Webhook:
    """Return *one* when it can be kept; hosts that are *allowed* may be spoken to without TLS.

    Raises:
        InvalidError: naming the field that cannot.
    """
    if not 0 < len(one.name) <= LONGEST_NAME:
        raise InvalidError("name", f"1 to {LONGEST_NAME} characters")
    if not one.types:
        raise InvalidError("types", "at least one", fault="too_short")
    parts = _split(one.url)
    is_near = parts.scheme == "http" and host_of(one.url) in allowed
    if parts.scheme != "https" and not is_near:
        raise InvalidError("url", "an address that begins with https://", fault="no_https")
    return one


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidError("url", "this is no address", fault="bad_url") from None
    is_one = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    is_host = _HOST.fullmatch((parts.netloc.rpartition(":")[0] if port is not None else parts.netloc).lower())
    if not is_one or not is_host or parts.fragment or port == 0:
        raise InvalidError("url", "an address with a host, and nobody's name in it", fault="bad_url")
    return parts


def host_of(url: str) -> str:
    """Return the host of *url* as the settings name it."""
    return urlsplit(url).hostname or ""


def may_reach(address: str) -> bool:
    """Return whether *address* is of the public network: nobody lets us speak to what is behind our walls."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in _meant(found))


def _meant(found: IPv4Address | IPv6Address) -> Iterable[IPv4Address | IPv6Address]:
    """Give the address that is really spoken to by *found*: some of IPv6 hold one of IPv4."""
    if isinstance(found, IPv4Address):
        return (found,)
    if found.ipv4_mapped:
        return (found.ipv4_mapped,)
    if found in _NAT64:
        return (IPv4Address(int(found) & 0xFFFFFFFF),)
    inner = (found.sixtofour, *(found.teredo or ()))
    return (found, *(one for one in inner if one))


def secret_of(randomness: bytes) -> str:
    """Return the secret that stands for *randomness* (32 bytes)."""
    return PREFIX + base64.b64encode(randomness).decode("ascii")


def id_of(pos: int) -> str:
    """Return what the event at *pos* is called: however often it is sent, by the same id."""
    return f"evt_{pos}"


def signature(secrets: Iterable[str], *, message: str, at: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``: one for each of *secrets*; *at* in Unix seconds."""
    signed = f"{message}.{at}.".encode() + body
    return " ".join(f"v1,{_signed(one, signed)}" for one in secrets)


def _signed(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")


def why_not(status: int) -> str | None:
    """Return why an answer is no receipt; None when it is one. A redirect is none: nobody goes there."""
    return None if _OK <= status < _MULTIPLE else f"http_{status}"


def wait_of(text: str | None, *, now: datetime) -> timedelta | None:
    """Return how long ``Retry-After`` asks us to wait, at most an hour; None when it says nothing of use."""
    if not text or len(text) > 40:  # noqa: PLR2004 - the longest date has 37
        return None
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text), 86_400)), _LONGEST_WAIT)
    try:
        asked = parsedate_to_datetime(text) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(asked, timedelta()), _LONGEST_WAIT)


def arrived(before: Progress, *, pos: int, now: datetime) -> Progress:
    """Return the progress once everything up to *pos* is taken."""
    return replace(before, pos=pos, tries=0, why=None, next_at=None, failing_since=None, arrived_at=now)


def failed(
    before: Progress, *, why: str, wait: timedelta | None, chance: float, patience: Patience, now: datetime
) -> Progress:
    """Return the progress after the next event was not taken: tried again after *wait* at the soonest."""
    pause = max(patience.pause(before.tries + 1, chance), wait or timedelta())
    return replace(
        before,
        tries=before.tries + 1,
        why=why,
        next_at=now + pause,
        failing_since=before.failing_since or now,
    )


def is_hopeless(after: Progress, *, patience: Patience, now: datetime) -> bool:
    """Return whether nobody is to be bothered any more: he said so, or takes nothing for too long."""
    return after.why == GONE or (
        after.failing_since is not None and now - after.failing_since >= patience.at_most
    )
