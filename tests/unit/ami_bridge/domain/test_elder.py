"""Calls of exchanges before Asterisk 12: what is said there, and how the floor tells it.

A script is what the wire of such an exchange says, one fact a line: no Linkedid, pairs that are linked, names
that move. Uniqueids are ``1795536000.n``; "n" stands for one in a script.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import BORN, START, read

from ami_bridge.domain import ami, ami_elder, events
from ami_bridge.domain.elder import Elder
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from crm_core.domain.calls import Call, untiled

TRUNK, ANA, LUIS, EVA = "SIP/trunk-0000000a", "SIP/101-0000000b", "SIP/102-0000000c", "SIP/103-0000000d"


def uid(number: int | str) -> str:
    return f"{BORN}.{number}" if number != "" else ""


class Exchange:
    """An older exchange, and the floor behind it."""

    def __init__(self) -> None:
        self.elder = Elder()
        inside = Inside(patterns=(r"SIP/10\d",))
        self.floor = Floor("main", inside=inside, read=read)
        self.happened: list[events.FloorEvent] = []
        self.now = START

    def say(self, *facts: ami.AmiEvent, after: float = 1.0) -> None:
        self.now += timedelta(seconds=after)
        for fact in facts:
            for told, at in self.elder.retold(fact, self.now):
                self.happened += self.floor.step(told, at)
        self.happened += self.floor.tick(self.now)

    def ended(self) -> list[Call]:
        self.happened += self.floor.tick(self.now + timedelta(seconds=10))
        return [event.record for event in self.happened if isinstance(event, events.CallEnded)]

    # --- the words

    def calls(self, number: int, channel: str, *, num: str = "957212000", exten: str = "5551001") -> None:
        self.say(ami.Newchannel(uniqueid=uid(number), channel=channel, num=num, exten=exten))
        self.say(ami.Newstate(uniqueid=uid(number), channel=channel, state=4), after=0)

    def rings(self, number: int, channel: str, *, by: int | None = None, by_channel: str = TRUNK) -> None:
        self.say(ami.Newchannel(uniqueid=uid(number), channel=channel))
        if by is not None:
            dial = ami.DialBegin(
                uniqueid=uid(by), channel=by_channel, dest_uniqueid=uid(number), dest_channel=channel
            )
            self.say(dial, after=0)
        self.say(ami.Newstate(uniqueid=uid(number), channel=channel, state=5), after=0)

    def up(self, *numbers: int) -> None:
        self.say(*(ami.Newstate(uniqueid=uid(number), state=6) for number in numbers))

    def links(self, one: int, two: int) -> None:
        self.say(ami_elder.Linked(one=uid(one), two=uid(two)), after=0)

    def unlinks(self, one: int, two: int) -> None:
        self.say(ami_elder.Unlinked(one=uid(one), two=uid(two)))

    def moves(self, clone: int, name: str, original: int, was: str) -> None:
        """The three renames of a masquerade: the phone *name* goes into the body of *original*."""
        self.say(
            ami_elder.Renamed(uniqueid=uid(clone), channel=name, newname=f"{name}<MASQ>"),
            ami_elder.Renamed(uniqueid=uid(original), channel=was, newname=name),
            ami_elder.Renamed(uniqueid=uid(clone), channel=f"{name}<MASQ>", newname=f"{was}<ZOMBIE>"),
        )

    def goes(self, number: int, channel: str, cause: int = 16) -> None:
        self.say(ami.Hangup(uniqueid=uid(number), channel=channel, cause=cause), after=0.01)


def spoken(call: Call) -> list[str]:
    """Return with whom the customer talked, in order."""
    return [one.with_[0] for one in call.segments if one.party == "customer" and one.kind == "talk"]


def answered_by_ana() -> Exchange:
    """A customer calls, and talks to Ana."""
    exchange = Exchange()
    exchange.calls(1, TRUNK)
    exchange.rings(2, ANA, by=1)
    exchange.up(2)
    exchange.links(1, 2)
    return exchange


def test_legs_that_dial_are_one_call_from_its_first_word() -> None:
    exchange = answered_by_ana()
    exchange.unlinks(1, 2)
    exchange.goes(2, ANA)
    exchange.say(ami_elder.DialOver(uniqueid=uid(1), status="ANSWER"))
    exchange.goes(1, TRUNK)
    (call,) = exchange.ended()
    assert (call.linkedid, call.merged_ids, call.outcome, call.did) == (uid(1), [], "answered", "5551001")
    assert [(one.interface, one.result, one.ring_s) for one in call.attempts] == [
        ("SIP/101", "answered", 1.0)
    ]
    assert (spoken(call), call.talk_s, call.hung_up_by) == (["SIP/101"], 1.0, None)
    started = [event for event in exchange.happened if isinstance(event, events.CallStarted)]
    assert len(started) == 1
    assert untiled(call) == []


def test_who_hung_up_is_told_where_the_exchange_says_who_asks() -> None:
    exchange = answered_by_ana()
    exchange.say(ami.HangupRequest(uniqueid=uid(2), channel=ANA))
    exchange.unlinks(1, 2)
    exchange.goes(2, ANA)
    exchange.goes(1, TRUNK)
    assert [call.hung_up_by for call in exchange.ended()] == ["agent"]


@pytest.mark.parametrize(("status", "cause", "result"), [("BUSY", 17, "busy"), ("NOANSWER", 0, "no_answer")])
def test_the_end_of_a_dial_is_that_of_the_legs_still_there(status: str, cause: int, result: str) -> None:
    exchange = Exchange()
    exchange.calls(1, TRUNK)
    exchange.rings(2, ANA, by=1)
    exchange.say(ami_elder.DialOver(uniqueid=uid(1), status=status))
    exchange.goes(2, ANA, cause)
    exchange.goes(1, TRUNK)
    (call,) = exchange.ended()
    assert [one.result for one in call.attempts] == [result]


def test_an_unlink_for_the_length_of_a_digit_leaves_no_trace() -> None:
    exchange = answered_by_ana()
    exchange.unlinks(1, 2)
    exchange.links(1, 2)
    exchange.unlinks(1, 2)
    exchange.goes(1, TRUNK)
    exchange.goes(2, ANA)
    (call,) = exchange.ended()
    assert spoken(call) == ["SIP/101"]


def test_a_local_channel_is_optimised_away() -> None:
    exchange = Exchange()
    one, two = "Local/101@queue-1;1", "Local/101@queue-1;2"
    exchange.calls(1, TRUNK)
    exchange.say(ami.Newchannel(uniqueid=uid(2), channel=one, exten="101"))
    exchange.say(ami.Newchannel(uniqueid=uid(3), channel=two, state=4, exten="101"))
    exchange.say(ami.DialBegin(uniqueid=uid(1), channel=TRUNK, dest_uniqueid=uid(2), dest_channel=one))
    exchange.rings(4, ANA, by=3, by_channel=two)
    exchange.up(4, 3, 2)
    exchange.links(3, 4)
    exchange.links(1, 2)
    exchange.moves(4, ANA, 2, one)
    exchange.unlinks(3, 4)
    exchange.goes(4, f"{one}<ZOMBIE>")
    exchange.goes(3, two)
    exchange.say(after=5.0)
    exchange.unlinks(1, 2)
    exchange.goes(2, ANA)
    exchange.goes(1, TRUNK)
    (call,) = exchange.ended()
    assert (spoken(call), call.talk_s) == (["SIP/101"], 8.04)
    assert [(one.interface, one.result) for one in call.attempts] == [("SIP/101", "answered")]
    assert call.anomalies == []


def test_an_attended_transfer_moves_the_customer_into_the_second_call() -> None:
    exchange = answered_by_ana()
    second = "SIP/101-0000000e"
    exchange.calls(5, second, num="101", exten="102")
    exchange.rings(6, LUIS, by=5, by_channel=second)
    exchange.up(6)
    exchange.links(5, 6)
    exchange.say(
        ami_elder.Transferred(uniqueid=uid(2), channel=ANA, kind="attended", target=uid(5)),
    )
    exchange.moves(1, TRUNK, 5, second)
    exchange.unlinks(1, 2)
    exchange.goes(2, ANA)
    exchange.goes(1, f"{second}<ZOMBIE>")
    exchange.say(after=5.0)
    exchange.unlinks(5, 6)
    exchange.goes(6, LUIS)
    exchange.goes(5, TRUNK)
    (call,) = exchange.ended()
    (transfer,) = call.transfers
    assert (call.linkedid, call.merged_ids) == (uid(1), [uid(5)])
    assert (transfer.kind, transfer.by, transfer.answered_by) == ("attended", "SIP/101", "SIP/102")
    assert (transfer.to, transfer.result) == ("102", "completed")
    assert spoken(call) == ["SIP/101", "SIP/102"]
    assert untiled(call) == []


def test_a_blind_transfer_of_who_was_called_goes_by_a_body_of_its_own() -> None:
    """Between two phones the caller hands over: whom he had called goes on, in a channel that is nobody's."""
    exchange = Exchange()
    exchange.calls(1, EVA, num="103", exten="101")
    exchange.rings(2, ANA, by=1, by_channel=EVA)
    exchange.up(2)
    exchange.links(1, 2)
    body = f"AsyncGoto/{ANA}"
    exchange.say(ami.Newchannel(uniqueid=uid(3), channel=body, state=6, exten="102"))
    exchange.moves(2, ANA, 3, body)
    exchange.say(ami_elder.Transferred(uniqueid=uid(1), channel=EVA, kind="blind", exten="102"))
    exchange.unlinks(1, 2)
    exchange.goes(2, f"{body}<ZOMBIE>", 0)
    exchange.goes(1, EVA)
    exchange.rings(4, LUIS, by=3, by_channel=ANA)
    exchange.say(after=10.0)
    exchange.up(4)
    exchange.links(3, 4)
    exchange.say(after=5.0)
    exchange.unlinks(3, 4)
    exchange.goes(4, LUIS)
    exchange.goes(3, ANA)
    (call,) = exchange.ended()
    (transfer,) = call.transfers
    assert (transfer.kind, transfer.by, transfer.to) == ("blind", "SIP/103", "102")
    assert (transfer.answered_by, transfer.result) == ("SIP/102", "completed")


