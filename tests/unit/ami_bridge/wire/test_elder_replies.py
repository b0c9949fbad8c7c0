"""Replies as exchanges before Asterisk 13 give them: lists that are not announced, output in bare lines."""

from __future__ import annotations

import pytest

from ami_bridge.wire.pending import SafeAction

FOLLOW = {"response": "Success", "message": "Queue status will follow"}


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("QueueStatus", "QueueStatusComplete"),
        ("ParkedCalls", "ParkedCallsComplete"),
        ("SIPpeers", "PeerlistComplete"),
    ],
)
async def test_a_list_that_is_not_announced_ends_with_its_own_event(name: str, last: str) -> None:
    asked = SafeAction(name, {}, action_id="c-1")
    assert not asked.answer(FOLLOW)
    assert asked.is_listing
    assert not asked.add({"event": "Item", "n": "1"})
    assert asked.add({"event": last})
    assert [item["n"] for item in asked.future.result().items] == ["1"]


@pytest.mark.parametrize(
    ("name", "response"),
    [
        ("QueueStatus", {"response": "Success", "message": "Nothing here"}),
        ("QueuePause", FOLLOW),
        ("Ping", {"response": "Pong"}),
    ],
)
async def test_what_is_no_list_is_answered_at_once(name: str, response: dict[str, str]) -> None:
    asked = SafeAction(name, {}, action_id="c-1")
    assert asked.answer(response)
    assert asked.future.result().headers == response


async def test_a_list_that_is_announced_twice_goes_on() -> None:
    asked = SafeAction("QueueStatus", {}, action_id="c-1")
    assert not asked.answer(FOLLOW)
    assert not asked.answer(FOLLOW)
    assert asked.add({"event": "QueueStatusComplete"})
