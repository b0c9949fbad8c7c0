"""Settings: one TOML file, environment variables over it, defaults that run.

``CENTRALITA_PBX__MAIN__HOST`` stands for ``[pbx.main] host``. A secret may also come from the file
that its ``…_file`` key names. All errors are told at once, each with the path of its key.
This is the only module that reads the environment; what it says of the language is `centralita.words`'.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ami_bridge.domain.agents import WRAP_UP
from ami_bridge.services.commands import LOGGED_OUT
from ami_bridge.wire.cel_csv import columns_named
from centralita import kept_exchange
from centralita.errors import UnusableError
from crm_core.domain.calendar import interval, knows_holidays
from crm_core.domain.people import Role
from screenpop.context import PAUSE_REASONS, Rule

PREFIX = "CENTRALITA_"
NOT_SETTINGS = frozenset(("CENTRALITA_CACHE", "CENTRALITA_AGI_CONF"))


class SettingsError(UnusableError):
    """The settings cannot be used; ``faults`` has a line for each key that is wrong."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(self.faults)


def checked_region(value: str) -> str:
    """Return *value* when it is a region.

    Raises:
        ValueError: it is none.
    """
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"{value!r} is not a region of ISO 3166-1, such as ES")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"{value!r} is not a time zone, such as Europe/Madrid")
    return value