def test_a_call_that_is_picked_up_is_the_other_phones() -> None:
    exchange = Exchange()
    exchange.calls(1, TRUNK)
    exchange.rings(2, ANA, by=1)
    exchange.calls(3, LUIS, num="102", exten="*8")
    exchange.moves(3, LUIS, 2, ANA)
    exchange.goes(3, f"{ANA}<ZOMBIE>", 26)
    exchange.up(2)
    exchange.links(1, 2)
    exchange.unlinks(1, 2)
    exchange.goes(2, LUIS)
    exchange.goes(1, TRUNK)
    (call,) = exchange.ended()
    assert (call.linkedid, spoken(call), call.outcome) == (uid(1), ["SIP/102"], "answered")


def queue_call(*, tells_agents: bool) -> Exchange:
    exchange = Exchange()
    exchange.calls(1, TRUNK)
    exchange.up(1)
    exchange.say(ami.QueueCallerJoin(uniqueid=uid(1), channel=TRUNK, queue="500", position=1))
    exchange.rings(2, ANA)
    agent = {"queue": "500", "interface": "SIP/101", "dest_channel": ANA}
    if tells_agents:
        exchange.say(ami.AgentCalled(uniqueid="", channel=TRUNK, **agent), after=0)
    exchange.up(2)
    exchange.say(ami.QueueCallerLeave(uniqueid=uid(1), channel=TRUNK, queue="500"), after=0)
    if tells_agents:
        exchange.say(ami.AgentConnect(uniqueid=uid(1), dest_uniqueid=uid(2), **agent), after=0)
    exchange.links(1, 2)
    exchange.unlinks(1, 2)
    exchange.goes(2, ANA)
    exchange.goes(1, TRUNK)
    return exchange


