"""What a flow sees of the caller's line, and what it may ask about the caller."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agi_scripts.menus import Caller, Found, NobodyFound
from agi_scripts.protocol import AgiRequest, Reply
from crm_core.domain.calls import MatchKind


class AgiError(Exception):
    """A command could not be carried out."""


class LineLostError(AgiError):
    """The link to Asterisk is gone, or the channel is and the command needs it."""


class CommandTimeoutError(AgiError):
    """Asterisk gave no answer in time; the link was closed, for a late answer would be taken for the next."""


class CommandRefusedError(AgiError):
    """Asterisk does not know the command (510) or its arguments (520)."""

    def __init__(self, verb: str, reply: Reply) -> None:
        super().__init__(verb, reply)
        self.verb, self.reply = verb, reply

    def __str__(self) -> str:
        said = self.reply.text.partition("\n")[0]
        return f"Asterisk refused {self.verb}: {self.reply.code} {said}"


class SoundMissingError(AgiError):
    """Asterisk has not got a sound that the caller was to hear."""


class Line(Protocol):
    """A caller's line while Asterisk asks us. One command at a time, each with a time-out.

    Raises:
        LineLostError, CommandTimeoutError, CommandRefusedError: see there.
        UnsendableError: a text that no command can carry; nothing was sent.
    """

    @property
    def request(self) -> AgiRequest:
        """Who asks for what."""

    @property
    def is_hung_up(self) -> bool:
        """Return whether the caller is known to be gone; some commands work still."""

    async def command(self, verb: str, *args: str, timeout_s: float = 5.0) -> Reply:
        """Send a command and return the answer, code 200."""

    async def set_variable(self, name: str, text: str) -> None:
        """Set a variable of the channel."""

    async def tell(self, headers: Mapping[str, str]) -> None:
        """Tell the bridge something of this call, as our own manager event."""


Flow = Callable[[Line], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFacts:
    """What is known of a caller that matters to the route.

    ``contact`` is set when exactly one is meant; ``priority`` is the queue's (higher is served first);
    ``language`` is BCP 47; ``queue`` is where this customer is always sent, ``agent`` the code of who should
    talk with him. None: not known, not changed.
    """

    match: MatchKind
    contact: str | None = None
    priority: int | None = None
    language: str | None = None
    queue: str | None = None
    agent: str | None = None


class CallerLookup(Protocol):
    """Who calls, asked of the customers' records."""

    async def __call__(
        self,
        number: str,
        did: str,
        *,
        trunk: str,
        linkedid: str,
        id: str | None = None,  # noqa: A002 - the caller's word
    ) -> RouteFacts:
        """Return what is known of *number* as it came over *trunk*, or of the *id* that the caller typed in.

        *linkedid* is the call's, "" when the dialplan does not say it.
        Any exception means that it could not be found out.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a customer's incidents are going; ``contact`` when exactly one is meant."""

    heard: Found | NobodyFound
    contact: str | None = None


class Reception(Protocol):
    """What the menu asks of the house. Any exception of the coroutines means: not now."""

    def now(self) -> datetime:
        """Return the instant (UTC)."""

    def caller(self, number: str) -> Caller:
        """Return what the menu has to know of who calls from *number*, as the line brought it."""

    async def incidents(self, number: str, *, typed: str | None) -> Status:
        """Return the incidents of who calls from *number*, or those that are meant by what he *typed*."""

    async def keep_callback(self, number: str, *, linkedid: str, did: str) -> None:
        """Keep that *number* (E.164) is to be rung, asked for in the call *linkedid* to *did*."""
