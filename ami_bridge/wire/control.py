"""What we ask of an exchange, as AMI actions: the ``CallControl`` port."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from msgspec.structs import replace

from ami_bridge.domain import ami, keeping
from ami_bridge.domain.errors import (
    ActionRejectedError,
    AmiBridgeError,
    HoldNotPossibleError,
    ObserveOnlyError,
    UnsafeValueError,
)
from ami_bridge.domain.keeping import Pair
from ami_bridge.wire.actions import Reply, Value
from ami_bridge.wire.client import AmiClient
from ami_bridge.wire.parse import read_item
from ami_bridge.wire.shape import Headers
from crm_core.domain.calls import CampaignRef

ANSWER_WITHIN_MS = 30_000
CALLER_ID = "CENTRALITA_CALLER_ID"  # for dialplans whose routes show a number of their own
HELD_WITH = "CENTRALITA_HELD_WITH"
ROWS_AT_ONCE = 200
_PHONE_LISTS = ("PJSIPShowEndpoints", "SIPpeers", "ExtensionStateList")
_FLOOR_LISTS: dict[str, ami.ListName] = {
    "QueueStatus": "queues",
    "CoreShowChannels": "channels",
    "BridgeList": "bridges",
    "ParkedCalls": "parked",
}


class AmiControl:
    """Commands one exchange; in observe mode every command is refused before it is sent.

    Args:
        client: the connected client.
        context: the dialplan context in which a clicked number is dialled.
        told: told of each originate before it is sent, so that the ledger knows whose it is, and of refusals.
    """

    def __init__(
        self,
        client: AmiClient,
        *,
        context: str,
        is_observed: bool,
        told: Callable[[ami.OriginateAsked | ami.OriginateResponse], None],
    ) -> None:
        self.is_observed = is_observed
        self._client, self._context, self._told = client, context, told

    async def originate(
        self,
        *,
        interface: str,
        number: str,
        caller_id: str | None,
        agent: str | None,
        ref: str | None = None,
        campaign: CampaignRef | None = None,
    ) -> str:
        """Ring *interface*, then dial *number*; return the id under which the request is known."""
        if self.is_observed:
            raise ObserveOnlyError("Originate")
        action_id = self._client.new_action_id()
        asked = ami.OriginateAsked(
            action_id=action_id,
            interface=interface,
            number=number,
            agent=agent,
            ref=ref or action_id,
            campaign=campaign,
        )
        values: dict[str, Value] = {
            "Channel": interface,
            "Context": self._context,
            "Exten": number,
            "Priority": "1",
            "Timeout": str(ANSWER_WITHIN_MS),
            "Async": "true",
        }
        if caller_id:
            values |= {"CallerID": caller_id, "Variable": f"{CALLER_ID}={caller_id}"}
        self._told(asked)  # before it is sent: the leg may be born before the answer is here
        try:
            await self._client.ask("Originate", values, action_id=action_id)
        except (ActionRejectedError, UnsafeValueError):
            self._told(ami.OriginateResponse(action_id=action_id, success=False))
            raise
        return asked.ref or action_id

    async def hang_up(self, uniqueid: str) -> None:
        """End a leg, named by its channel or uniqueid."""
        await self._command("Hangup", {"Channel": uniqueid})

    async def hold(self, pair: Pair) -> None:
        """Part two who talk: each goes to his place in the rendered dialplan."""
        await self._demand_places()
        values = {
            "Channel": pair.other,
            "Context": keeping.CONTEXT,
            "Exten": keeping.HELD,
            "Priority": "1",
            "ExtraChannel": pair.holder,
            "ExtraContext": keeping.CONTEXT,
            "ExtraExten": keeping.HOLDING,
            "ExtraPriority": "1",
        }
        try:
            await self._name_each_other(pair)
            await self._command("Redirect", values)
        except ActionRejectedError:  # without an answer they may be parted, and need the names
            await self._forget_each_other(pair)
            raise

    async def resume(self, pair: Pair) -> None:
        """Join two again who were parted; from then on the end of one is nothing that the dialplan does.

        They are named until they are joined: who hangs up before that must not leave the other alone.
        """
        await self._command("Bridge", {"Channel1": pair.other, "Channel2": pair.holder, "Tone": "no"})
        await self._forget_each_other(pair)

    async def _name_each_other(self, pair: Pair) -> None:
        """Tell each channel whose end is its own while they are parted."""
        for one, other in ((pair.holder, pair.other), (pair.other, pair.holder)):
            await self._command("Setvar", {"Channel": one, "Variable": HELD_WITH, "Value": other})

    async def _forget_each_other(self, pair: Pair) -> None:
        """Empty what they are named by; if that fails the dialplan still heeds who is joined."""
        with suppress(AmiBridgeError):
            for one in (pair.holder, pair.other):
                with suppress(ActionRejectedError):  # who has hung up since has no variables
                    await self._command("Setvar", {"Channel": one, "Variable": HELD_WITH, "Value": ""})

    async def _demand_places(self) -> None:
        """See that who is sent to the places of hold arrives there: the exchange hangs up who does not."""
        if (self._client.version or "").startswith("1."):
            raise HoldNotPossibleError("it is older than Asterisk 12")
        if self.is_observed:
            raise ObserveOnlyError("Redirect")
        try:
            listed = (await self._client.ask("ShowDialPlan", {"Context": keeping.CONTEXT})).items
        except ActionRejectedError as error:
            raise HoldNotPossibleError(error.reason) from error
        if keeping.WHERE - {item.get("extension", "") for item in listed}:
            raise HoldNotPossibleError(f"its dialplan has no {keeping.CONTEXT}")

    async def pause(self, interface: str, *, is_paused: bool, reason: str = "") -> None:
        """Pause a member in all its queues, or let it be rung again."""
        paused = "true" if is_paused else "false"
        await self._command("QueuePause", {"Interface": interface, "Paused": paused, "Reason": reason})

    async def join_queue(
        self, queue: str, interface: str, *, name: str, penalty: int, is_paused: bool
    ) -> None:
        """Make a phone a member of a queue; *name* is whose phone it is there."""
        values = {
            "Queue": queue,
            "Interface": interface,
            "Penalty": str(penalty),
            "Paused": "true" if is_paused else "false",
            "MemberName": name,
        }
        await self._command("QueueAdd", values)

    async def leave_queue(self, queue: str, interface: str) -> None:
        """Let a phone be no member of a queue any more."""
        await self._command("QueueRemove", {"Queue": queue, "Interface": interface})

    async def snapshot(self) -> ami.Snapshot:
        """Return what the exchange says is so, each list asked for when the one before it is here."""
        phones = await self._phones()
        read: defaultdict[type, list[Any]] = defaultdict(list)
        untold: set[ami.ListName] = set()
        for name, kind in _FLOOR_LISTS.items():
            listed = await (self._channels() if kind == "channels" else self._list(name))
            if listed is None:
                untold.add(kind)
            for place, item in enumerate(listed or (), start=1):
                fact = read_item(item)
                read[type(fact)].append(fact)
                if place % ROWS_AT_ONCE == 0:
                    await asyncio.sleep(0)  # a long list holds up no pop
        dialled = {} if "bridges" in untold else await self._dialled()
        return ami.Snapshot(
            channels=tuple(replace(row, dnid=dialled.get(row.uniqueid, "")) for row in read[ami.ChannelRow]),
            bridges=tuple(read[ami.BridgeRow]),
            parked=tuple(read[ami.ParkedCall]),
            queues=tuple(read[ami.QueueParams]),
            members=tuple(read[ami.QueueMember]),
            entries=tuple(read[ami.QueueEntry]),
            phones=tuple(phones),
            untold=frozenset(untold),
        )

    async def _phones(self) -> list[str]:
        """Return the devices that have a line of their own, each once.

        Endpoints that authenticate as a phone; and what extensions have for a hint, which is all that a user
        without the right to see endpoints is told.
        """
        listed = [_phones_in(item) for name in _PHONE_LISTS for item in await self._list(name) or ()]
        return list(dict.fromkeys(chain.from_iterable(listed)))

    async def _dialled(self) -> dict[str, str]:
        """Return the digits first dialled by each leg, of which the list of channels says nothing."""
        return {
            item["uniqueid"]: item.get("dnid", "")
            for item in await self._list("Status") or ()
            if "uniqueid" in item
        }

    async def _channels(self) -> tuple[Headers, ...] | None:
        """Return the list of channels; Asterisk 1.4 knows but one that is called otherwise."""
        try:
            return (await self._client.ask("CoreShowChannels")).items
        except ActionRejectedError as error:
            is_not_known = "unknown command" in error.reason.lower()
            return await self._list("Status") if is_not_known else None

    async def _list(self, name: str) -> tuple[Headers, ...] | None:
        """Return the items of a list; None when it cannot be had: no such module, no such right."""
        with suppress(ActionRejectedError):
            return (await self._client.ask(name)).items
        return None

    async def _command(self, name: str, values: Mapping[str, Value]) -> Reply:
        if self.is_observed:
            raise ObserveOnlyError(name)
        return await self._client.ask(name, values)


def _phones_in(item: Headers) -> Sequence[str]:
    """Return the devices of an item: of an endpoint that phones register to, or of an extension's hint.

    Trunks register out, or have an address. A hint has devices with & between, then how somebody is.
    """
    match item.get("event"):
        case "EndpointList" if item.get("aor"):
            return [f"PJSIP/{item['objectname']}"] if item.get("auths") else []
        case "PeerEntry" if item.get("dynamic") == "yes":
            return [f"{item.get('channeltype', 'SIP')}/{item.get('objectname', '')}"]
        case "ExtensionStatus":
            return [one for one in item.get("hint", "").partition(",")[0].split("&") if "/" in one]
    return []
