"""What goes over the websocket: frames made once, shared by everybody who may read them. Pure.

The subprotocol ``centralita.v1`` carries the version. A frame is JSON text; its ``seq`` is ``<epoch>-<n>``,
strictly increasing within a process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

RING = 10_000
_encode = msgspec.json.Encoder().encode


class Reader(NamedTuple):
    """For whom a frame is written: cards are rendered in a language and for a role."""

    language: str
    role: str


class Frame:
    """One message: ``seq`` number, who hears it, and its text, which may differ by reader."""

    __slots__ = ("_html", "_texts", "head", "n", "topics")

    def __init__(
        self, n: int, topics: frozenset[str], head: bytes, html: Callable[[Reader], str] | None = None
    ) -> None:
        self.n, self.topics, self.head = n, topics, head
        self._html, self._texts = html, dict[Reader, str]()

    def text(self, reader: Reader) -> str:
        """Return the JSON for *reader*, rendered once for all who read alike."""
        if self._html is None:
            reader = _ANY
        text = self._texts.get(reader)
        if text is None:
            html = b"" if self._html is None else b',"html":' + _encode(self._html(reader))
            text = self._texts[reader] = (self.head + html + b"}").decode()
        return text


_ANY = Reader("", "")


class Log:
    """The last frames, for those who were away for a moment."""

    def __init__(self, epoch: str, *, size: int = RING) -> None:
        self.epoch, self.last = epoch, 0
        self._ring: deque[Frame] = deque(maxlen=size)

    def add(
        self,
        topics: frozenset[str],
        op: str,
        fields: dict[str, Any],
        *,
        html: Callable[[Reader], str] | None = None,
    ) -> Frame:
        """Number and keep a frame."""
        self.last += 1
        head = b'{"op":"%s","seq":"%s"' % (op.encode(), self.seq.encode())
        for name, value in fields.items():
            head += b',"%s":%s' % (name.encode(), _encode(value))
        frame = Frame(self.last, topics, head, html)
        self._ring.append(frame)
        return frame

    @property
    def seq(self) -> str:
        """The place of the newest frame."""
        return f"{self.epoch}-{self.last}"

    def since(self, seq: str) -> Iterator[Frame] | None:
        """Return the frames after *seq*; None when they are no longer here and a snapshot is needed."""
        epoch, _, number = seq.rpartition("-")
        if epoch != self.epoch or not (number.isascii() and number.isdigit()) or len(number) > 15:  # noqa: PLR2004
            return None
        n = int(number)
        oldest = self._ring[0].n if self._ring else self.last + 1
        if n > self.last or n < oldest - 1:
            return None
        return (frame for frame in list(self._ring) if frame.n > n)
