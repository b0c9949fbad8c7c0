"""A leg of a call, and the headers that every event about it carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pbxsim.world.wire import STATES, escaped

if TYPE_CHECKING:
    from pbxsim.world.bridge import Bridge
    from pbxsim.world.devices import Device
    from pbxsim.world.kernel import Step, Thread

UNKNOWN = "<unknown>"
_PRINTED = frozenset(
    {"name", "state", "num", "title", "connected_num", "connected_title"}
    | {"language", "account", "context", "exten", "priority", "linkedid"}
)


class Channel:
    """One leg. What is told of it in events is kept as text until something of it changes."""

    __slots__ = (
        "_dest",
        "_told",
        "account",
        "application",
        "at_end",
        "born_at",
        "bridge",
        "cached",
        "completes",
        "connected_num",
        "connected_title",
        "context",
        "device",
        "dialled",
        "dnid",
        "exten",
        "gone",
        "held",
        "language",
        "linkedid",
        "name",
        "num",
        "priority",
        "state",
        "talk",
        "thread",
        "title",
        "uniqueid",
        "variables",
    )  # fmt: skip

    def __init__(
        self, *, name: str, uniqueid: str, linkedid: str, device: Device, born_at: float, **printed: Any
    ) -> None:
        self._told = self._dest = ""
        self.name, self.uniqueid, self.linkedid = name, uniqueid, linkedid
        self.device, self.born_at = device, born_at
        self.state, self.num, self.title = 0, "", ""
        self.connected_num = self.connected_title = ""
        self.language, self.account, self.context, self.exten, self.priority = "en", "", "", "", 1
        self.application, self.dnid = ("", ""), ""
        self.bridge: Bridge | None = None
        self.thread: Thread | None = None
        self.talk: Callable[[Channel, Channel], None] | None = None
        self.gone = self.held = self.dialled = False
        self.variables: dict[str, str] = {}
        self.at_end: list[Step] = []
        self.completes: Callable[[Any], None] | None = None
        for field, value in printed.items():
            setattr(self, field, value)
        self.cached = self.dest

    def __setattr__(self, field: str, value: Any) -> None:
        object.__setattr__(self, field, value)
        if field in _PRINTED:
            object.__setattr__(self, "_told", "")

    def goto(self, context: str, exten: str, priority: int = 1) -> None:
        """Move on in the dialplan; no event tells it."""
        self.context, self.exten, self.priority = context, exten, priority

    @property
    def told(self) -> str:
        """The snapshot: ``Channel`` to ``Linkedid``."""
        if not self._told:
            self._write()
        return self._told

    @property
    def dest(self) -> str:
        """The snapshot as of the called side: ``DestChannel`` to ``DestLinkedid``."""
        if not self._told:
            self._write()
        return self._dest

    def prefixed(self, prefix: str) -> str:
        """Return the snapshot with *prefix* before each header."""
        return "".join(f"{prefix}{line}\r\n" for line in self.told.split("\r\n")[:-1])

    def _write(self) -> None:
        values = (
            self.name, self.state, STATES[self.state], self.num or UNKNOWN, escaped(self.title) or UNKNOWN,
            self.connected_num or UNKNOWN, escaped(self.connected_title) or UNKNOWN,
            self.language, self.account, self.context, self.exten, self.priority,
            self.uniqueid, self.linkedid,
        )  # fmt: skip
        self._told, self._dest = _PLAIN % values, _DEST % values


_HEADERS = (
    *("Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName"),
    *("ConnectedLineNum", "ConnectedLineName", "Language", "AccountCode", "Context", "Exten"),
    *("Priority", "Uniqueid", "Linkedid"),
)
_PLAIN = "".join(f"{name}: %s\r\n" for name in _HEADERS)
_DEST = "".join(f"Dest{name}: %s\r\n" for name in _HEADERS)
