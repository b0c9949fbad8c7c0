"""An action on its way: what was asked, and the future of its whole answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from panoramisk import actions as panoramisk_actions

from ami_bridge.domain.errors import ActionRejectedError, LinkDownError
from ami_bridge.wire.actions import Reply, Value, check
from ami_bridge.wire.shape import Headers

_SECRETS = frozenset(("secret", "key"))
_REFUSALS = frozenset(("error", "fail", "failure"))
_ENDS = frozenset(("complete", "cancelled"))
ITEMS_LIMIT = 50_000
_ELDER_LISTS = {
    "QueueStatus": "QueueStatusComplete",
    "Status": "StatusComplete",
    "ParkedCalls": "ParkedCallsComplete",
    "SIPpeers": "PeerlistComplete",
}
"""Lists that exchanges before Asterisk 13 do not announce as such, and the event that ends each."""


class SafeAction(panoramisk_actions.Action):  # type: ignore[misc]
    """An action whose answer is one reply, or a list up to its end; never replayed, never open for ever.

    Raises:
        UnsafeValueError: a name or a value holds CR, LF or NUL, is no text, or is too long for a line.
    """

    def __init__(self, name: str, values: Mapping[str, Value], *, action_id: str) -> None:
        check(values)
        super().__init__({"Action": name, "ActionID": action_id, **values})
        self.name = name
        self._headers: Headers | None = None
        self._items: list[Headers] = []

    def __repr__(self) -> str:
        shown = {k: "***" if k.lower() in _SECRETS else v for k, v in self.items()}
        return f"{type(self).__name__}({shown})"

    def answer(self, headers: Headers, output: Sequence[str] = ()) -> bool:
        """Take the response that bears our ActionID; return whether the answer is whole."""
        if self._headers is not None:  # told twice: what comes in goes on coming in
            return bool(self.future.done())
        self._headers = headers
        if headers.get("response", "").lower() in _REFUSALS:
            return self._settle(ActionRejectedError(self.name, headers.get("message") or "no reason given"))
        if headers.get("eventlist", "").lower() == "start" or self._is_elder_list(headers):
            return False
        return self._settle(Reply(headers=headers, output=tuple(output)))

    def add(self, headers: Headers) -> bool:
        """Take an event of the list that is coming in; return whether it was the last."""
        is_last = headers.get("event", "") == _ELDER_LISTS.get(self.name)
        if is_last or headers.get("eventlist", "").lower() in _ENDS:
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

    def _is_elder_list(self, headers: Headers) -> bool:
        return self.name in _ELDER_LISTS and headers.get("message", "").endswith("will follow")

    def _settle(self, answer: Reply | Exception) -> bool:
        if not self.future.done():
            if isinstance(answer, Exception):
                self.future.set_exception(answer)
            else:
                self.future.set_result(answer)
        return True
