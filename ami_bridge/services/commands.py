"""What an agent does to his place in the queues: asked of the exchange, believed when the exchange tells it.

The exchange's "Success" says that it took an action. That it happened is told by the events of the members,
which the ledger keeps; a command returns when they came and fails when they did not come in time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from ami_bridge.bus import Numbered
from ami_bridge.domain.ami import QueueMember
from ami_bridge.domain.errors import NoMemberError, NotConfirmedError
from ami_bridge.domain.events import AgentIntervened, Intervention, PbxResynced, QueueChanged
from ami_bridge.ports import CallControl, EventSink, LiveFloor

CONFIRMED_WITHIN_S = 2.0
LOGGED_OUT = "logged_out"
"""The reason by which members are paused whose agent was signed out by somebody else."""

Told = Callable[[], bool]


class Presence:
    """The members of one exchange's queues, for who commands them; ``on_events`` is a reader of the bus."""

    def __init__(
        self,
        floor: LiveFloor,
        control: CallControl,
        *,
        bus: EventSink,
        now: Callable[[], datetime],
        within_s: float = CONFIRMED_WITHIN_S,
    ) -> None:
        self._floor, self._control, self._bus, self._now = floor, control, bus, now
        self._within_s = within_s
        self._waiting: dict[asyncio.Future[None], Told] = {}
        self._penalties: dict[tuple[str, str], int] = {}

    @property
    def is_observed(self) -> bool:
        """Whether the exchange takes no commands."""
        return self._control.is_observed

    @property
    def is_waiting(self) -> bool:
        """Whether a command waits for the exchange to tell of its queues."""
        return bool(self._waiting)

    async def pause(self, phone: str, reason: str) -> None:
        """Let no queue ring *phone*; a call it is in goes on, the pause is what follows it.

        Raises:
            NoMemberError: it is in no queue.
            NotConfirmedError: the exchange did not tell so in time.
            AmiBridgeError: the exchange did not take it (see ``CallControl``).
        """
        await self._set_pause(phone, is_paused=True, reason=reason)

    async def ready(self, phone: str) -> None:
        """Let the queues of *phone* ring it again; raises what ``pause`` does."""
        await self._set_pause(phone, is_paused=False, reason="")

    async def join(self, queue: str, phone: str, *, name: str) -> None:
        """Make *phone* a member of *queue*, as *name*; paused when it is paused in its other queues.

        Its penalty is the one it had when it left the queue. One that is a member already stays as it is.

        Raises:
            NotConfirmedError: the exchange did not tell so in time.
            AmiBridgeError: the exchange did not take it (see ``CallControl``).
        """
        mine = self._floor.memberships(phone)
        if any(member.queue == queue for member in mine):
            return
        is_paused = bool(mine) and all(member.paused for member in mine)
        async with _in_time(f"{phone} joins {queue}", self._within_s):
            penalty = self._penalties.get((queue, phone), 0)
            await self._control.join_queue(queue, phone, name=name, penalty=penalty, is_paused=is_paused)
            await self._until(lambda: self._member(queue, phone) is not None)
            if is_paused:  # QueueAdd itself carries no reason
                await self.pause(phone, next((one.paused_reason for one in mine if one.paused_reason), ""))

    async def leave(self, queue: str, phone: str) -> None:
        """Let *phone* be no member of *queue* any more; raises what ``join`` does."""
        member = self._member(queue, phone)
        if member is None:
            return
        async with _in_time(f"{phone} leaves {queue}", self._within_s):
            await self._control.leave_queue(queue, member.interface)
            await self._until(lambda: self._member(queue, phone) is None)
        self._penalties[queue, phone] = member.penalty

    def tell(self, *, agent: str | None, phone: str, by: str, act: Intervention, reason: str | None) -> None:
        """Say to everybody concerned that somebody stepped in."""
        told = AgentIntervened(
            pbx=self._floor.pbx,
            at=self._now(),
            agent=agent,
            interface=phone,
            by=by,
            act=act,
            reason=reason,
        )
        self._bus.publish([told])

    def on_events(self, batch: Sequence[Numbered]) -> None:
        """Let the commands that are waited for look again when a queue of this exchange changed."""
        if not self._waiting or not any(self._is_of_queues(event) for _, event in batch):
            return
        for future, is_so in self._waiting.items():
            if not future.done() and is_so():
                future.set_result(None)

    def _is_of_queues(self, event: object) -> bool:
        return isinstance(event, QueueChanged | PbxResynced) and event.pbx == self._floor.pbx

    async def _set_pause(self, phone: str, *, is_paused: bool, reason: str) -> None:
        before = self._floor.memberships(phone)
        if not before:
            raise NoMemberError(phone)

        def is_told() -> bool:
            return all(
                member.paused is is_paused and not any(member is one for one in before)
                for member in self._floor.memberships(phone)
            )

        async with _in_time(f"{phone} is {'paused' if is_paused else 'ready'}", self._within_s):
            for interface in {member.interface for member in before}:
                await self._control.pause(interface, is_paused=is_paused, reason=reason)
            await self._until(is_told)

    def _member(self, queue: str, phone: str) -> QueueMember | None:
        return next((one for one in self._floor.memberships(phone) if one.queue == queue), None)

    async def _until(self, is_so: Told) -> None:
        if is_so():
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting[future] = is_so
        try:
            await future
        finally:
            del self._waiting[future]


@asynccontextmanager
async def _in_time(what: str, seconds: float) -> AsyncIterator[None]:
    """Give the block *seconds*; it fails by ``NotConfirmedError`` when they are over."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise NotConfirmedError(what, seconds) from None