Region = Annotated[str, AfterValidator(checked_region)]
Zone = Annotated[str, AfterValidator(_zone)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    """A part of the settings: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Tls(Section):
    """TLS to an exchange; without ``ca_file`` the system's authorities are asked."""

    enabled: bool = False
    ca_file: Path | None = None
    server_name: str | None = None


def _file(value: str) -> str:
    if not re.fullmatch(r"file:/[^?#]+", value):
        raise ValueError(f"{value!r} is not a file, such as file:/var/log/asterisk/queue_log")
    return value


def _file_or_table(value: str) -> str:
    if re.fullmatch(r"mysql://[^:@/?#]+@[\w.-]+(:[0-9]{1,5})?/\w+(\?unix_socket=/[^?#&]+)?", value):
        return value
    try:
        return _file(value)
    except ValueError:
        raise ValueError(
            f"{value!r} is neither a file, such as file:/var/log/asterisk/cel-custom/Master.csv,"
            " nor a database, such as mysql://centralita@localhost/asteriskcdrdb"
        ) from None


def _columns(value: str) -> str:
    columns_named(value)
    return value


File = Annotated[str, AfterValidator(_file)]
FileOrTable = Annotated[str, AfterValidator(_file_or_table)]
Columns = Annotated[str, AfterValidator(_columns)]


class Records(Section):
    """Where an exchange writes down its calls.

    ``cel`` is a file or a database, ``secret`` that of its user. ``columns`` are named when those of the file
    are of no known layout.
    """

    cel: FileOrTable
    secret: str = Field(default="", repr=False)
    queue_log: File | None = None
    columns: Columns | None = None


class Pbx(Section):
    """One exchange."""

    host: str = "127.0.0.1"
    port: Port = 5038
    user: str = "centralita"
    secret: str = Field(default="", repr=False)
    mode: Literal["control", "observe"] = "control"
    region: Region = "ES"
    time_zone: Zone = "Europe/Madrid"
    inside: tuple[str, ...] = ()
    extension_digits: tuple[int, int] = (2, 5)
    agent_context: str = "from-agents"
    access_digit: str = Field(default="", pattern=r"^\d{0,3}$")
    audit_s: float = Field(default=60.0, ge=5.0, le=3600.0)
    tls: Tls = Tls()
    records: Records | None = None


def _origin(value: str) -> str:
    if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", value):
        raise ValueError(f"{value!r} is not an origin, such as https://crm.example.com")
    return value


Origin = Annotated[str, AfterValidator(_origin)]


class Http(Section):
    """Where pages and REST are served, and how they are called from outside.

    Pages of ``frame_origins`` may stand in a frame of the desk.
    """

    host: str = "127.0.0.1"
    port: Port = 8080
    ws_host: str = "127.0.0.1"
    ws_port: Port = 8081
    public_url: str | None = None
    public_ws_url: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    frame_origins: tuple[Origin, ...] = ()
    idle_minutes: int = Field(default=60, ge=5)
    absolute_hours: int = Field(default=14, ge=1)

    @model_validator(mode="after")
    def _both_or_none(self) -> Http:
        if (self.public_url is None) != (self.public_ws_url is None):
            raise ValueError("public_url and public_ws_url are set together or not at all")
        return self


_HERE = r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(/[^?#\s]*)?"


def _issuer(value: str) -> str:
    if not re.fullmatch(rf"https://[^?#\s]+|{_HERE}", value):
        raise ValueError(f"{value!r} is no issuer, such as https://login.example.com/realms/site")
    return value


class Oidc(Section):
    """A provider of OpenID Connect that lets people in.

    Of ``roles``, by group, the first counts whose group somebody is in.
    """

    name: str = Field(min_length=1, max_length=40)
    issuer: Annotated[str, AfterValidator(_issuer), Field(max_length=255)]
    client_id: str = Field(min_length=1)
    secret: str = Field(default="", repr=False)
    scopes: tuple[str, ...] = ("openid", "profile")
    groups_claim: str = "groups"
    roles: dict[str, Role] = Field(min_length=1)
    creates_users: bool = False


class SignIn(Section):
    """How people sign in. ``second_factor`` says it by role; where it says nothing it is ``allowed``."""

    second_factor: dict[Role, Rule] = {}
    oidc: Oidc | None = None


class Agi(Section):
    """The FastAGI server; ``enabled = false`` leaves it out."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Port = 4573
    lookup_ms: int = Field(default=300, ge=10, le=5000)


def _hours(value: str) -> str:
    interval(value)
    return value


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Hours = Annotated[str, AfterValidator(_hours)]


class Reception(Section):
    """When callers find somebody, in the time of the exchange; without ``hours`` always.

    ``closed`` are days of one's own, beside the holidays of ``country`` (ISO 3166-1) and ``subdivision``.
    """

    hours: dict[Day, tuple[Hours, ...]] = {}
    closed: tuple[date, ...] = ()
    country: str | None = None
    subdivision: str | None = None

    @model_validator(mode="after")
    def _has_holidays(self) -> Reception:
        if not knows_holidays(self.country, self.subdivision):
            raise ValueError(f"no holidays are known of {self.country} {self.subdivision or ''}")
        return self


class FigureTargets(Section):
    """What the figures of queues are measured against."""

    answer_within_s: int = Field(default=20, ge=1, le=3600)
    short_abandon_s: int = Field(default=5, ge=0, le=600)


def checked_url(value: str) -> str:
    """Return *value* when it is the address of a database.

    Raises:
        ValueError: it is none.
    """
    if re.fullmatch(r"sqlite:///.+", value):
        return value
    if not re.fullmatch(r"postgresql\+psycopg://[^/?#\s]*/[^/?#\s]+(\?\S*)?", value):
        raise ValueError(
            "it is neither a file, such as sqlite:////var/lib/centralita/centralita.sqlite3,"
            " nor a database, such as postgresql+psycopg://centralita@localhost/centralita"
        )
    if find_spec("psycopg") is None:
        raise ValueError("PostgreSQL needs centralita[postgres] installed")
    return value


Url = Annotated[str, AfterValidator(checked_url)]


class Database(Section):
    """Where records are kept; the event log and the traces of calls for ``keep_events_days``.

    ``backups`` is a folder in which the service puts a copy each day at ``backup_at``, in the time of the
    first exchange; the newest ``keep_backups`` stay, and the last one that was tried out. For
    records of PostgreSQL it needs ``pg_dump``.
    """

    url: Url = "sqlite:///centralita.sqlite3"
    keep_events_days: int = Field(default=30, ge=1, le=3650)
    backups: Path | None = None
    backup_at: str = Field(default="03:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    keep_backups: int = Field(default=7, ge=1, le=366)


class Webhooks(Section):
    """Other systems that are told what happens: ``allowed_hosts`` may be inside, and without TLS."""

    allowed_hosts: tuple[Annotated[str, Field(pattern=r"^[a-z0-9:][a-z0-9.:-]{0,252}$")], ...] = ()


class Privacy(Section):
    """Where else people stand who are erased: ``files`` are captures and logs, or folders of them."""

    files: tuple[Path, ...] = ()


class Knowledge(Section):
    """With ``public_faq`` everybody may read the articles that are for everybody, without signing in."""

    public_faq: bool = False


class PauseReason(Section):
    """Why an agent pauses: the code that the exchange keeps, and its names."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,19}$")
    es: str = Field(min_length=1, max_length=40)
    en: str = Field(min_length=1, max_length=40)

    @model_validator(mode="after")
    def _is_free(self) -> PauseReason:
        if self.code in {WRAP_UP, LOGGED_OUT}:
            raise ValueError(f"{self.code!r} is a reason of Centralita's own")
        return self


class Settings(Section):
    """Everything that can be set."""

    language: Literal["es", "en"] = "es"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    http: Http = Http()
    sign_in: SignIn = SignIn()
    agi: Agi = Agi()
    reception: Reception = Reception()
    figures: FigureTargets = FigureTargets()
    database: Database = Database()
    privacy: Privacy = Privacy()
    knowledge: Knowledge = Knowledge()
    webhooks: Webhooks = Webhooks()
    pause_reasons: tuple[PauseReason, ...] = Field(
        default=tuple(PauseReason(code=one.code, es=one.es, en=one.en) for one in PAUSE_REASONS),
        min_length=1,
        max_length=9,
    )
    pbx: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")], Pbx] = {"main": Pbx()}

    @property
    def takes_kept_exchange(self) -> bool:
        """Whether the exchange is the one that the page keeps: the settings name none."""
        return "pbx" not in self.model_fields_set


def load(path: Path | None, *, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of *path* (defaults when None) with the environment laid over them.

    Raises:
        SettingsError: with every fault at once.
    """
    tree = _read(path) if path else {}
    faults: list[str] = []
    _overlay(tree, os.environ if environment is None else environment)
    _read_secrets(tree, (), faults)
    try:
        settings = Settings.model_validate(tree)
        _take_kept_exchange(settings, faults)
    except ValidationError as error:
        faults += [f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()]
    if faults:
        raise SettingsError(faults)
    return settings


def _take_kept_exchange(settings: Settings, faults: list[str]) -> None:
    file = kept_exchange.file_beside(settings.database.url)
    if not settings.takes_kept_exchange:
        return
    try:
        kept = kept_exchange.read(file)
        if kept is not None:
            settings.pbx["main"] = Pbx.model_validate(kept)
    except (OSError, ValueError) as error:
        faults.append(f"{file}: {error}")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError([f"{path}: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: {error}"]) from error


def _overlay(tree: dict[str, Any], environment: Mapping[str, str]) -> None:
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in NOT_SETTINGS:
            continue
        *sections, key = name.removeprefix(PREFIX).lower().split("__")
        place = tree
        for section in sections:
            place = place.setdefault(section, {})
        place[key] = _value(environment[name])


def _value(text: str) -> Any:
    """Return what *text* means: JSON for lists and tables, else the text itself."""
    if text[:1] in "[{":
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text


def _read_secrets(tree: dict[str, Any], at: tuple[str, ...], faults: list[str]) -> None:
    for key, value in list(tree.items()):
        if isinstance(value, dict):
            _read_secrets(value, (*at, key), faults)
        elif key == "secret_file":
            del tree[key]
            try:
                tree["secret"] = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                faults.append(f"{'.'.join((*at, key))}: {error}")
