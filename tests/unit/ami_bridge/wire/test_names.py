"""Names of callers on the wire and as they were sent.

What Asterisk 22 writes is taken from recordings of it: of a caller ``Mary O'Brien?``, and of one whose name
holds a quote, a backslash, a colon and letters of two alphabets. Of SIP's own backslashes CEL has as many.
"""

from __future__ import annotations

import pytest

from ami_bridge.wire.names import unescaped
from ami_bridge.wire.parse import headers_of, read_event, read_item

LEG = ("Channel: PJSIP/trunk-00000001", "Uniqueid: 1795536393.0")
LINKED = "Linkedid: 1795536393.0"
NAMES = [
    pytest.param(r"Mary O\'Brien\?", "Mary O'Brien?", id="an apostrophe and a question mark"),
    pytest.param(
        r"Event: Hangup; \\\"Ana\\\\ <b>&amp;</b> ${EXTEN} : é漢",
        r"Event: Hangup; \"Ana\\ <b>&amp;</b> ${EXTEN} : é漢",
        id="a quote and a backslash of SIP's",
    ),
    pytest.param("Núñez, Zoë", "Núñez, Zoë", id="a comma, and letters with accents"),
    pytest.param(r"one\nAction: Originate\r\n", "one Action: Originate  ", id="lines"),
    pytest.param(r"C:\\new", r"C:\new", id="a backslash before a letter"),
    pytest.param("cut \\", "cut \\", id="a backslash at the end"),
    pytest.param("", "", id="none"),
]


def said(kind: str, name: str, *more: str) -> bytes:
    return "\r\n".join((f"Event: {kind}", *LEG, f"CallerIDName: {name}", *more)).encode()


@pytest.mark.parametrize(("written", "name"), NAMES)
def test_a_name_is_as_it_was_sent(written: str, name: str) -> None:
    assert unescaped(written) == name
    for kind in ("Newchannel", "NewCallerid"):
        assert getattr(read_event(said(kind, written, LINKED)), "name", None) == name
    row = read_item(headers_of(said("CoreShowChannel", written, LINKED)))
    assert getattr(row, "name", None) == name


@pytest.mark.parametrize(("written", "_name"), NAMES)
def test_before_there_was_a_linkedid_names_were_sent_as_they_are(written: str, _name: str) -> None:
    for kind in ("Newchannel", "NewCallerid", "Newcallerid"):
        assert getattr(read_event(said(kind, written)), "name", None) == written
