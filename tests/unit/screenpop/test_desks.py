"""Which desks a call concerns; the hub's own tests tell the common stories."""

from __future__ import annotations

from unit.screenpop.fakes import ANA_SEAT, LUIS_SEAT

from screenpop.desks import Concerns


def test_an_unknown_call_concerns_nobody() -> None:
    concerns = Concerns()
    concerns.stops_ringing("c", ANA_SEAT, is_answered=True)
    concerns.end("c")
    assert concerns.get("c") is None
    assert concerns.merge("gone", into="c", pbx="main") == frozenset()


def test_both_calls_desks_are_the_merged_call_s() -> None:
    concerns = Concerns()
    concerns.rings("gone", ANA_SEAT)
    concerns.of("gone", pbx="main").queue = "sales"
    concerns.serves("kept", LUIS_SEAT)
    assert concerns.merge("gone", into="kept", pbx="main") == {ANA_SEAT}
    kept = concerns.of("kept", pbx="main")
    assert (kept.ringing, kept.serving, kept.queue) == ({ANA_SEAT}, {LUIS_SEAT}, "sales")


def test_a_resync_forgets_what_the_exchange_does_not_know() -> None:
    concerns = Concerns()
    for call in ("a", "b"):
        concerns.rings(call, ANA_SEAT)
    concerns.of("c", pbx="other")
    concerns.keep_only(["b"], pbx="main")
    assert [concerns.get(call) is not None for call in "abc"] == [False, True, True]
    assert len(concerns) == 2


def test_nothing_is_kept_of_a_call_that_is_over_where_nobody_signs_in() -> None:
    concerns = Concerns()
    for call in ("over", "unknown", "gone"):
        concerns.rings(call, ANA_SEAT)
        concerns.stops_ringing(call, ANA_SEAT, is_answered=True)
    concerns.merge("gone", into="kept", pbx="main")
    concerns.end("over")
    concerns.keep_only(["kept"], pbx="main")
    assert concerns.serves("kept", ANA_SEAT) is False  # what is live stays
    concerns.end("kept")
    assert not concerns._served_at
