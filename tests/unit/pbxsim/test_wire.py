"""Text of events, spreads of time, and names on the wire."""

from __future__ import annotations

import random

import pytest

from pbxsim.config import Phone, Spread, exactly
from pbxsim.world.wire import BIT, EVERYTHING, clean, escaped, headers, rights


def test_rights_are_those_of_manager_conf() -> None:
    assert rights("system, call") == BIT["system"] | BIT["call"]
    assert rights("all") == EVERYTHING
    assert rights("") == 0
    with pytest.raises(ValueError, match="'calls'"):
        rights("calls")


def test_no_value_begins_another_header() -> None:
    assert clean("Ana\r\nAction: Originate\x00\x7f é") == "AnaAction: Originate é"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        # tests/fixtures/ami/answered_name_with_apostrophe and answered_hostile_name
        ("Mary O'Brien?", r"Mary O\'Brien\?"),
        (r"\"Ana\\ <b>", r"\\\"Ana\\\\ <b>"),
        ("Zoë García", "Zoë García"),
    ],
)
def test_names_are_escaped_as_asterisk_does(name: str, printed: str) -> None:
    assert escaped(name) == printed


def test_headers_with_hyphens() -> None:
    assert headers(Cause=16, Cause_txt="Normal") == "Cause: 16\r\nCause-txt: Normal\r\n"


def test_spreads_stay_within_their_ends() -> None:
    chance = random.Random(1)
    uniform = [Spread(2.0, 4.0).draw(chance) for _ in range(500)]
    assert min(uniform) >= 2.0
    assert max(uniform) <= 4.0
    assert sum(uniform) / 500 == pytest.approx(3.0, abs=0.1)
    exponential = [Spread(1.0, 50.0, mean=10.0).draw(chance) for _ in range(500)]
    assert min(exponential) == 1.0
    assert max(exponential) == 50.0
    assert exactly(3.0).draw(chance) == 3.0


def test_a_phone_has_a_device() -> None:
    assert Phone(extension="101").device == "PJSIP/agent101"
    assert Phone(extension="101", interface="SIP/101").device == "SIP/101"
