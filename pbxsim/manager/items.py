"""The items of the lists that the manager interface gives, as text without the empty line. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from pbxsim.manager.action import HERE
from pbxsim.world.channel import Channel
from pbxsim.world.devices import HINT, WORDS
from pbxsim.world.exchange import AGENTS, Exchange
from pbxsim.world.queues import Line, Member
from pbxsim.world.wire import headers


def day_and_time(moment: float) -> tuple[str, str]:
    """Return date and time of day of an instant, in UTC."""
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}"


def calls(world: Exchange) -> int:
    """Return the number of calls, of however many legs."""
    return len({each.linkedid for each in world.channels.values()})


def _length(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}"


def channels(world: Exchange) -> Iterator[str]:
    """Give each leg as CoreShowChannel."""
    for each in world.channels.values():
        application, arguments = each.application
        yield f"Event: CoreShowChannel\r\n{HERE}{each.told}" + headers(
            Application=application,
            ApplicationData=arguments,
            Duration=_length(world.now - each.born_at),
            BridgeId=each.bridge.uniqueid if each.bridge else "",
        )


def status(world: Exchange, channel: Channel) -> str:
    """Return one leg as Status."""
    application, arguments = channel.application
    more = headers(
        Type="PJSIP",
        DNID=channel.dnid,
        EffectiveConnectedLineNum=channel.connected_num or "<unknown>",
        EffectiveConnectedLineName=channel.connected_title or "<unknown>",
        TimeToHangup=0,
        BridgeID=channel.bridge.uniqueid if channel.bridge else "",
        Application=application,
        Data=arguments,
        Nativeformats="(ulaw)",
        Readformat="ulaw",
        Readtrans="",
        Writeformat="ulaw",
        Writetrans="",
        Callgroup=0,
        Pickupgroup=0,
        Seconds=int(world.now - channel.born_at),
    )
    return f"Event: Status\r\nPrivilege: Call\r\n{channel.told}{more}{HERE}"


def bridges(world: Exchange) -> Iterator[str]:
    """Give each bridge as BridgeListItem."""
    for each in world.bridges.values():
        yield f"Event: BridgeListItem\r\n{HERE}{each.told}"


def _wanted(world: Exchange, name: str) -> list[Line]:
    return [line for line in world.lines.values() if name in {"", line.name}]


def queue_status(world: Exchange, queue: str, member: str) -> Iterator[str]:
    """Give queues, members and callers; only those named, when they are."""
    for line in _wanted(world, queue):
        yield _params(line)
        for each in line.members:
            if member in {"", each.device.name}:
                yield _member(each)
        if not member:
            yield from _entries(world, line)


def _params(line: Line) -> str:
    in_time = 100.0 * line.in_time / line.completed if line.completed else 0.0
    offered = line.completed + line.abandoned
    more = headers(
        Queue=line.name,
        Max=line.settings.max_callers,
        Strategy=line.settings.strategy,
        Calls=len(line.entries),
        Holdtime=line.hold_time,
        TalkTime=line.talk_time,
        Completed=line.completed,
        Abandoned=line.abandoned,
        ServiceLevel=line.settings.service_level,
        ServicelevelPerf=f"{in_time:.1f}",
        ServicelevelPerf2=f"{100.0 * line.in_time / offered if offered else 0.0:.1f}",
        Weight=0,
    )
    return f"Event: QueueParams\r\n{more}{HERE}"


def _member(member: Member) -> str:
    more = headers(
        Queue=member.queue.name,
        Name=member.title,
        Location=member.device.name,
        StateInterface=member.device.name,
        Membership=member.membership,
        Penalty=member.penalty,
        CallsTaken=member.calls,
        LastCall=member.last_call,
        LastPause=member.last_pause,
        LoginTime=member.login_at,
        InCall=int(member.in_call),
        Status=member.status,
        Paused=int(member.paused),
        PausedReason=member.reason,
        Wrapuptime=int(member.queue.settings.wrap_up),
    )
    return f"Event: QueueMember\r\n{more}{HERE}"


def _entries(world: Exchange, line: Line) -> Iterator[str]:
    for place, entry in enumerate(line.entries, start=1):
        channel = entry.channel
        more = headers(
            Queue=line.name,
            Position=place,
            Channel=channel.name,
            Uniqueid=channel.uniqueid,
            CallerIDNum=channel.num or "unknown",
            CallerIDName=channel.title or "unknown",
            ConnectedLineNum=channel.connected_num or "unknown",
            ConnectedLineName=channel.connected_title or "unknown",
            Wait=int(world.now) - int(entry.joined_at),
            Priority=entry.priority,
        )
        yield f"Event: QueueEntry\r\n{more}{HERE}"


def queue_summary(world: Exchange, queue: str) -> Iterator[str]:
    """Give each queue in one line of figures."""
    for line in _wanted(world, queue):
        waits = [int(world.now) - int(entry.joined_at) for entry in line.entries]
        more = headers(
            Queue=line.name,
            LoggedIn=sum(1 for each in line.members if each.works),
            Available=sum(1 for each in line.members if each.status == 1 and not each.paused),
            Callers=len(line.entries),
            HoldTime=line.hold_time,
            TalkTime=line.talk_time,
            LongestHoldTime=max(waits, default=0),
        )
        yield f"Event: QueueSummary\r\n{more}{HERE}"


def endpoints(world: Exchange) -> Iterator[str]:
    """Give each phone and trunk as EndpointList."""
    for device in world.devices.values():
        aor = "" if device.endpoint == world.config.trunk else device.endpoint
        contact = f"{device.endpoint}/{device.contact}," if device.reachable and device.contact else ""
        yield f"Event: EndpointList\r\n{HERE}" + headers(
            ObjectType="endpoint",
            ObjectName=device.endpoint,
            Transport="udp",
            Aor=aor,
            Auths=aor if device.extension else "",
            OutboundAuths="",
            Contacts=contact,
            DeviceState=WORDS[device.told],
            ActiveChannels=len(device.channels),
        )


def contacts(world: Exchange) -> Iterator[str]:
    """Give each registered phone as ContactList."""
    for device in world.phones.values():
        if not device.reachable:
            continue
        host, _, port = device.contact.partition("@")[2].partition(":")
        yield f"Event: ContactList\r\n{HERE}" + headers(
            ObjectType="contact",
            ObjectName=f"{device.endpoint};@{device.contact.encode().hex():0>32.32}",
            ViaAddr=host,
            QualifyTimeout="3.000000",
            Qualify2xxOnly="false",
            CallId=device.endpoint,
            RegServer="",
            PruneOnBoot="no",
            Path="",
            Endpoint=device.endpoint,
            ViaPort=port,
            AuthenticateQualify="no",
            Uri=device.contact,
            QualifyFrequency=0,
            UserAgent="",
            ExpirationTime=int(world.now) + 3600,
            OutboundProxy="",
            Status="NonQualified",
            RoundtripUsec="N/A",
        )


def device_states(world: Exchange) -> Iterator[str]:
    """Give the state of each device, queues among them."""
    for device in world.devices.values():
        yield _device(device.name, device.told)
    for line in world.lines.values():
        yield _device(f"Queue:{line.name}", "RINGING" if line.entries else "NOT_INUSE")
        yield _device(f"Queue:{line.name}_avail", "NOT_INUSE" if line.told_free else "INUSE")


def _device(name: str, state: str) -> str:
    return f"Event: DeviceStateChange\r\n{HERE}" + headers(Device=name, State=state)


def extension_states(world: Exchange) -> Iterator[str]:
    """Give the hint of each extension."""
    for device in world.phones.values():
        number, text = HINT[device.told]
        yield f"Event: ExtensionStatus\r\n{HERE}" + headers(
            Exten=device.extension, Context=AGENTS, Hint=device.name, Status=number, StatusText=text
        )
