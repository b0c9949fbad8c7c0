"""What a telephone exchange of ours is made of. Pure: settings in, one checked model out.

Names that end up inside dialplan expressions (queues, phones, trunks, numbers) may hold only letters, digits,
``_`` and ``-``; free text (people's names, passwords) goes through ``escape``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from asterisk_conf import escape


def _text(text: str) -> str:
    escape.value(text)
    return text


Port = Annotated[int, Field(ge=1, le=65535)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Text = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_text)]
Secret = Annotated[str, Field(min_length=8, max_length=128), AfterValidator(_text)]
Path = Annotated[str, Field(pattern=r"^/[A-Za-z0-9_./-]{1,200}$")]
Sound = Annotated[str, Field(pattern=r"^[A-Za-z0-9_/-]{1,100}$")]
Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")]
Digits = Annotated[str, Field(pattern=r"^\+?[0-9*#]{2,24}$")]
Extension = Annotated[str, Field(pattern=r"^[0-9]{2,6}$")]
Pattern = Annotated[str, Field(pattern=r"^(_[0-9XZN+.!*#\[\]-]{1,40}|\+?[0-9]{2,24})$")]
Target = Annotated[str, Field(pattern=r"^(queue|phone|agi):[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Place = Annotated[str, Field(pattern=r"^(queue|phone):[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Strategy = Literal[
    "ringall", "leastrecent", "fewestcalls", "random", "rrmemory", "rrordered", "linear", "wrandom"
]
Codec = Literal["alaw", "ulaw", "g722", "gsm"]
EmptyRule = Annotated[str, Field(pattern=r"^[a-z]+(,[a-z]+)*$")]


class Section(BaseModel):
    """A part of the settings: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Directories(Section):
    """Where Asterisk keeps its files; the defaults are Debian's."""

    etc: Path = "/etc/asterisk"
    modules: Path = "/usr/lib/x86_64-linux-gnu/asterisk/modules"
    var: Path = "/var/lib/asterisk"
    sounds: Path = "/usr/share/asterisk"
    spool: Path = "/var/spool/asterisk"
    run: Path = "/var/run/asterisk"
    log: Path = "/var/log/asterisk"


class AmiTls(Section):
    """AMI over TLS, beside the plain port; certificate and key are PEM files Asterisk can read."""

    port: Port = 5039
    certificate: Path
    key: Path


class AmiUser(Section):
    """Somebody who may log in at the manager interface.

    ``bridge`` hears calls, queues and phones and commands them; ``observer`` hears the same and may ask for
    lists, never command; ``recorder`` hears everything and commands nothing (for captures of a fault).
    """

    name: Name
    role: Literal["bridge", "observer", "recorder"]
    secret: Secret
    permit: tuple[IPv4Network, ...] = (IPv4Network("127.0.0.1/32"),)


class Ami(Section):
    """The manager interface."""

    bind: IPv4Address = IPv4Address("127.0.0.1")
    port: Port = 5038
    tls: AmiTls | None = None
    users: tuple[AmiUser, ...] = ()


class Sip(Section):
    """SIP over UDP and the media beside it; ``media_address`` is what phones are told to send to."""

    bind: IPv4Address = IPv4Address("0.0.0.0")
    port: Port = 5060
    media_address: IPv4Address | None = None
    rtp_first: Port = 10000
    rtp_last: Port = 20000
    codecs: Annotated[tuple[Codec, ...], Field(min_length=1)] = ("alaw", "ulaw")

    @model_validator(mode="after")
    def _has_room_for_media(self) -> Self:
        if self.rtp_last < self.rtp_first + 3:
            raise ValueError("rtp_last: at least two calls' worth of ports (4) are needed after rtp_first")
        return self


class FastAgi(Section):
    """Our service, asked who calls. ``patience_s``: after so long the call goes on without an answer."""

    host: Host = "127.0.0.1"
    port: Port = 4573
    patience_s: float = Field(0.5, gt=0, le=5)


class Phone(Section):
    """An agent's phone; ``endpoint`` is its SIP user, ``agent`` and the extension unless named."""

    extension: Extension
    name: Text
    secret: Secret
    endpoint: Name = ""
    language: Language | None = None

    @model_validator(mode="before")
    @classmethod
    def _named_after_its_extension(cls, given: object) -> object:
        if isinstance(given, dict) and "endpoint" not in given:
            return given | {"endpoint": f"agent{given.get('extension')}"}
        return given

    @property
    def interface(self) -> str:
        """What queues and Dial call it."""
        return f"PJSIP/{self.endpoint}"


