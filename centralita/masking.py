"""Secrets masked in a manager stream, line by line, however the reads cut it."""

from __future__ import annotations

import re

MASK = b"***"
LONGEST_LINE = 1 << 16
_SECRET_NAME = re.compile(rb"secret|passw|pin\b|token|credential|md5", re.IGNORECASE)
_VALUE_OF_VARIABLE = b"value"


class Masker:
    """Takes bytes and gives them back in whole lines; *secret* is masked wherever it stands."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._rest = b""
        self._hides_value = False

    def feed(self, data: bytes) -> bytes:
        """Return the lines that are whole by now, masked; an endless line is given back in pieces."""
        whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
        if not newline and len(self._rest) > LONGEST_LINE:
            whole, self._rest = self._rest, b""
        lines = (whole + newline).splitlines(keepends=True)
        return b"".join(map(self._masked, lines))

    def rest(self) -> bytes:
        """Return what came after the last whole line, masked."""
        rest, self._rest = self._rest, b""
        return self._masked(rest)

    def _masked(self, line: bytes) -> bytes:
        name, colon, value = line.partition(b":")
        ending = line[len(line.rstrip(b"\r\n")) :]
        hides, self._hides_value = self._hides_value, False
        if colon and (_SECRET_NAME.search(name) or (hides and name.lower() == _VALUE_OF_VARIABLE)):
            return name + b": " + MASK + ending
        if name.lower() == b"variable":
            self._hides_value = bool(_SECRET_NAME.search(value))
        return line.replace(self._secret, MASK) if self._secret else line
