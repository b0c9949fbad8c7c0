"""What is asked over AMI: names and values that cannot break out of their line.

Source: https://docs.asterisk.org/Latest_API/API_Documentation/AMI_Actions/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from panoramisk import actions as panoramisk_actions

from ami_bridge.domain.errors import ActionRejectedError, LinkDownError, UnsafeValueError
from ami_bridge.wire.parse import Headers

Value = str | Sequence[str]
_SECRETS = frozenset(("secret", "key"))
_BREAKS = frozenset("\r\n\0")


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: its headers, the events of a list, the lines of a command's output."""

    headers: Headers
    items: tuple[Headers, ...] = ()
    output: tuple[str, ...] = ()


class SafeAction(panoramisk_actions.Action):  # type: ignore[misc]
    """An action whose answer is one reply, or a list up to its end; never replayed, never open for ever.

    Raises:
        UnsafeValueError: a name or a value holds CR, LF or NUL.
    """

    def __init__(self, name: str, values: Mapping[str, Value], *, action_id: str) -> None:
        for key, value in values.items():
            for text in (key, *([value] if isinstance(value, str) else value)):
                if not _BREAKS.isdisjoint(text):
                    raise UnsafeValueError(key)
        super().__init__({"Action": name, "ActionID": action_id, **values})
        self.name = name
        self._headers: Headers | None = None
        self._items: list[Headers] = []

    def __repr__(self) -> str:
        shown = {k: "***" if k.lower() in _SECRETS else v for k, v in self.items()}
        return f"{type(self).__name__}({shown})"

    def take(self, headers: Headers, output: Sequence[str] = ()) -> bool:
        """Take one message that bears our ActionID; return whether the answer is whole."""
        if self._headers is None:
            self._headers = headers
            response = headers.get("response", "").lower()
            if response in ("error", "fail", "failure"):
                return self._settle(ActionRejectedError(self.name, headers.get("message", "no reason given")))
            if not _begins_list(headers):
                return self._settle(Reply(headers=headers, output=tuple(output)))
            return False
        if headers.get("eventlist", "").lower() in ("complete", "cancelled"):
            return self._settle(Reply(headers=self._headers, items=tuple(self._items)))
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


def _begins_list(headers: Headers) -> bool:
    """Return whether more messages follow: all lists since Asterisk 13 say so in a header."""
    return headers.get("eventlist", "").lower() == "start"
