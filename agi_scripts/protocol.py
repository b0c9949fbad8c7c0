"""AGI as text: requests and replies read from bytes however they are cut, commands written. Pure.

Everything that comes is bounded, and what is not AGI is an error at the first byte that shows it.
Source: https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Gateway-Interface-AGI/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

TRYING, DONE, DEAD = 100, 200, 511
LONGEST_REQUEST = 32_768
MOST_HEADERS = 256
LONGEST_REPLY = 65_536
LONGEST_COMMAND = 2_047
"""Asterisk reads a command into 2,048 bytes, the last of which ends the text; line feed included."""

_HEAD_STARTS = b"agi_"
_BLANK_LINE = re.compile(rb"\n\r?\n")
_HEADER = re.compile(r"^agi_(\w+):[ \t]*(.*)$", re.MULTILINE | re.ASCII)
_REPLY = re.compile(r"(\d{3})(?:([ -])(.*))?", re.DOTALL)
_RESULT = re.compile(r"result=([^\s(]*)(?:\s*\((.*)\))?(?:.*?\bendpos=(\d{1,18}))?", re.DOTALL)
_OPEN_VALUE = re.compile(rb"200 result=[^\s(]*\s*\([^)]*$", re.DOTALL)
_CLOSED_VALUE = re.compile(rb"\)(?: endpos=\d+)?\s*$")
_END_OF_USAGE = b"520 End of proper usage."
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_READ_BY_DIALPLAN = re.compile(r'[\\",()\[\]]')


class AgiProtocolError(Exception):
    """What came is not AGI, or more than AGI ever needs."""


class UnsendableError(Exception):
    """A command that Asterisk would not read as it was meant; nothing was sent."""


class AgiRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for what: ``headers`` without ``agi_``, ``script`` without its query, ``args`` in order."""

    headers: Mapping[str, str]
    script: str
    query: Mapping[str, str]
    args: tuple[str, ...]

    def known(self, name: str) -> str:
        """Return a header's text; "" when it is missing or when Asterisk says ``unknown``."""
        text = self.headers.get(name, "")
        return "" if text == "unknown" else text


class Reply(msgspec.Struct, frozen=True):
    """What a command brought.

    ``value`` stands in parentheses, ``endpos`` counts samples, ``text`` is all that follows the code.
    """

    code: int
    result: str = ""
    value: str | None = None
    endpos: int | None = None
    text: str = ""


class Hangup(msgspec.Struct, frozen=True):
    """The caller is gone; Asterisk says so between two replies, at any time."""


_COMMON = {f"200 result={result}\n".encode(): Reply(200, result, text=f"result={result}") for result in "01"}
"""Nearly every answer is one of these, and comes alone."""


class RequestReader:
    """Collects what comes until the request is whole."""

    def __init__(self) -> None:
        self._seen = b""

    def feed(self, data: bytes) -> tuple[AgiRequest, bytes] | None:
        """Take bytes; return the request and what came after it, or None while it is not whole.

        Raises:
            AgiProtocolError: the peer does not speak AGI, or says too much.
        """
        searched = max(0, len(self._seen) - 2)
        self._seen += data
        if not self._seen.startswith(_HEAD_STARTS[: len(self._seen)]):
            raise AgiProtocolError("the peer does not speak AGI")
        end = _BLANK_LINE.search(self._seen, searched)
        if (end.start() if end else len(self._seen)) > LONGEST_REQUEST:
            raise AgiProtocolError(f"a request of more than {LONGEST_REQUEST} bytes")
        if end is None:
            return None
        return read_request(self._seen[: end.start()]), self._seen[end.end() :]


def read_request(head: bytes) -> AgiRequest:
    """Return the request in *head*, the lines before the empty one.

    Raises:
        AgiProtocolError: a line that is no header, a header given twice, or too many of them.
    """
    text = head.decode("utf-8", "replace").replace("\r\n", "\n").removesuffix("\r")
    lines = text.count("\n") + 1
    if lines > MOST_HEADERS:
        raise AgiProtocolError(f"a request of more than {MOST_HEADERS} headers")
    found = _HEADER.findall(text)
    if len(found) != lines:
        raise AgiProtocolError("a line of the request is no AGI header")
    headers = dict(found)
    if len(headers) != lines:
        raise AgiProtocolError("a header of the request is given twice")
    script, _, query = headers.get("network_script", "").partition("?")
    return AgiRequest(headers=headers, script=script, query=_query(query), args=_arguments(headers))


