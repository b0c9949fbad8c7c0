"""One exchange: its link, its ledger, and what we may ask of it, joined."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from ami_bridge.domain.floor import Floor, IsHeard
from ami_bridge.domain.inside import Inside
from ami_bridge.domain.pbx_clock import PbxClock
from ami_bridge.ports import EventSink
from ami_bridge.services.commands import Presence
from ami_bridge.services.live import LivePbx, Note, ToldByIvr
from ami_bridge.services.rights import RightsWatch
from ami_bridge.wire.client import AmiClient, AmiSettings
from ami_bridge.wire.control import AmiControl
from centralita.settings import Pbx
from crm_core.domain.phone import DialRoute, TrunkRules, read_number
from screenpop.context import PartState


class Exchange:
    """Everything that belongs to one exchange; ``run`` is a part for the supervisor.

    *may_send* is asked before each action: whether its lease is ours still. *note* takes what it says.
    """

    def __init__(
        self,
        floor: Floor,
        settings: Pbx,
        *,
        bus: EventSink,
        now: Callable[[], datetime],
        told_by_ivr: ToldByIvr,
        may_send: Callable[[], bool],
        note: Note,
    ) -> None:
        self.floor = floor
        self.live = LivePbx(
            floor,
            bus=bus,
            clock=PbxClock(),
            now=self.now,
            told_by_ivr=told_by_ivr,
            audit_each_s=settings.audit_s,
            note=note,
        )
        self.rights = RightsWatch(floor.pbx, self.live, is_observed=settings.mode == "observe")
        self.client = AmiClient(ami_settings(settings), sink=self.rights, now=now, may_send=may_send)
        self.control = AmiControl(
            self.client,
            context=settings.agent_context,
            is_observed=settings.mode == "observe",
            told=self.live.asked_to_originate,
        )
        self.is_heard: IsHeard = lambda _queue: True
        self.presence = Presence(self.live, self.control, bus=bus, now=now)
        self.route = DialRoute(region=settings.region, access=settings.access_digit)

    def now(self) -> datetime:
        """Return this instant as the ledger counts it."""
        return self.client.now()

    async def run(self) -> None:
        """Keep the link and the ledger going until cancelled; if one part fails all start again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.client.run())
            group.create_task(self.live.tick(self._is_wanted))
            group.create_task(self.live.resync(self.control))
            group.create_task(self.rights.run(Questions(self.client, self.control)))

    def _is_wanted(self, queue: str) -> bool:
        """Return whether somebody hears of *queue*, or a command waits to be told what became of it."""
        return self.presence.is_waiting or self.is_heard(queue)

    def link(self) -> PartState:
        """Return how the link is."""
        client = self.client
        return PartState(
            state=client.state, is_well=client.state == "up", why=client.why, truth=self.live.truth
        )


class Questions:
    """What ``RightsWatch`` asks of an exchange."""

    def __init__(self, client: AmiClient, control: AmiControl) -> None:
        self._client, self.snapshot = client, control.snapshot

    async def may_use(self) -> Sequence[str]:
        """Return the names of the actions that our user may use, in small letters."""
        return list((await self._client.ask("ListCommands")).headers)

    async def say(self, name: str, headers: Mapping[str, str]) -> None:
        """Let the exchange make an event of ours."""
        await self._client.ask("UserEvent", {"UserEvent": name, **headers})


def floor_of(name: str, settings: Pbx) -> Floor:
    """Return the empty floor of an exchange."""
    trunk = TrunkRules(extension_digits=settings.extension_digits)

    def read(raw: str) -> str | None:
        return read_number(raw, region=settings.region, trunk=trunk).e164

    return Floor(name, inside=Inside(patterns=settings.inside), read=read)


def ami_settings(settings: Pbx) -> AmiSettings:
    """Return where and as whom to log in."""
    return AmiSettings(
        host=settings.host,
        port=settings.port,
        user=settings.user,
        secret=settings.secret,
        tls=settings.tls.enabled,
        ca_file=settings.tls.ca_file,
        server_name=settings.tls.server_name,
        only_reads=settings.mode == "observe",
    )