def test_a_queue_that_tells_its_agents_pops_where_it_rings() -> None:
    exchange = queue_call(tells_agents=True)
    offered = [event.interface for event in exchange.happened if isinstance(event, events.CallOffered)]
    assert offered == ["SIP/101"]
    (call,) = exchange.ended()
    assert [(one.queue, one.interface, one.outcome) for one in call.visits] == [
        ("500", "SIP/101", "answered")
    ]


def test_a_queue_that_does_not_tell_is_known_by_who_answers() -> None:
    (call,) = queue_call(tells_agents=False).ended()
    assert [(one.queue, one.interface, one.outcome) for one in call.visits] == [
        ("500", "SIP/101", "answered")
    ]


def test_who_rings_for_nobody_that_is_known_is_no_call() -> None:
    """A queue without Agent events rang in vain: for whom cannot be known, and none is invented."""
    exchange = Exchange()
    exchange.rings(2, ANA)
    exchange.goes(2, ANA, 0)
    assert exchange.ended() == []
    assert exchange.floor.calls() == []


def test_our_own_originate_is_told_from_its_first_ring() -> None:
    exchange = Exchange()
    asked = ami.OriginateAsked(action_id="c-1", interface="SIP/101", number="600123456")
    exchange.say(asked)
    exchange.rings(2, ANA)
    (call,) = exchange.floor.calls()
    assert (call.origin.kind, call.did) == ("click", "600123456")


