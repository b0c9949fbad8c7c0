"""What a telephone exchange of ours is made of. Pure: settings in, one checked model out.

Names that end up inside dialplan expressions (queues, phones, trunks, numbers) may hold only letters, digits,
``_`` and ``-``; free text (people's names, passwords) goes through ``escape``.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from asterisk_conf import agreement, escape


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
Next = Annotated[str, Field(pattern=r"^(queue|phone|voicemail):[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Pin = Annotated[str, Field(pattern=r"^[0-9]{4,16}$")]
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
    """An agent's phone; ``endpoint`` is its SIP user, ``agent`` and the extension unless named.

    Phones of one ``pickup_group`` take each other's calls while they ring.
    """

    extension: Extension
    name: Text
    secret: Secret
    endpoint: Name = ""
    pickup_group: int | None = Field(None, ge=0, le=63)
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

    In seconds: ``timeout`` a phone rings, ``retry`` pause before the next one, ``max_wait`` in all. Who
    waited too long, or was not let in, goes on to ``then``: a queue, a phone or ``voicemail:BOX``.
    """

    name: Name
    then: Next | None = None
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


class Mailbox(Section):
    """Where callers leave a message; ``pin`` lets its owner listen."""

    box: Extension
    name: Text
    pin: Pin


class Parking(Section):
    """Where calls wait beside the queues.

    Who is sent to ``number`` is parked in one of ``spaces`` numbers after it, and comes back after
    ``timeout_s``.
    """

    number: Extension = "700"
    spaces: Annotated[int, Field(ge=1, le=200)] = 20
    timeout_s: Annotated[int, Field(ge=1, le=3600)] = 45

    @property
    def first(self) -> int:
        """The first space."""
        return int(self.number) + 1

    @property
    def last(self) -> int:
        """The last space."""
        return int(self.number) + self.spaces


class Features(Section):
    """What phones dial during a call to ask first or to hand on, and to take a call that rings beside."""

    ask_first: Digits = "*2"
    hand_on: Digits = "*3"
    pickup: Digits = "*8"


class Room(Section):
    """A conference, at ``number`` for the phones."""

    number: Extension
    name: Name


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
    """An exchange, whole and free of contradictions.

    ``longest_hold_s``: who is held from the desk for so long is joined again, also without the service.
    """

    language: Language = "en"
    directories: Directories = Directories()
    ami: Ami = Ami()
    sip: Sip = Sip()
    fastagi: FastAgi | None = None
    phones: tuple[Phone, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    queues: tuple[Queue, ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()
    rooms: tuple[Room, ...] = ()
    parking: Parking = Parking()
    features: Features = Features()
    dids: tuple[Did, ...] = ()
    outbound: tuple[Outbound, ...] = ()
    music: tuple[Music, ...] = (Music(name="default", directory="/usr/share/asterisk/moh"),)
    longest_hold_s: int = Field(600, ge=5, le=3600)
    load_also: tuple[Annotated[str, Field(pattern=r"^[a-z0-9_]+\.so$")], ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if found := agreement.faults(self):
            raise ValueError("; ".join(found))
        return self

    def phone(self, extension: str) -> Phone:
        """Return the phone with *extension*; the model is checked, so a named one exists."""
        return next(phone for phone in self.phones if phone.extension == extension)