class Trunk(Section):
    """A line to the outside: who may send calls by address, and where calls are sent to."""

    name: Name
    match: tuple[IPv4Network, ...] = ()
    host: Host | None = None
    port: Port = 5060
    user: Name | None = None
    secret: Secret | None = None
    register_there: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not self.match and self.host is None:
            raise ValueError("a trunk needs match (to be called), host (to call), or both")
        if (self.user is None) != (self.secret is None):
            raise ValueError("user and secret go together")
        if self.register_there and (self.host is None or self.user is None):
            raise ValueError("register_there needs host, user and secret")
        return self


class Member(Section):
    """A phone that a queue rings; a lower ``penalty`` is rung first."""

    phone: Extension
    penalty: int = Field(0, ge=0, le=1000)


class Queue(Section):
    """A waiting line.

    In seconds: ``timeout`` a phone rings, ``retry`` pause before the next one, ``max_wait`` in all.
    """

    name: Name
    strategy: Strategy = "rrmemory"
    timeout: int = Field(15, ge=1, le=600)
    retry: int = Field(1, ge=0, le=600)
    max_wait: int = Field(600, ge=1, le=7200)
    wrap_up: int = Field(0, ge=0, le=600)
    max_callers: int = Field(0, ge=0, le=10000)
    weight: int = Field(0, ge=0, le=1000)
    service_level: int = Field(20, ge=1, le=3600)
    music: Name = "default"
    announce: Sound | None = None
    announce_position: bool = False
    join_empty: EmptyRule = "yes"
    leave_when_empty: EmptyRule = "no"
    autopause: Literal["no", "yes", "all"] = "no"
    members: tuple[Member, ...] = ()


class Did(Section):
    """A number of ours and where its calls go: ``queue:NAME``, ``phone:EXTENSION`` or ``agi:FLOW``.

    ``person`` is the queue or phone where a flow's caller goes when he wants somebody, and whenever the flow
    cannot serve him; without it such a call ends.
    """

    number: Digits
    to: Target
    person: Place | None = None
    language: Language | None = None
    ring_for: int = Field(30, ge=1, le=600)


class Outbound(Section):
    """Which numbers leave by which trunk.

    ``pattern`` as in the dialplan; ``strip`` so many digits off the front, then ``prepend`` others.
    """

    pattern: Pattern
    trunk: Name
    strip: int = Field(0, ge=0, le=10)
    prepend: Annotated[str, Field(pattern=r"^\+?[0-9*#]{0,20}$")] = ""
    caller_id: Digits | None = None
    ring_for: int = Field(60, ge=1, le=600)


class Music(Section):
    """Music on hold: the sound files of a folder."""

    name: Name
    directory: Path


class Settings(Section):
    """An exchange, whole and free of contradictions."""

    language: Language = "en"
    directories: Directories = Directories()
    ami: Ami = Ami()
    sip: Sip = Sip()
    fastagi: FastAgi | None = None
    phones: tuple[Phone, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    queues: tuple[Queue, ...] = ()
    dids: tuple[Did, ...] = ()
    outbound: tuple[Outbound, ...] = ()
    music: tuple[Music, ...] = (Music(name="default", directory="/usr/share/asterisk/moh"),)
    load_also: tuple[Annotated[str, Field(pattern=r"^[a-z0-9_]+\.so$")], ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if faults := [*_twice(self), *_astray(self)]:
            raise ValueError("; ".join(faults))
        return self

    def phone(self, extension: str) -> Phone:
        """Return the phone with *extension*; the model is checked, so a named one exists."""
        return next(phone for phone in self.phones if phone.extension == extension)


def _twice(settings: Settings) -> Iterator[str]:
    yield from _repeated("ami.users", (user.name for user in settings.ami.users))
    yield from _repeated("phones (extension)", (phone.extension for phone in settings.phones))
    endpoints = [phone.endpoint for phone in settings.phones] + [trunk.name for trunk in settings.trunks]
    yield from _repeated("phones and trunks (endpoint)", endpoints)
    yield from _repeated("queues", (queue.name for queue in settings.queues))
    yield from _repeated("dids", (did.number for did in settings.dids))
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
    return name in {phone.extension for phone in settings.phones}


def _route_astray(route: Outbound, settings: Settings) -> Iterator[str]:
    trunk = next((trunk for trunk in settings.trunks if trunk.name == route.trunk), None)
    if trunk is None:
        yield f"outbound.{route.pattern}.trunk: there is no trunk {route.trunk}"
    elif trunk.host is None:
        yield f"outbound.{route.pattern}.trunk: {route.trunk} has no host to call"
