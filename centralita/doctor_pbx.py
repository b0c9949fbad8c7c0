"""What the doctor sees of an exchange: can it be reached, may we do our work there, is there work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress

from ami_bridge.domain.ami import AmiEvent, Snapshot
from ami_bridge.domain.errors import ActionRejectedError, AmiBridgeError
from ami_bridge.domain.rights import COMMANDS, HELPFUL, Rights
from ami_bridge.services.rights import RightsWatch
from ami_bridge.wire.client import AmiClient
from ami_bridge.wire.control import AmiControl
from centralita.clock import utc_now
from centralita.doctor_elder import examine_elder
from centralita.exchange import Questions, ami_settings
from centralita.findings import Finding
from centralita.settings import Pbx
from centralita.words import words

CONNECT_S, LOOK_S = 8.0, 0.05
CLOCK_STEP_S = 1.0


class Ear:
    """An ``AmiSink``: knows whether the link is up and how the exchange's clock goes."""

    def __init__(self) -> None:
        self.is_up = False
        self.was_stamped: bool | None = None
        self.clock_ahead_s = 0.0

    def heard(self, events: Sequence[AmiEvent], *, arrival: float) -> None:
        """Compare the clocks by an event's time and its arrival."""
        for event in events:
            self.was_stamped = event.stamp is not None
            if event.stamp is not None:
                self.clock_ahead_s = event.stamp - arrival

    def connected(self) -> None:
        """We are logged in."""
        self.is_up = True

    def disconnected(self, why: str) -> None:  # noqa: ARG002
        """The link is gone."""
        self.is_up = False


async def examine_exchange(name: str, pbx: Pbx) -> list[Finding]:
    """Return what there is to say about an exchange."""
    about, ear = f"pbx.{name}", Ear()
    watch = RightsWatch(name, ear, is_observed=pbx.mode == "observe")
    client = AmiClient(ami_settings(pbx), sink=watch, now=utc_now)
    control = AmiControl(client, context=pbx.agent_context, is_observed=True, told=lambda _asked: None)
    async with _connected(client):
        await _until_settled(client, ear)
        if not ear.is_up:
            return [_unreachable(about, client, pbx)]
        try:
            questions = Questions(client, control)
            rights = await watch.find_out(questions)
            spare = await _spare(questions) if pbx.mode == "observe" else None
            snapshot = await control.snapshot()
            asked = await _asks_us(client)
            elder = await examine_elder(about, client)
        except AmiBridgeError as error:
            client.why = str(error)
            return [_unreachable(about, client, pbx)]
    return [
        *_reached(about, client),
        *_rights(about, rights),
        *_observed(about, pbx, spare),
        *_queues(about, snapshot),
        *_phones(about, snapshot),
        *_clock(about, ear),
        *_dialplan(about, asked),
        *elder,
    ]


@asynccontextmanager
async def _connected(client: AmiClient) -> AsyncIterator[None]:
    link = asyncio.create_task(client.run())
    try:
        yield
    finally:
        link.cancel()
        await asyncio.wait([link])


async def _until_settled(client: AmiClient, ear: Ear) -> None:
    """Return when the link is up or will not be."""
    deadline = time.monotonic() + CONNECT_S
    while not ear.is_up and client.state in ("down", "connecting") and time.monotonic() < deadline:
        if client.state == "down" and client.why:
            return
        await asyncio.sleep(LOOK_S)


async def _asks_us(client: AmiClient) -> bool | None:
    """Return whether the dialplan asks a FastAGI server; None when it may not be read."""
    with suppress(ActionRejectedError):
        items = (await client.ask("ShowDialPlan")).items
        return any(item.get("appdata", "").startswith("agi://") for item in items)
    return None


async def _spare(questions: Questions) -> set[str] | None:
    """Return the commands that our user may give although he only observes; None when it is not told."""
    with suppress(ActionRejectedError):
        listed = {name.casefold() for name in await questions.may_use()}
        return {name for name in COMMANDS if name.casefold() in listed}
    return None


def _observed(about: str, pbx: Pbx, spare: set[str] | None) -> Iterator[Finding]:
    """Tell that no command is sent, and which rights the user does not need for that."""
    _ = words().gettext
    if pbx.mode != "observe":
        return
    what = _("It is only observed: no command is ever sent to it.")
    yield Finding(level="ok", about=f"{about}.mode", what=what)
    if spare:
        yield Finding(
            level="warning",
            about=f"{about}.user",
            what=_("The manager user may give commands: %(names)s.") % {"names": ", ".join(sorted(spare))},
            why=_("Whoever gets at its secret could give them; to observe, reading is enough."),
            change=f"manager.conf: [{pbx.user}] write = reporting",
        )


def _unreachable(about: str, client: AmiClient, pbx: Pbx) -> Finding:
    _ = words().gettext
    why = _("Without it there are no calls, no screen pops and no history.")
    if client.state == "refused":
        return Finding(
            level="bad",
            about=f"{about}.secret",
            what=client.why or "",
            why=why,
            change=f"manager.conf: [{pbx.user}] secret, permit; {about}.user, {about}.secret",
        )
    told = {"address": f"{pbx.host}:{pbx.port}", "why": client.why or _("no answer")}
    return Finding(
        level="bad",
        about=f"{about}.host",
        what=_("No manager interface at %(address)s: %(why)s.") % told,
        why=why,
        change="manager.conf: [general] enabled = yes, bindaddr, port",
    )


