"""A caller in a queue is answered: what is told then, while they talk, and when they part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pbxsim.world.channel import Channel
from pbxsim.world.endings import App, Ending, dial_state
from pbxsim.world.kernel import Lane
from pbxsim.world.queues import Member
from pbxsim.world.talk import By, conversation, join
from pbxsim.world.visit import Visit, leave_line, let_die
from pbxsim.world.wire import UP, headers

COMPLETE_FIRST = 0.9  # the share of AgentComplete that comes before anybody has left the bridge


@dataclass(slots=True, eq=False, kw_only=True)
class Talk:
    """A caller and the agent who answered him; *waited* in whole seconds, as app_queue counts."""

    visit: Visit
    leg: Channel
    member: Member
    waited: int
    answered_at: float
    is_told: bool = False

    @property
    def talked(self) -> int:
        """Whole seconds since the answer."""
        return int(self.visit.world.now) - int(self.answered_at)

    def count(self) -> None:
        """Put the talk into the figures of the member and of the queue."""
        self.member.calls += 1
        self.member.last_call = int(self.visit.world.now)
        self.member.in_call = False
        self.visit.line.talked(self.talked)

    def end(self, by: By) -> None:
        """The figures are new with the agent's leg gone; AgentComplete comes about now, as chance has it."""
        self.count()
        if self.visit.world.chance.random() < COMPLETE_FIRST:
            self.complete(by)

    def complete(self, by: By) -> None:
        """Tell AgentComplete, once. It is told by a thread that finds no snapshot of a leg that is gone."""
        if self.is_told:
            return
        self.is_told = True
        reason = "caller" if by == "redirect" else by
        words = headers(HoldTime=self.waited, TalkTime=self.talked, Reason=reason)
        channel = self.visit.channel
        is_there = not self.leg.gone and by != "redirect"
        told = self.visit.told(self.member, self.leg, words, fresh=is_there)
        self.visit.world.tell("AgentComplete", "" if channel.gone else channel.told, told)


def answered(visit: Visit, leg: Channel) -> App:
    """A phone was picked up: the others stop, the caller leaves the line, the two talk until they part."""
    world, member = visit.world, visit.legs.pop(leg)
    waited, rang = visit.waited, int(world.now - visit.rung_at)

    def up() -> list[Lane]:
        world.into(leg, UP)()
        return [_connect_lane(visit, leg, member, waited=waited, rang=rang), *world.changed(leg.device)]

    world.together([up])
    talk = Talk(visit=visit, leg=leg, member=member, waited=waited, answered_at=world.now)
    return (yield from _until_they_part(talk))


def _connect_lane(visit: Visit, leg: Channel, member: Member, *, waited: int, rang: int) -> Lane:
    world, channel = visit.world, visit.channel
    losers = list(visit.legs)
    steps: Lane = [partial(dial_state, world, channel, leg, "ANSWER")]
    steps += [partial(dial_state, world, channel, each, "CANCEL") for each in losers]
    if visit.line.settings.strategy == "ringall":
        steps.append(world.connected(channel, leg))
    for each in losers:
        steps.append(partial(dial_state, world, channel, each, "CANCEL"))
        steps.append(partial(let_die, world, each, 26))
    visit.legs = {}

    def connect() -> None:
        visit.line.answered(waited)
        member.in_call = True
        world.told_variables(
            channel, {"QUEUEPOSITION": "1", "QUEUEWAIT": str(waited), "QUEUEWAIT_MS": str(waited * 1000)}
        )
        told = visit.told(member, leg, headers(HoldTime=waited, RingTime=rang))
        world.tell("AgentConnect", channel.told, told)

    steps += [
        world.step("MusicOnHoldStop", channel),
        partial(leave_line, visit),
        connect,
        partial(join, world, leg, channel),
    ]
    return steps


def _until_they_part(talk: Talk) -> App:
    world, channel = talk.visit.world, talk.visit.channel
    channel.completes = talk.complete
    parting = yield from conversation(world, channel, talk.leg, soon=talk.end)
    complete = partial(talk.complete, parting.by)
    ending = Ending(parting.own, parting.others, advance=0, moved=parting.moved, alone=parting.alone)
    if parting.moved is not None:
        talk.count()
    if parting.by == "redirect":
        channel.at_end.append(complete)  # only when the caller ends, however long that takes
    elif parting.moved is not None:
        ending.own.append(complete)
    else:
        ending.others.append([complete])
    return ending
