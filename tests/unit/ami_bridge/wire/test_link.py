"""One connection without a socket: whatever bytes come, facts in order and nothing that raises or grows."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ami_bridge.domain import ami, ami_elder
from ami_bridge.domain.errors import LinkDownError
from ami_bridge.wire.link import WRITE_LIMIT, AmiLink, Stats
from ami_bridge.wire.pending import SafeAction

GREETING = b"Asterisk Call Manager/11.0.0\r\n"


def block(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


STREAM = b"".join(
    (
        GREETING,
        block("Response: Success", "ActionID: c-1", "EventList: start"),
        block("Event: Newchannel", "CallerIDName: Zoë", "Uniqueid: 1.0"),
        block("Event: VarSet", "Value: x"),
        block("Event: ParkedCall", "ActionID: c-1", "ParkeeUniqueid: 1.9"),
        block("Event: ListComplete", "ActionID: c-1", "EventList: Complete"),
        b"\r\n",
        block("Event: Hangup", "Uniqueid: 1.0", "Cause: "),
    )
)
FACTS = [ami.Newchannel(uniqueid="1.0", name="Zoë"), ami.Hangup(uniqueid="1.0")]


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_aborted = False
        self.waits = 0

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.is_aborted = True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high == WRITE_LIMIT
        assert low is None

    def get_write_buffer_size(self) -> int:
        return self.waits


class Line:
    """A link, what it heard and why it was lost."""

    def __init__(self) -> None:
        self.heard: list[ami.AmiEvent] = []
        self.lost: list[str] = []
        self.stats = Stats()
        self.wire = Wire()
        self.link = AmiLink(heard=self._hear, lost=self.lost.append, stats=self.stats)
        self.link.connection_made(self.wire)

    def _hear(self, events: list[ami.AmiEvent], _arrival: float) -> None:
        self.heard += events

    def ask(self, action_id: str = "c-1") -> SafeAction:
        action = SafeAction("List", {}, action_id=action_id)
        self.link.send(action)
        return action


async def test_a_cut_anywhere_changes_nothing() -> None:
    for cut in range(len(STREAM) + 1):
        line = Line()
        asked = line.ask()
        line.link.data_received(STREAM[:cut])
        line.link.data_received(STREAM[cut:])
        assert line.heard == FACTS, cut
        assert [item["parkeeuniqueid"] for item in asked.future.result().items] == ["1.9"], cut
        assert line.link.version == line.link.greeted.result() == "11.0.0", cut
        assert (line.stats.seen, line.stats.parsed, line.stats.unreadable) == (5, 2, 0), cut


async def test_an_end_anywhere_fails_what_waits_and_tells_what_came() -> None:
    list_ends = STREAM.index(b"EventList: Complete\r\n\r\n") + len("EventList: Complete\r\n\r\n")
    for end in range(len(STREAM)):
        line = Line()
        asked = line.ask()
        line.link.data_received(STREAM[:end])
        line.link.connection_lost(None)
        assert line.lost == ["the exchange closed the connection"], end
        assert line.heard == FACTS[:1][: len(line.heard)], end
        assert isinstance(asked.future.exception(), LinkDownError if end < list_ends else type(None)), end
        line.link.greeted.exception()
        with pytest.raises(LinkDownError):
            line.ask()


pieces = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [
            b"\r\n\r\n",
            b"\r\n",
            b"Event: Newchannel\r\n",
            b"Event: Hangup\r\nUniqueid: 1.1",
            b"Response: Success\r\n",
            b"Response: Error\r\nActionID: c-1\r\n\r\n",
            b"ActionID: c-1\r\n",
            b"\r\nActionID: c-1",
            b"EventList: start\r\n",
            b"EventList: Complete\r\n",
            b"Output: \xff\r\n",
            b"Asterisk Call Manager/",
        ]
    ),
)


@settings(max_examples=300)
@given(st.lists(pieces), st.booleans())
def test_any_bytes_are_an_error_at_most(reads: list[bytes], is_greeted: bool) -> None:
    asyncio.run(_any_bytes(reads, is_greeted=is_greeted))


async def _any_bytes(reads: list[bytes], *, is_greeted: bool) -> None:
    line = Line()
    asked = line.ask()
    if is_greeted:
        line.link.data_received(GREETING)
    for read in reads:
        line.link.data_received(read)
    line.link.data_received(b"\r\n\r\n" + block("Event: Newchannel", "Uniqueid: 2.1"))
    if is_greeted:
        assert line.heard[-1] == ami.Newchannel(uniqueid="2.1")
    line.link.connection_lost(ConnectionResetError("reset"))
    assert asked.future.done()
    assert len(line.lost) == 1
    asked.future.exception()
    line.link.greeted.exception()


async def test_a_reader_that_fails_does_not_stop_the_stream() -> None:
    calls = []

    def hear(events: list[ami.AmiEvent], _arrival: float) -> None:
        calls.append(events)
        raise RuntimeError

    link = AmiLink(heard=hear, lost=print, stats=Stats())
    link.connection_made(Wire())
    for _ in range(2):
        link.data_received(GREETING[: 0 if calls else None] + block("Event: Hangup", "Uniqueid: 1.0"))
    assert [len(events) for events in calls] == [1, 1]


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-OpenSSH\r\n", b"x" * 201, b"\n", b"Asterisk Call Manager/\xff\r\n"]
)
async def test_what_is_no_exchange_is_dropped(said: bytes) -> None:
    line = Line()
    line.link.data_received(said)
    assert line.lost == ["what answers there is no Asterisk manager interface"]
    assert line.wire.is_aborted
    assert isinstance(line.link.greeted.exception(), LinkDownError)


@pytest.mark.parametrize("said", ["Asterisk Call Manager/1.1", "Callweaver Call Manager/2.10.6"])
async def test_greetings_of_old_and_other_exchanges(said: str) -> None:
    line = Line()
    line.link.data_received(f"{said}\n".encode())
    assert line.link.version == said.rpartition("/")[2]


async def test_a_link_is_lost_once_and_says_why() -> None:
    line = Line()
    line.link.close()
    line.link.drop("again")
    line.link.connection_lost(None)
    line.link.log_off()
    assert line.lost == ["closed by us"]
    assert line.wire.written == b""
    line.link.greeted.exception()


async def test_it_does_not_write_to_an_exchange_that_does_not_read() -> None:
    line = Line()
    line.wire.waits = WRITE_LIMIT + 1
    with pytest.raises(LinkDownError, match="does not read"):
        line.ask()
    line.wire.waits = 0
    for turn in range(200):
        line.ask(f"c-{turn}")
    with pytest.raises(LinkDownError, match="does not read"):
        line.ask("c-200")


async def test_an_answer_to_nothing_is_dropped() -> None:
    line = Line()
    line.link.data_received(
        GREETING + block("Response: Success", "ActionID: other") + block("Response: Error")
    )
    assert (line.heard, line.stats.unreadable) == ([], 0)


async def test_lines_of_a_command_are_kept_in_order() -> None:
    line = Line()
    asked = line.ask()
    line.link.data_received(
        GREETING + block("Response: Success", "ActionID: c-1", "Output: a", "Output: ", "Output: b")
    )
    assert asked.future.result().output == ("a", "", "b")


async def test_lines_of_an_elders_command_follow_bare() -> None:
    line = Line()
    asked = line.ask()
    answer = b"Response: Follows\r\nPrivilege: Command\r\nActionID: c-1\r\na\nb: c\n--END COMMAND--\r\n\r\n"
    line.link.data_received(GREETING + answer)
    assert asked.future.result().output == ("a", "b: c")


async def test_the_call_of_a_leg_is_told_before_the_leg() -> None:
    line = Line()
    told = "ChanVariable(SIP/101-0000002a): CHANNEL(linkedid)=1.0"
    line.link.data_received(GREETING + block("Event: Newchannel", "Uniqueid: 1.1", told))
    assert line.heard == [
        ami_elder.CallNamed(channel="SIP/101-0000002a", linkedid="1.0"),
        ami.Newchannel(uniqueid="1.1"),
    ]