def _reached(about: str, client: AmiClient) -> Iterator[Finding]:
    what = words().gettext("Logged in, manager interface %(version)s.") % {"version": client.version}
    yield Finding(level="ok", about=about, what=what)


def _rights(about: str, rights: Rights) -> Iterator[Finding]:
    _ = words().gettext
    losses = {
        "read=system": _("It is not seen which phones are there, nor that the exchange stops."),
        "read=call": _("No call is seen at all."),
        "read=agent": _("Queues and their callers are not seen."),
        "read=user": _("What the dialplan finds out of a caller does not reach the screen."),
        "write=reporting (CoreShowChannels)": _("Calls in progress at a start are not seen."),
        "write=system (PJSIPShowEndpoints)": _("Phones are known only once they register or serve a queue."),
        "write=originate (Originate)": _("Nobody can dial from the screen."),
        "write=call (Hangup)": _("Nobody can hang up from the screen."),
        "write=agent (QueuePause)": _("Nobody can pause or be ready from the screen."),
        "write=agent (QueueAdd)": _("Nobody can join a queue from the screen."),
        "write=agent (QueueRemove)": _("Nobody can leave a queue from the screen."),
        "write=user (UserEvent)": _("Whether our own events come back cannot be seen."),
    }
    for right in rights.missing:
        yield Finding(
            level="warning" if right in HELPFUL else "bad",
            about=about,
            what=_("The manager user lacks %(right)s.") % {"right": right},
            why=losses[right],
            change=f"manager.conf: {right.split(' ')[0].replace('=', ' = …,')}",
        )
    for right in rights.unknown:
        what = _("Whether the manager user has %(right)s shows only when somebody calls.") % {"right": right}
        yield Finding(level="unknown", about=about, what=what, why=losses[right])
    if not rights.missing:
        yield Finding(level="ok", about=about, what=_("No right is known to be missing."))


def _queues(about: str, snapshot: Snapshot) -> Iterator[Finding]:
    _, ngettext = words().gettext, words().ngettext
    queues = {queue.queue for queue in snapshot.queues}
    if not queues:
        yield Finding(
            level="warning",
            about=about,
            what=_("There is no queue."),
            why=_("Only direct calls are seen, and no waiting caller."),
            change="queues.conf",
        )
        return
    told = ngettext("%(count)d queue", "%(count)d queues", len(queues)) % {"count": len(queues)}
    yield Finding(level="ok", about=about, what=f"{told}: {', '.join(sorted(queues))}")
    for queue in sorted(queues - {member.queue for member in snapshot.members}):
        what = _("Nobody serves the queue %(queue)s.") % {"queue": queue}
        yield Finding(level="warning", about=about, what=what, why=_("Its callers wait in vain."))


def _phones(about: str, snapshot: Snapshot) -> Iterator[Finding]:
    ngettext, count = words().ngettext, len(snapshot.phones)
    if count:  # which phones there are is not everybody's to ask; they show themselves in time
        yield Finding(
            level="ok",
            about=about,
            what=ngettext("%(count)d phone", "%(count)d phones", count) % {"count": count},
        )


def _clock(about: str, ear: Ear) -> Iterator[Finding]:
    _ = words().gettext
    if ear.was_stamped is None:
        yield Finding(level="unknown", about=about, what=_("No event came to compare the clocks by."))
    elif not ear.was_stamped:
        yield Finding(
            level="warning",
            about=about,
            what=_("Events do not say when they happened."),
            why=_("Calls are measured by when we hear of them, a few milliseconds late or more."),
            change="manager.conf: [general] timestampevents = yes",
        )
    elif abs(ear.clock_ahead_s) > CLOCK_STEP_S:
        told = {"seconds": f"{ear.clock_ahead_s:+.1f}"}
        yield Finding(
            level="warning",
            about=about,
            what=_("The exchange's clock is %(seconds)s s from ours.") % told,
            why=_("Calls are told by our clock; recordings and records of the exchange have its own."),
            change="timedatectl set-ntp true",
        )
    else:
        yield Finding(level="ok", about=about, what=_("Its clock goes with ours."))


def _dialplan(about: str, asked: bool | None) -> Iterator[Finding]:  # noqa: FBT001 - three answers
    _ = words().gettext
    if asked is None:
        what = _("Whether the dialplan asks us who calls cannot be seen: it may not be read.")
        yield Finding(level="unknown", about=about, what=what)
    elif asked:
        yield Finding(level="ok", about=about, what=_("The dialplan asks a FastAGI server who calls."))
    else:
        yield Finding(
            level="warning",
            about=about,
            what=_("The dialplan asks nobody who calls."),
            why=_("Cards pop all the same, but queues do not know a customer's priority and language."),
            change="extensions.conf: AGI(agi://HOST:4573/route,${CHANNEL(linkedid)},${EXTEN})",
        )
