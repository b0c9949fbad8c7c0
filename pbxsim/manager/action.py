"""An action as it came, and its answer in the words of Asterisk 22.10."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pbxsim.manager.session import Session
from pbxsim.world.channel import Channel
from pbxsim.world.exchange import Exchange
from pbxsim.world.wire import headers

HERE = "\x00"
"""Where the ActionID goes in an item of a list: before the rest in some, behind it in others."""


@dataclass(slots=True)
class Action:
    """An action as it came: headers by their name in lower case, the last of each; variables apart."""

    headers: dict[str, str]
    variables: tuple[tuple[str, str], ...] = ()
    order: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """What is asked for, in lower case."""
        return self.get("action").lower()

    def get(self, name: str, default: str = "") -> str:
        """Return a header, or *default* when it did not come."""
        return self.headers.get(name.lower(), default)

    def reply(self, result: str, more: str = "") -> str:
        """Return a response with our ActionID."""
        action_id = self.get("actionid")
        told = f"ActionID: {action_id}\r\n" if action_id else ""
        return f"Response: {result}\r\n{told}{more}\r\n"

    def done(self, message: str) -> str:
        """Return the response of success."""
        return self.reply("Success", f"Message: {message}\r\n")

    def refused(self, message: str) -> str:
        """Return the response of failure."""
        return self.reply("Error", f"Message: {message}\r\n")

    def listing(self, message: str, items: Iterable[str], *, last: str, more: str = "") -> str:
        """Return a list: the response, its events, and the event that ends it."""
        action_id = self.get("actionid")
        told = f"ActionID: {action_id}\r\n" if action_id else ""
        found = list(items)
        start = f"Response: Success\r\n{told}EventList: start\r\nMessage: {message}\r\n\r\n"
        body = "".join(item.replace(HERE, told) + "\r\n" for item in found)
        total = headers(EventList="Complete", ListItems=len(found))
        return f"{start}{body}Event: {last}\r\n{told}{total}{more}\r\n"


def parse(block: bytes) -> Action:
    """Return the action in a block of headers; lines that are none are left out, as Asterisk does."""
    found: list[tuple[str, str]] = []
    for line in block.decode("utf-8", errors="replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            found.append((name.strip(), value.strip()))
    variables = [value.partition("=")[::2] for name, value in found if name.lower() == "variable"]
    return Action({name.lower(): value for name, value in found}, tuple(variables), tuple(found))


@dataclass(slots=True, kw_only=True)
class Asked(Action):
    """An action, who sent it, and the exchange it is for."""

    world: Exchange
    session: Session


def find(world: Exchange, name: str) -> Channel | None:
    """Return the leg of that name or Uniqueid."""
    known = world.channels.get(name)
    return known or next((each for each in world.channels.values() if each.uniqueid == name), None)


Perform = Callable[[Asked], str]
"""Does what is asked and returns the reply, or an empty text when it comes later."""
