"""Where the parts of an exchange's settings contradict each other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asterisk_conf.model import Did, Outbound, Queue, Settings


def faults(settings: Settings) -> list[str]:
    """Return what contradicts itself, in words, each with its key."""
    return [*_twice(settings), *_astray(settings)]


def _twice(settings: Settings) -> Iterator[str]:
    yield from _repeated("ami.users", (user.name for user in settings.ami.users))
    yield from _repeated("phones (extension)", (phone.extension for phone in settings.phones))
    endpoints = [phone.endpoint for phone in settings.phones] + [trunk.name for trunk in settings.trunks]
    yield from _repeated("phones and trunks (endpoint)", endpoints)
    yield from _repeated("queues", (queue.name for queue in settings.queues))
    yield from _repeated("dids", (did.number for did in settings.dids))
    yield from _repeated("mailboxes", (mailbox.box for mailbox in settings.mailboxes))
    numbers = [phone.extension for phone in settings.phones] + [room.number for room in settings.rooms]
    yield from _repeated("phones and rooms (number)", numbers)
    yield from _repeated("outbound", (route.pattern for route in settings.outbound))
    yield from _repeated("music", (music.name for music in settings.music))
    for queue in settings.queues:
        yield from _repeated(f"queues.{queue.name}.members", (member.phone for member in queue.members))


def _repeated(where: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            yield f"{where}: {name} stands there twice"
        seen.add(name.lower())


def _astray(settings: Settings) -> Iterator[str]:
    for name in _sections(settings):
        if name.lower() == "general":
            yield "general: Asterisk keeps this name for itself"
    for queue in settings.queues:
        yield from _queue_astray(queue, settings)
    for did in settings.dids:
        yield from _did_astray(did, settings)
    for route in settings.outbound:
        yield from _route_astray(route, settings)


def _sections(settings: Settings) -> Iterator[str]:
    yield from (user.name for user in settings.ami.users)
    yield from (queue.name for queue in settings.queues)
    yield from (music.name for music in settings.music)


def _queue_astray(queue: Queue, settings: Settings) -> Iterator[str]:
    extensions = {phone.extension for phone in settings.phones}
    for member in queue.members:
        if member.phone not in extensions:
            yield f"queues.{queue.name}.members: there is no phone {member.phone}"
    if queue.then and not _is_there(queue.then, settings):
        yield f"queues.{queue.name}.then: there is no {queue.then.replace(':', ' ')}"
    if queue.music not in {music.name for music in settings.music}:
        yield f"queues.{queue.name}.music: there is no music {queue.music}"


def _did_astray(did: Did, settings: Settings) -> Iterator[str]:
    if did.to.startswith("agi:"):
        if settings.fastagi is None:
            yield f"dids.{did.number}.to: there is no {did.to.replace(':', ' ')} without a [fastagi] section"
    elif not _is_there(did.to, settings):
        yield f"dids.{did.number}.to: there is no {did.to.replace(':', ' ')}"
    elif did.person:
        yield f"dids.{did.number}.person: goes with agi:FLOW only"
    if did.person and not _is_there(did.person, settings):
        yield f"dids.{did.number}.person: there is no {did.person.replace(':', ' ')}"


def _is_there(target: str, settings: Settings) -> bool:
    kind, _, name = target.partition(":")
    if kind == "queue":
        return name in {queue.name for queue in settings.queues}
    if kind == "voicemail":
        return name in {mailbox.box for mailbox in settings.mailboxes}
    return name in {phone.extension for phone in settings.phones}


def _route_astray(route: Outbound, settings: Settings) -> Iterator[str]:
    trunk = next((trunk for trunk in settings.trunks if trunk.name == route.trunk), None)
    if trunk is None:
        yield f"outbound.{route.pattern}.trunk: there is no trunk {route.trunk}"
    elif trunk.host is None:
        yield f"outbound.{route.pattern}.trunk: {route.trunk} has no host to call"
