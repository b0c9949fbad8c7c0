"""Whatever the exchange says, in whatever order: the ledger's promises hold.

Facts come doubled, lost and out of order, over few legs, calls, queues and bridges, so that they meet.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ami_bridge.domain import ami, events
from ami_bridge.domain.floor import Floor
from ami_bridge.domain.inside import Inside
from crm_core.domain.calls import CUSTOMER, Call, Match, untiled

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
GRACE = timedelta(seconds=10)
CHANNELS = {
    "1795536000.0": "PJSIP/trunk-00000000",
    "1795536000.1": "PJSIP/agent101-00000001",
    "1795536000.2": "PJSIP/agent102-00000002",
    "1795536000.3": "PJSIP/trunk-00000003",
    "1795536000.4": "Local/101@agents-00000001;1",
    "1795536000.5": "Local/101@agents-00000001;2",
    "1795536000.6": "PJSIP/agent101-00000006",
}
PHONES = ("PJSIP/agent101", "PJSIP/agent102", "Local/101@agents", "PJSIP/mobile@trunk")

uniqueids = st.sampled_from((*CHANNELS, "1795536000.99"))
linkedids = st.sampled_from(("1795536000.0", "1795536000.1", "1795536000.3", ""))
queues = st.sampled_from(("sales", "care"))
bridges = st.sampled_from(("b1", "b2"))
phones = st.sampled_from(PHONES)
numbers = st.sampled_from(("957212000", "101", "", "boom"))
causes = st.sampled_from((None, 0, 16, 17, 19, 21, 26))


@st.composite
def facts(draw: DrawFn) -> ami.AmiEvent:
    kind = draw(st.sampled_from(sorted(KINDS, key=lambda one: one.__name__)))
    uniqueid = draw(uniqueids)
    common = {"uniqueid": uniqueid, "linkedid": draw(linkedids), "channel": CHANNELS.get(uniqueid, "")}
    own = {name: draw(values) for name, values in KINDS[kind].items()}
    if issubclass(kind, ami.ChannelEvent):
        return kind(**common, **own)
    return kind(**own)


QUEUE: dict[str, SearchStrategy] = {"queue": queues}
AGENT: dict[str, SearchStrategy] = {**QUEUE, "interface": phones, "dest_uniqueid": uniqueids}
DEST: dict[str, SearchStrategy] = {"dest_uniqueid": uniqueids}
KINDS: dict[type, dict[str, SearchStrategy]] = {
    ami.Newchannel: {
        "state": st.sampled_from((0, 4, 6)),
        "num": numbers,
        "exten": st.sampled_from(("s", "5551001", "102", "600123456")),
    },
    ami.Newstate: {"state": st.sampled_from((0, 4, 5, 6, 7))},
    ami.NewCallerid: {"num": numbers},
    ami.DialBegin: {**DEST, "dest_num": numbers},
    ami.DialState: {**DEST, "status": st.sampled_from(("RINGING", "PROGRESS"))},
    ami.DialEnd: {
        **DEST,
        "status": st.sampled_from(("ANSWER", "BUSY", "NOANSWER", "CANCEL", "nonsense")),
        "forward": st.sampled_from(("", "", "Local/600@out")),
    },
    ami.BridgeEnter: {"bridge": bridges, "bridge_type": st.sampled_from(("basic", "base", "parking"))},
    ami.BridgeLeave: {"bridge": bridges},
    ami.LocalBridge: {
        "one": uniqueids,
        "one_channel": st.just(""),
        "two": uniqueids,
        "two_channel": st.just(""),
    },
    ami.Hold: {},
    ami.Unhold: {},
    ami.MusicOnHoldStart: {},
    ami.MusicOnHoldStop: {},
    ami.HangupRequest: {"cause": causes},
    ami.Hangup: {"cause": causes},
    ami.BlindTransfer: {"exten": numbers, "result": st.sampled_from(("Success", "Fail"))},
    ami.AttendedTransfer: {"target": uniqueids, "result": st.just("Success")},
    ami.ParkedCall: {},
    ami.UnParkedCall: {},
    ami.ParkedCallTimeOut: {},
    ami.ParkedCallGiveUp: {},
    ami.QueueCallerJoin: QUEUE,
    ami.QueueCallerLeave: QUEUE,
    ami.QueueCallerAbandon: QUEUE,
    ami.AgentCalled: AGENT,
    ami.AgentConnect: AGENT,
    ami.AgentRingNoAnswer: AGENT,
    ami.UserEvent: {
        "name": st.just("Centralita"),
        "headers": st.fixed_dictionaries(
            {
                "kind": st.just("queue_left"),
                "queue": queues,
                "status": st.sampled_from(("TIMEOUT", "FULL", "LEAVEEMPTY", "CONTINUE")),
            }
        ),
    },
    ami.QueueMember: {"queue": queues, "interface": phones, "paused": st.booleans()},
    ami.QueueMemberRemoved: {"queue": queues, "interface": phones},
    ami.SeatTaken: {"interface": phones, "agent": st.sampled_from(("101", "102"))},
    ami.SeatLeft: {"interface": phones, "agent": st.sampled_from(("101", "102"))},
    ami.OriginateAsked: {"action_id": st.just("a1"), "interface": phones, "number": numbers},
    ami.OriginateResponse: {"action_id": st.just("a1"), "success": st.booleans()},
    ami.PhoneRegistered: {"interface": phones},
}


def rows() -> SearchStrategy[tuple[ami.ChannelRow, ...]]:
    def row(uniqueid: str, linkedid: str, state: int, bridge: str, duration: int) -> ami.ChannelRow:
        return ami.ChannelRow(
            uniqueid=uniqueid,
            linkedid=linkedid or uniqueid,
            channel=CHANNELS[uniqueid],
            state=state,
            bridge=bridge,
            duration=duration,
            exten="5551001",
        )

    one = st.builds(
        row,
        st.sampled_from(tuple(CHANNELS)),
        linkedids,
        st.sampled_from((0, 4, 5, 6)),
        st.sampled_from(("", "b1", "b2")),
        st.integers(0, 400),
    )
    return st.lists(one, max_size=5).map(tuple)


snapshots = st.builds(
    ami.Snapshot,
    channels=rows(),
    queues=st.just((ami.QueueParams(queue="sales"),)),
    members=st.just((ami.QueueMember(queue="sales", interface="PJSIP/agent101"),)),
    entries=st.lists(
        st.builds(
            ami.QueueEntry, uniqueid=uniqueids, linkedid=linkedids, queue=queues, wait=st.integers(0, 90)
        ),
        max_size=2,
    ).map(tuple),
)
deeds = st.sampled_from(("link_lost", "clock_stepped", "matched"))
pauses = st.sampled_from((0.0, 0.0, 0.001, 0.05, 0.3, 1.2, 4.0, -0.5))
steps = st.tuples(pauses, st.one_of(facts(), facts(), facts(), facts(), snapshots, deeds))
Step = ami.AmiEvent | ami.Snapshot | str
scripts = st.lists(steps, max_size=40)


def read(raw: str) -> str | None:
    if raw == "boom":
        raise ValueError(raw)
    return f"+34{raw}" if len(raw) == 9 else None


class Watched:
    """A floor whose every word is checked."""

    def __init__(self) -> None:
        self.floor = Floor("main", inside=Inside(patterns=(r"PJSIP/agent\d+",)), read=read)
        self.now = START
        self.versions: dict[str, int] = defaultdict(int)
        self.ended: list[Call] = []
        self.states: dict[str, tuple[str, datetime]] = {}

    def go(self, pause: float, what: Step) -> None:
        before = self.now
        self.now += timedelta(seconds=pause)
        if self.now > before:
            self.hear(self.floor.tick(self.now))
        if isinstance(what, ami.Snapshot):
            self.hear(self.floor.resync(what, self.now))
        elif isinstance(what, str):
            self.do(what)
        else:
            self.hear(self.floor.step(what, self.now))
        self.check_live()

    def do(self, deed: str) -> None:
        if deed == "link_lost":
            self.floor.link_lost(self.now)
        elif deed == "clock_stepped":
            self.hear(self.floor.clock_stepped(self.now))
        else:
            for call in self.floor.calls():
                who = {"match": Match(kind="exact"), "contact_id": "c-1", "customer": "+34957212000"}
                self.hear(self.floor.matched(call.id, now=self.now, **who))

    def finish(self) -> None:
        for uniqueid in (*CHANNELS, "1795536000.99"):
            self.now += timedelta(milliseconds=10)
            self.hear(self.floor.step(ami.Hangup(uniqueid=uniqueid, cause=16), self.now))
        self.now += GRACE
        self.hear(self.floor.tick(self.now))

    def hear(self, happened: list[events.FloorEvent]) -> None:
        for event in happened:
            if isinstance(event, events.CallEvent):
                assert event.version > self.versions[event.call], event
                self.versions[event.call] = event.version
            if isinstance(event, events.CallEnded):
                self.check_whole(event.record)
            if isinstance(event, events.AgentStateChanged):
                self.check_state(event)

    def check_whole(self, call: Call) -> None:
        assert call.ended_at is not None
        assert call.outcome is not None
        assert untiled(call) == [], call
        spent = sum((s.until - s.at).total_seconds() for s in call.segments if s.party == CUSTOMER)
        assert abs(spent - (call.ended_at - call.started_at).total_seconds()) < 1e-6
        for segment in call.segments:
            assert segment.until is not None
            assert segment.at < segment.until
        for visit in call.visits:
            assert visit.outcome is not None
            assert visit.left_at is not None
            assert visit.entered_at <= visit.left_at
            assert all(attempt.result for attempt in visit.attempts)
        assert all(attempt.result for attempt in call.attempts)
        self.ended.append(call)

    def check_state(self, event: events.AgentStateChanged) -> None:
        if event.before == "logged_out":
            assert event.before_s == 0.0
        else:
            state, since = self.states[event.interface]
            assert event.before == state
            assert abs(event.before_s - (event.at - since).total_seconds()) < 0.002
        self.states[event.interface] = (event.state, event.at)

    def check_live(self) -> None:
        for call in self.floor.calls():
            mine = [s for s in call.segments if s.party == CUSTOMER]
            for one, following in pairwise(mine):
                assert one.until == following.at


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scripts)
def test_whatever_the_exchange_says_every_call_is_told_whole_and_forgotten(
    script: list[tuple[float, Step]],
) -> None:
    watched = Watched()
    for pause, what in script:
        watched.go(pause, what)
    watched.finish()
    assert watched.floor.calls() == []
    assert watched.floor.legs_held == 0
    assert len({call.id for call in watched.ended}) == len(watched.ended)
