"""What is asked over AMI: names and values that cannot break out of their line.

Source: https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Actions/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from panoramisk import actions as panoramisk_actions

from ami_bridge.domain.errors import ActionRejectedError, LinkDownError, UnsafeValueError
from ami_bridge.wire.shape import Headers

Value = str | Sequence[str]
_SECRETS = frozenset(("secret", "key"))
_BREAKS = frozenset("\r\n\0")
_REFUSALS = frozenset(("error", "fail", "failure"))
_ENDS = frozenset(("complete", "cancelled"))
ITEMS_LIMIT, LINE_LIMIT = 50_000, 1000
"""Asterisk reads lines of up to 1,024 bytes; of a longer one it drops the beginning and obeys the rest."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: its headers, the events of a list, the lines of a command's output."""

    headers: Headers
    items: tuple[Headers, ...] = ()
    output: tuple[str, ...] = ()


class SafeAction(panoramisk_actions.Action):  # type: ignore[misc]
    """An action whose answer is one reply, or a list up to its end; never replayed, never open for ever.

    Raises:
        UnsafeValueError: a name or a value holds CR, LF or NUL, is no text, or is too long for a line.
    """

    def __init__(self, name: str, values: Mapping[str, Value], *, action_id: str) -> None:
        for key, value in values.items():
            for text in [value] if isinstance(value, str) else value:
                _check(key, text)
        super().__init__({"Action": name, "ActionID": action_id, **values})
        self.name = name
        self._headers: Headers | None = None
        self._items: list[Headers] = []

    def __repr__(self) -> str:
        shown = {k: "***" if k.lower() in _SECRETS else v for k, v in self.items()}
        return f"{type(self).__name__}({shown})"

    def answer(self, headers: Headers, output: Sequence[str] = ()) -> bool:
        """Take the response that bears our ActionID; return whether the answer is whole."""
        if self._headers is not None:
            return True
        self._headers = headers
        if headers.get("response", "").lower() in _REFUSALS:
            return self._settle(ActionRejectedError(self.name, headers.get("message") or "no reason given"))
        if headers.get("eventlist", "").lower() == "start":  # all lists since Asterisk 13 say so
            return False
        return self._settle(Reply(headers=headers, output=tuple(output)))

    def add(self, headers: Headers) -> bool:
        """Take an event of the list that is coming in; return whether it was the last."""
        if headers.get("eventlist", "").lower() in _ENDS:
            return self._settle(Reply(headers=self._headers or {}, items=tuple(self._items)))
        if len(self._items) >= ITEMS_LIMIT:
            return self._settle(ActionRejectedError(self.name, f"a list of more than {ITEMS_LIMIT} items"))
        self._items.append(headers)
        return False

    @property
    def is_listing(self) -> bool:
        """Return whether the items of a list are coming in."""
        return self._headers is not None and not self.future.done()

    def lost(self, why: str) -> None:
        """The link went down before the answer."""
        self._settle(LinkDownError(why))

    def _settle(self, answer: Reply | Exception) -> bool:
        if not self.future.done():
            if isinstance(answer, Exception):
                self.future.set_exception(answer)
            else:
                self.future.set_result(answer)
        return True


def _check(name: str, text: str) -> None:
    line = f"{name}: {text}"
    if not _BREAKS.isdisjoint(line):
        raise UnsafeValueError(name)
    try:
        size = len(line.encode())
    except UnicodeEncodeError as error:
        raise UnsafeValueError(name, "is no text") from error
    if size > LINE_LIMIT:
        raise UnsafeValueError(name, f"is longer than {LINE_LIMIT} bytes")
