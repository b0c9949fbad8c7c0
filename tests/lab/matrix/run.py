"""Play the whole matrix on one Asterisk, with our ledger listening, and lay the two accounts side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from ami_bridge.domain import events
from ami_bridge.wire.client import AmiSettings
from crm_core.domain.calls import Call
from lab import chroot
from lab.ami_tap import tap
from lab.floor import SECRETS
from lab.live import Bridge, bridge
from lab.matrix import office as offices
from lab.matrix.expected import Expected, differences
from lab.matrix.office import Office
from lab.matrix.play import Play
from lab.matrix.scene import Scene
from lab.pbx import Asterisk, Instance

AT_ONCE = 12
SETTLE_S = 8.0
BETWEEN_S = 0.25
AUDIT_EACH_S = 0.7
AUDITS = "audits"
"""What the audits found that ran all the time is a verdict of its own."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the ledger says of a scene: its calls, and in what they differ from the wire."""

    calls: list[Call]
    faults: list[str]


def play_all(scenes: Iterable[Scene], release: chroot.Release) -> dict[str, Verdict]:
    """Play *scenes* side by side on that Asterisk; return the verdict on each."""
    wanted = list(scenes)
    given = offices.offices([scene.wishes for scene in wanted])
    both = [(office, scene.wishes) for office, scene in zip(given, wanted, strict=True)]
    instance = Instance(chroot.ready(release))
    with Asterisk(offices.settings(instance, both), instance, also=offices.also(both)) as pbx:
        return asyncio.run(_play(pbx, list(zip(wanted, given, strict=True))))


async def _play(pbx: Asterisk, cast: list[tuple[Scene, Office]]) -> dict[str, Verdict]:
    settings = AmiSettings(host=pbx.host, port=pbx.ami_port, user="bridge", secret=SECRETS["bridge"])
    turns = asyncio.Semaphore(AT_ONCE)
    async with bridge(settings, audit_each_s=AUDIT_EACH_S) as ours, tap(pbx) as ear:
        await ours.until(events.PbxResynced)
        together = [each for each in cast if not each[0].wishes.is_alone]
        plays = (
            _one(scene, Play(pbx, ear, office, ours), ours, turns, first_at=BETWEEN_S * place)
            for place, (scene, office) in enumerate(together)
        )
        verdicts = dict(zip((scene.name for scene, _ in together), await asyncio.gather(*plays), strict=True))
        for scene, office in cast:
            if scene.wishes.is_alone:
                alone = Play(pbx, ear, office, ours)
                verdicts[scene.name] = await _one(scene, alone, ours, turns, first_at=0)
    audits = Verdict([], [str(report) for report in ours.happened if _is_drift(report)])
    return verdicts | {AUDITS: audits}


def _is_drift(event: events.FloorEvent) -> bool:
    return isinstance(event, events.PbxResynced) and event.is_audit


async def _one(
    scene: Scene, play: Play, ours: Bridge, turns: asyncio.Semaphore, *, first_at: float
) -> Verdict:
    await asyncio.sleep(first_at)  # not all of them dial in the same instant
    async with turns:
        try:
            async with asyncio.timeout(60):
                told = await scene.play(play)
        except Exception as error:  # noqa: BLE001 - one scene that cannot be played is one fault, not the end of all
            return Verdict(_ended(ours, play.office), [f"not played: {error!r:.2000}"])
    calls = await _settled(ours, play.office, len(told))
    return Verdict(calls, _faults(calls, told, ours, play.office))


async def _settled(ours: Bridge, office: Office, wanted: int) -> list[Call]:
    """Return the calls of an office when all are told, or what is there after a while."""
    deadline = asyncio.get_running_loop().time() + SETTLE_S
    while asyncio.get_running_loop().time() < deadline:
        if len(_ended(ours, office)) >= wanted and not _live(ours, office):
            break
        await asyncio.sleep(0.1)
    return _ended(ours, office)


def _ended(ours: Bridge, office: Office) -> list[Call]:
    told = (event.record for event in ours.happened if isinstance(event, events.CallEnded))
    return sorted((call for call in told if is_of(call, office)), key=lambda call: call.started_at)


def _live(ours: Bridge, office: Office) -> list[Call]:
    return [call for call in ours.live.calls() if is_of(call, office)]


def is_of(call: Call, office: Office) -> bool:
    """Return whether a call played in *office*."""
    parties = [segment.party for segment in call.segments]
    return any(office.is_of(text) for text in (call.ani_raw, call.did, *parties) if text)


def _faults(calls: list[Call], told: list[Expected], ours: Bridge, office: Office) -> list[str]:
    faults = [f"{len(live)} calls do not end" for live in [_live(ours, office)] if live]
    if len(calls) != len(told):
        shown = [(call.direction, call.ani_raw, call.did, call.outcome, call.linkedid) for call in calls]
        return [*faults, f"{len(calls)} calls in the ledger, {len(told)} by the wire: {shown}"]
    for call, wanted in zip(calls, sorted(told, key=lambda each: each.started_at), strict=True):
        faults += differences(call, wanted)
    return faults