def _query(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=32))
    except ValueError as error:
        raise AgiProtocolError("a query with too many fields") from error


def _arguments(headers: Mapping[str, str]) -> tuple[str, ...]:
    found: list[str] = []
    while (text := headers.get(f"arg_{len(found) + 1}")) is not None:
        found.append(text)
    return tuple(found)


class ReplyReader:
    """Cuts what comes into replies: ``HANGUP`` between them, usage and values over several lines."""

    def __init__(self) -> None:
        self._rest = b""
        self._begun: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[Reply | Hangup]:
        """Take bytes; return what became whole, in order. ``100 Trying`` is no answer and is left out.

        Raises:
            AgiProtocolError: a line that is no reply, or a reply that is too long.
        """
        if not self._rest and not self._begun and (common := _COMMON.get(data)):
            return [common]
        *lines, self._rest = (self._rest + data).split(b"\n")
        found = [whole for line in lines if (whole := self._take(line))]
        if self._size + len(self._rest) > LONGEST_REPLY:
            raise AgiProtocolError(f"a reply of more than {LONGEST_REPLY} bytes")
        return found

    def _take(self, line: bytes) -> Reply | Hangup | None:
        self._begun.append(line)
        self._size += len(line) + 1
        if self._size > LONGEST_REPLY:
            raise AgiProtocolError(f"a reply of more than {LONGEST_REPLY} bytes")
        if _goes_on(self._begun[0], line, is_first=len(self._begun) == 1):
            return None
        text = b"\n".join(self._begun).decode("utf-8", "replace").removesuffix("\r")
        self._begun, self._size = [], 0
        if text == "HANGUP":
            return Hangup()
        reply = read_reply(text)
        return None if reply.code == TRYING else reply


def _goes_on(first: bytes, last: bytes, *, is_first: bool) -> bool:
    """Return whether more lines belong to the reply begun by *first*: usage, or a value with line feeds."""
    if first.startswith(b"520-"):
        return is_first or not (last.startswith(b"520 ") or last.rstrip().endswith(_END_OF_USAGE))
    if is_first:
        return bool(_OPEN_VALUE.match(last))
    return not _CLOSED_VALUE.search(last)


def read_reply(text: str) -> Reply:
    """Return the reply in *text*, all its lines without the last line feed.

    Raises:
        AgiProtocolError: if it does not begin with a code.
    """
    found = _REPLY.fullmatch(text)
    if not found:
        raise AgiProtocolError("a line that is no reply")
    code, words = int(found[1]), found[3] or ""
    result = _RESULT.match(words) if code == DONE else None
    if result is None:
        return Reply(code, text=words)
    return Reply(code, result[1], result[2], int(result[3]) if result[3] else None, words)


def command_line(verb: str, *args: str) -> bytes:
    """Return the command *verb* (one or more words) with *args*, each of them quoted.

    Raises:
        UnsendableError: CR, LF or NUL in a word, or more than Asterisk reads.
    """
    line = " ".join((verb, *map(quoted, args)))
    if "\n" in line or "\r" in line or "\0" in line:
        raise UnsendableError("a line break or NUL in a command")
    sent = line.encode("utf-8", "replace") + b"\n"
    if len(sent) > LONGEST_COMMAND:
        raise UnsendableError(f"a command of {len(sent)} bytes; Asterisk reads {LONGEST_COMMAND}")
    return sent


def quoted(text: str) -> str:
    """Return *text* as one word of a command, whatever is in it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def event_argument(name: str, headers: Mapping[str, str]) -> str:
    """Return the argument of the application ``UserEvent`` that tells *headers* under *name*.

    The dialplan cuts arguments at commas and reads quotes, brackets and backslashes: each is escaped.

    Raises:
        UnsendableError: a name that is not letters, digits, ``-`` and ``_``.
    """
    for word in (name, *headers):
        if not _HEADER_NAME.fullmatch(word):
            raise UnsendableError("the name of an event or header has other signs than letters and digits")
    fields = (f"{word}: {_READ_BY_DIALPLAN.sub(_escaped, text)}" for word, text in headers.items())
    return ",".join((name, *fields))


def _escaped(sign: re.Match[str]) -> str:
    return "\\" + sign[0]
