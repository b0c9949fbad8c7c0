"""What the web parts are given by the composition root, and who asks (``Identity``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal, ParamSpec, Protocol, TypeVar

from aiohttp import web

from ami_bridge.ports import CallControl, CardSource, LiveFloor
from ami_bridge.services.audit import Truth
from ami_bridge.services.backfill import BackfillHealth
from ami_bridge.services.commands import Presence
from ami_bridge.services.recorder_health import RecorderHealth
from crm_core.domain.calls import Call
from crm_core.domain.phone import DialRoute
from crm_core.domain.sla import Target
from crm_core.domain.traces import Steps
from screenpop.exchanges import Exchanges
from screenpop.hub import Hub
from screenpop.imports import ImportDesk
from screenpop.lines import LineBook
from screenpop.masks import MaskBook
from screenpop.oidc import ProviderSettings
from screenpop.sealing import Sealer
from screenpop.taken_back import TakenBack

P = ParamSpec("P")
T = TypeVar("T")
Rule = Literal["off", "allowed", "demanded"]
"""Whether somebody may, or must, sign in with a second factor."""


class Records(Protocol):
    """The database threads: *fn* gets a unit of work first and *kw* after it."""

    async def run(self, fn: Callable[..., T], /, **kw: object) -> T:
        """Run *fn* in a transaction; it may be run again after a conflict."""

    async def read(self, fn: Callable[..., T], /, **kw: object) -> T:
        """Run *fn*, which only reads."""


@dataclass(frozen=True, slots=True)
class PauseReason:
    """Why somebody pauses: ``code`` is what the exchange keeps, the names are for people."""

    code: str
    es: str
    en: str

    def name(self, language: str) -> str:
        """Return what the reason is called in *language*."""
        return self.en if language == "en" else self.es


TARGET = Target()
PAUSE_REASONS = (
    PauseReason("break", "Descanso", "Break"),
    PauseReason("lunch", "Comida", "Lunch"),
    PauseReason("training", "Formación", "Training"),
    PauseReason("back_office", "Gestión", "Back office"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """How the service is reached from outside, and how long somebody stays signed in.

    ``public_url`` and ``public_ws_url`` are set together; unset, only loopback names are served and the
    websocket is at ``ws_port`` of the name that the page was called by. ``trusted_proxies`` are addresses
    or networks whose ``X-Forwarded-For`` counts. Days are those of ``zone``; figures are measured against
    ``target``. ``second_factor`` says by role whether one may, or must, sign in with a code, too; ``allowed``
    where it says nothing. ``provider`` lets people in besides passwords.
    With ``public_faq`` everybody may read the articles that are for everybody.
    """

    public_url: str | None = None
    public_ws_url: str | None = None
    http_port: int = 8080
    ws_port: int = 8081
    trusted_proxies: tuple[str, ...] = ()
    idle: timedelta = timedelta(minutes=60)
    absolute: timedelta = timedelta(hours=14)
    language: Literal["es", "en"] = "es"
    pause_reasons: tuple[PauseReason, ...] = PAUSE_REASONS
    zone: tzinfo = UTC
    webhook_hosts: tuple[str, ...] = ()
    target: Target = TARGET
    public_faq: bool = False
    second_factor: Mapping[str, Rule] = field(default_factory=dict)
    provider: ProviderSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """How one part of the service is, for ``/health``.

    ``truth`` of an exchange: how true our picture is; ``backfill`` of its records: how whole the history is.
    """

    state: str
    is_well: bool
    why: str | None = None
    truth: Truth | None = None
    backfill: BackfillHealth | None = None


@dataclass(slots=True)
class WebhookHealth:
    """What other systems were told: requests ``taken`` and ``failed``.

    So many subscriptions are ``failing``, so many were ``stopped``; the last is so many places
    of the event log ``behind``.
    """

    taken: int = 0
    failed: int = 0
    failing: int = 0
    stopped: int = 0
    behind: int = 0

    def count(self, why: str | None) -> None:
        """Count a request, and *why* it was not taken."""
        if why is None:
            self.taken += 1
        else:
            self.failed += 1

    def why(self) -> str | None:
        """Return what should be looked to; None when there is nothing."""
        if not (self.failing or self.stopped):
            return None
        return f"{self.failing} subscriptions fail, {self.stopped} are stopped"


def _nothing(_call_id: str) -> None:
    return None


def _no_steps(call: Call) -> Steps:
    return Steps(call_id=call.id, at=call.started_at, steps=[])


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything a handler may use; ``webhooks`` counts what other systems were told.

    ``floors``, ``control``, ``presence`` (who is rung) and ``routes`` (how outside numbers are dialled)
    are by name of the exchange; ``lines`` says what numbers and queues are called,
    ``masks`` what is not shown to whom;
    ``exchanges`` tries and keeps the exchange, None where that is not the page's to do;
    ``imports`` works on tables of customers, None where nobody does;
    ``unstored`` gives a call that ended and is not in the records yet; ``history`` says how they are kept,
    ``truth`` how true our picture of each exchange is, ``backfills`` how whole the history of those whose
    records are read, ``steps`` what was seen and concluded of a live call;
    ``let_go`` counts records that were too old, by kind. ``sealer`` has the site's key,
    ``taken_back`` what was removed a moment ago.
    """

    db: Records
    floors: Mapping[str, LiveFloor]
    cards: CardSource
    hub: Hub
    settings: WebSettings
    now: Callable[[], datetime]
    control: Mapping[str, CallControl] = field(default_factory=dict)
    presence: Mapping[str, Presence] = field(default_factory=dict)
    routes: Mapping[str, DialRoute] = field(default_factory=dict)
    lines: LineBook = field(default_factory=LineBook)
    masks: MaskBook = field(default_factory=MaskBook)
    health: Callable[[], Mapping[str, PartState]] = dict
    exchanges: Exchanges | None = None
    imports: ImportDesk | None = None
    unstored: Callable[[str], Call | None] = _nothing
    history: RecorderHealth = field(default_factory=RecorderHealth)
    truth: Mapping[str, Truth] = field(default_factory=dict)
    backfills: Mapping[str, BackfillHealth] = field(default_factory=dict)
    steps: Callable[[Call], Steps] = _no_steps
    webhooks: WebhookHealth = field(default_factory=WebhookHealth)
    let_go: Mapping[str, int] = field(default_factory=dict)
    sealer: Sealer = field(default_factory=Sealer)
    taken_back: TakenBack = field(default_factory=TakenBack)

    def today(self) -> date:
        """Return which day it is where the site is."""
        return self.now().astimezone(self.settings.zone).date()


CONTEXT = web.AppKey("context", Context)