def test_a_number_of_a_call_that_channelvars_tells_needs_no_dial() -> None:
    exchange = Exchange()
    exchange.say(ami_elder.CallNamed(channel=TRUNK, linkedid=uid(1)))
    exchange.calls(1, TRUNK)
    exchange.say(ami_elder.CallNamed(channel=ANA, linkedid=uid(1)))
    exchange.rings(2, ANA)
    (call,) = exchange.floor.calls()
    assert [one.interface for one in call.attempts] == ["SIP/101"]
    exchange.say(ami_elder.CallNamed(channel=EVA, linkedid=uid(3)))
    exchange.say(ami.Newchannel(uniqueid=uid(3), channel=EVA))
    assert [one.linkedid for one in exchange.floor.calls()] == [uid(1), uid(3)]


def test_before_13_5_bridges_tell_no_linkedid_and_join_what_talks() -> None:
    exchange = Exchange()
    exchange.calls(1, TRUNK)
    exchange.rings(2, ANA)
    for number in (1, 2):
        exchange.say(ami.BridgeEnter(uniqueid=uid(number), bridge="b", bridge_type="basic"))
    (call,) = exchange.floor.calls()
    assert spoken(call) == ["SIP/101"]


def test_a_member_that_is_paused_stays_what_he_was() -> None:
    exchange = Exchange()
    exchange.say(ami.QueueMember(queue="500", interface="SIP/101", member="Ana", status=2))
    exchange.say(ami_elder.MemberPaused(queue="500", interface="SIP/101", paused=True, reason="lunch"))
    (member,) = exchange.floor.memberships("SIP/101")
    assert (member.status, member.paused, member.paused_reason, member.member) == (2, True, "lunch", "Ana")


def test_what_a_later_exchange_says_is_not_touched() -> None:
    born = ami.Newchannel(uniqueid="1.1", linkedid="1.1", channel="PJSIP/a-1")
    for fact in (born, ami.Hangup(uniqueid="1.1", linkedid="1.1", cause=16), ami.FullyBooted()):
        assert [told for told, _ in Elder().retold(fact, START)] == [fact]


# --- its lists


def row(number: int, channel: str, *, talks_with: int | str = "", state: int = 6) -> ami.ChannelRow:
    return ami.ChannelRow(
        uniqueid=uid(number), channel=channel, state=state, duration=5, talks_with=uid(talks_with)
    )


def listed(exchange: Exchange, *rows: ami.ChannelRow) -> list[tuple[str, str, bool]]:
    """Return each leg that the lists tell of: its uniqueid, its call, and whether it talks."""
    snapshot = ami.Snapshot(channels=rows, untold=frozenset(("bridges",)))
    told = exchange.elder.listed(snapshot, exchange.now)
    assert told.untold == frozenset()
    assert {one.bridge for one in told.bridges} == {leg.bridge for leg in told.channels if leg.bridge}
    return [(leg.uniqueid, leg.linkedid, bool(leg.bridge)) for leg in told.channels]


def test_a_list_tells_who_is_behind_a_uniqueid_and_in_which_call() -> None:
    exchange = answered_by_ana()
    second = "SIP/101-0000000e"
    exchange.calls(5, second, num="101", exten="102")
    exchange.rings(6, LUIS, by=5, by_channel=second)
    exchange.links(5, 6)
    exchange.moves(1, TRUNK, 5, second)
    told = listed(exchange, row(5, TRUNK, talks_with=6), row(6, LUIS, talks_with=5))
    assert told == [(uid(1), uid(1), True), (uid(6), uid(1), True)]


def test_asterisk_1_4_lists_by_name_whom_somebody_talks_with() -> None:
    names = (
        ami.ChannelRow(uniqueid=uid(1), channel=TRUNK, state=6, talks_with=ANA),
        row(2, ANA, talks_with=1),
    )
    assert listed(Exchange(), *names) == [(uid(1), uid(1), True), (uid(2), uid(1), True)]


def test_other_lists_tell_by_name_or_by_the_body_somebody_moved_into() -> None:
    exchange = answered_by_ana()
    exchange.calls(5, EVA)
    exchange.moves(1, TRUNK, 5, EVA)
    told = exchange.elder.listed(
        ami.Snapshot(
            channels=(row(5, TRUNK),),
            entries=(ami.QueueEntry(uniqueid=uid(5), queue="500"),),
            parked=(ami.ParkedCall(uniqueid="", channel=TRUNK, space="701"),),
        ),
        exchange.now,
    )
    assert [item.uniqueid for item in (*told.entries, *told.parked)] == [uid(1), uid(1)]


