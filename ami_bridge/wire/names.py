"""Callers' names as they were sent: since 13.5 Asterisk writes them for AMI as a C programmer would.

A quote, a question mark and a backslash get a backslash before them, control characters become letters. In
CEL names are as they are, and so in the events of exchanges before that, which lack a Linkedid.
Source: https://github.com/asterisk/asterisk/blob/22/main/utils.c (ast_escape_c),
https://github.com/asterisk/asterisk/blob/22/main/manager_channels.c
"""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from ami_bridge.domain import ami
from ami_bridge.wire.shape import Headers, Shape

_ESCAPED: Final = re.compile(r"\\(.)")
_CONTROLS: Final = "abfnrtv"


class Named:
    """An event about a leg that tells its caller's name."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def of_block(self, block: bytes) -> ami.AmiEvent:
        """Return the fact that *block* holds."""
        return _plainly(self._shape.of_block(block))

    def of_headers(self, headers: Headers) -> ami.AmiEvent:
        """Return the fact that *headers* hold."""
        return _plainly(self._shape.of_headers(headers))


def unescaped(name: str) -> str:
    """Return a name as it was before Asterisk wrote it down; a control character in it becomes a space."""
    return _ESCAPED.sub(lambda found: " " if found[1] in _CONTROLS else found[1], name)


def _plainly(fact: ami.AmiEvent) -> ami.AmiEvent:
    if isinstance(fact, ami.Newchannel | ami.NewCallerid | ami.ChannelRow) and "\\" in fact.name:
        return replace(fact, name=unescaped(fact.name)) if fact.linkedid else fact
    return fact
