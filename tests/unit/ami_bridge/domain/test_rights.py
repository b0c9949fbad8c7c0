"""What our manager user may do and hear, by what came and what did not."""

from __future__ import annotations

import pytest

from ami_bridge.domain import ami
from ami_bridge.domain.rights import ACTIONS, COMMANDS, GONE_KEPT, Heard, Rights, may_use

BOOTED = ami.FullyBooted(uptime=5)
OURS = ami.UserEvent(uniqueid="", name="CentralitaRights", headers={"nonce": "n1"})
THEIRS = ami.UserEvent(uniqueid="1.1", name="Other", headers={"nonce": "n2"})
BORN = ami.Newchannel(uniqueid="1.1")
JOINED = ami.QueueCallerJoin(uniqueid="1.1", queue="sales")
MEMBER = ami.QueueMember(queue="sales", interface="PJSIP/agent101")
NOBODY = ami.Snapshot()
YOUNG = ami.Snapshot(channels=(ami.ChannelRow(uniqueid="1.1", duration=20),))
OLD = ami.Snapshot(channels=(ami.ChannelRow(uniqueid="1.1", duration=3600),))
WAITING = ami.Snapshot(entries=(ami.QueueEntry(uniqueid="1.1", queue="sales", wait=20),))
FOR_S = 60.0


def verdict(events: list[ami.AmiEvent], snapshot: ami.Snapshot, *, has_asked: bool = True) -> str:
    """Return the classes with + heard, - not heard, ? not known."""
    heard = Heard(nonce="n1")
    heard.note(events)
    heard.compare(snapshot, listens_for_s=FOR_S)
    signs = {True: "+", False: "-", None: "?"}
    return " ".join(f"{signs[held]}{name}" for name, held in heard.read(has_asked=has_asked).items())


@pytest.mark.parametrize(
    ("events", "snapshot", "has_asked", "told"),
    [
        pytest.param([], NOBODY, True, "-system ?call ?agent -user", id="nothing came"),
        pytest.param([], NOBODY, False, "-system ?call ?agent ?user", id="nothing asked"),
        pytest.param([BOOTED, OURS], NOBODY, True, "+system ?call ?agent +user", id="a quiet exchange"),
        pytest.param([THEIRS], NOBODY, True, "-system ?call ?agent -user", id="an event of others"),
        pytest.param([BORN, JOINED], NOBODY, False, "-system +call +agent ?user", id="somebody called"),
        pytest.param([MEMBER], NOBODY, False, "-system ?call +agent ?user", id="a member changed"),
        pytest.param([], YOUNG, False, "-system -call ?agent ?user", id="a call we were not told of"),
        pytest.param([], OLD, False, "-system ?call ?agent ?user", id="a call from before"),
        pytest.param([BORN], YOUNG, False, "-system +call ?agent ?user", id="a call we were told of"),
        pytest.param([], WAITING, False, "-system ?call -agent ?user", id="a caller who never joined"),
        pytest.param([JOINED], WAITING, False, "-system ?call +agent ?user", id="a caller who joined"),
    ],
)
def test_what_is_heard(
    events: list[ami.AmiEvent], snapshot: ami.Snapshot, has_asked: bool, told: str
) -> None:
    assert verdict(events, snapshot, has_asked=has_asked) == told


def test_actions_are_held_by_the_list_whatever_its_letters() -> None:
    held = may_use(["coreshowchannels", "Originate", "ping"], is_observed=False)
    assert [name for name, may in held.items() if may] == ["CoreShowChannels", "Originate"]
    assert set(held) == set(ACTIONS)


def test_commands_are_not_asked_about_where_we_only_observe() -> None:
    assert COMMANDS.isdisjoint(may_use([], is_observed=True))


def test_without_a_list_nothing_is_known() -> None:
    rights = Rights(
        write=may_use(None, is_observed=True),
        read={"system": True, "call": None, "agent": False, "user": True},
    )
    assert rights.missing == ("read=agent",)
    assert rights.unknown == (
        "read=call",
        "write=reporting (CoreShowChannels)",
        "write=system (PJSIPShowEndpoints)",
    )


def test_of_those_who_hung_up_only_the_last_are_kept() -> None:
    """Where something never shows, as where there is no queue, the stream is looked at all the time."""
    heard = Heard(nonce="n1")
    heard.note([ami.Newchannel(uniqueid="1.1"), ami.Newchannel(uniqueid="2.0")])
    for n in range(GONE_KEPT):
        heard.note([ami.Newchannel(uniqueid=f"3.{n}"), ami.Hangup(uniqueid=f"3.{n}")])
    heard.note([ami.Hangup(uniqueid="1.1"), ami.Newstate(uniqueid="1.1", state=6)])
    assert heard._legs == {"2.0"}
    assert len(heard._gone) == GONE_KEPT
    heard.compare(YOUNG, listens_for_s=FOR_S)  # the list still had him
    assert heard.read(has_asked=False)["call"] is True