def test_legs_that_are_new_are_adopted_and_who_rings_for_nobody_known_is_held() -> None:
    exchange = Exchange()
    rows = (row(1, TRUNK, talks_with=2), row(2, ANA, talks_with=1), row(3, LUIS, state=5))
    assert listed(exchange, *rows) == [(uid(1), uid(1), True), (uid(2), uid(1), True)]
    exchange.calls(4, EVA)
    exchange.links(4, 3)
    (call,) = exchange.floor.calls()
    assert (call.linkedid, [one.with_ for one in call.segments if one.kind == "talk"]) == (
        uid(4),
        [("SIP/103",), ("SIP/102",)],
    )


def test_an_audit_forgets_nobody_who_was_born_meanwhile() -> None:
    exchange = answered_by_ana()
    assert listed(exchange, row(1, TRUNK)) == [(uid(1), uid(1), False)]
    exchange.unlinks(1, 2)  # what was heard counts, whatever an older list said
    exchange.goes(2, ANA)
    exchange.goes(1, TRUNK)
    assert [call.outcome for call in exchange.ended()] == ["answered"]


def test_after_a_gap_who_is_not_listed_is_forgotten_and_links_are_those_of_the_list() -> None:
    exchange = answered_by_ana()
    exchange.elder.link_lost()
    assert listed(exchange, row(1, TRUNK)) == [(uid(1), uid(1), False)]
    exchange.links(1, 2)  # of a leg that nobody knows any more
    assert listed(exchange, row(1, TRUNK)) == [(uid(1), uid(1), False)]


# --- whatever comes

NAMES = [
    TRUNK,
    ANA,
    LUIS,
    "Local/1@x-1;1",
    "Local/1@x-1;2",
    f"AsyncGoto/{ANA}",
    f"{ANA}<MASQ>",
    f"{LUIS}<ZOMBIE>",
]
number = st.integers(1, 5).map(uid)
name = st.sampled_from(NAMES)
FACTS = st.one_of(
    st.builds(
        ami.Newchannel, uniqueid=number, channel=name, state=st.sampled_from([0, 4, 6]), exten=st.just("5")
    ),
    st.builds(ami.Newchannel, uniqueid=number, channel=name),
    st.builds(ami.Newstate, uniqueid=number, channel=name, state=st.sampled_from([4, 5, 6])),
    st.builds(ami.DialBegin, uniqueid=number, dest_uniqueid=number, channel=name, dest_channel=name),
    st.builds(ami_elder.DialOver, uniqueid=number, status=st.sampled_from(["ANSWER", "BUSY"])),
    st.builds(ami_elder.Linked, one=number, two=number),
    st.builds(ami_elder.Unlinked, one=number, two=number),
    st.builds(ami_elder.Renamed, uniqueid=number, channel=name, newname=name),
    st.builds(
        ami_elder.Transferred, uniqueid=number, kind=st.sampled_from(["blind", "attended"]), target=number
    ),
    st.builds(ami_elder.CallNamed, channel=name, linkedid=number),
    st.builds(ami.QueueCallerJoin, uniqueid=number, queue=st.just("500")),
    st.builds(
        ami.AgentCalled,
        uniqueid=number,
        queue=st.just("500"),
        interface=st.just("SIP/101"),
        dest_channel=name,
    ),
    st.builds(ami.Hangup, uniqueid=number, channel=name),
)


@given(st.lists(FACTS, max_size=60))
def test_whatever_is_said_nothing_is_left_when_all_have_hung_up(facts: Iterable[ami.AmiEvent]) -> None:
    exchange = Exchange()
    exchange.say(*facts)
    exchange.say(*(ami.Hangup(uniqueid=uid(each), channel="x") for each in range(1, 6)))
    ended = exchange.ended()
    assert exchange.floor.calls() == []
    assert exchange.floor.legs_held == 0
    assert all(untiled(call) == [] for call in ended)
    for call in ended:
        assert "ledger_error" not in {one.kind for one in call.anomalies}


STRANGE = st.one_of(number, st.sampled_from(["", "x", "1.", "9" * 5000 + ".1"]), st.text(max_size=5))


@given(st.lists(st.tuples(FACTS, STRANGE), max_size=40))
def test_no_uniqueid_is_too_strange(facts: list[tuple[ami.AmiEvent, str]]) -> None:
    elder = Elder()
    for fact, strange in facts:
        name_of = "one" if isinstance(fact, ami_elder.Linked | ami_elder.Unlinked) else "uniqueid"
        if hasattr(fact, name_of):
            list(elder.retold(msgspec.structs.replace(fact, **{name_of: strange}), START))
