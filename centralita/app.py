"""The composition root: the only place where the parts are joined.

Start: sockets are bound and the database is checked, so that what cannot work is told at once; then each
part is given to the supervisor. Stop, the other way round: desktops are told and nobody new is let in, the
exchanges are left, what happened is written down, the database is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from agi_scripts.ivr.route import Route
from agi_scripts.ivr.self_service import SelfService
from agi_scripts.ports import Flow
from agi_scripts.server import FastAgiServer
from ami_bridge.bus import Bus
from ami_bridge.services.matching import Matcher
from ami_bridge.services.recorder import Recorder
from ami_bridge.services.traces import Traces
from centralita import site_key
from centralita.backfill import backfills, filling
from centralita.clock import utc_now
from centralita.connect import ConnectPage
from centralita.erasing import Erasing
from centralita.exchange import Exchange, floor_of
from centralita.import_desk import ImportDesk
from centralita.keeping import Keeping
from centralita.lease import Leases, names_of
from centralita.leftovers import Leftovers
from centralita.listeners import Listeners, bind, port_of
from centralita.look_up import LookUps
from centralita.nightly import nightly_of
from centralita.process import giving_back
from centralita.promises import PromiseWatch
from centralita.reception import LONGEST_STAY, ReceptionDesk, calendar_of
from centralita.retaining import Retaining
from centralita.settings import Pbx, Settings
from centralita.sign_in import provider_of
from centralita.standby import standing_by
from centralita.store import open_database, open_spool, spools_beside
from centralita.supervisor import Part, Supervisor
from centralita.webhooks import Webhooks
from crm_core.db.database import Database
from crm_core.domain.errors import SpoolError
from crm_core.domain.sla import Target
from crm_core.services import calls, lines, masking
from screenpop.auth import AUTH
from screenpop.context import Context, PartState, PauseReason, WebSettings
from screenpop.hub import Hub
from screenpop.lines import LineBook
from screenpop.masks import MaskBook
from screenpop.pages.card import render
from screenpop.sealing import Sealer
from screenpop.web import make_runner, make_web
from screenpop.ws_server import WsServer

log = structlog.get_logger(__name__)
ROUTE, MENU = "route", "menu"
LAST_QUESTION = timedelta(seconds=60)
HTTP_STOP_S = 2.0
EDGES_S, EXCHANGES_S, HISTORY_S, LEASE_S = 3.0, 1.5, 4.0, 0.5  # with the database's end within 10 s


class Service:
    """Everything that runs, joined. Ports are those really bound; ``agi_port`` is None without FastAGI."""

    def __init__(
        self,
        settings: Settings,
        *,
        bus: Bus,
        db: Database,
        book: LineBook,
        masks: MaskBook,
        listeners: Listeners,
        recorder: Recorder,
        leases: Leases,
    ) -> None:
        self.bus, self.db, self._book, self._listeners = bus, db, book, listeners
        self._masks = masks
        self.leases = leases
        self.http_port, self.ws_port = port_of(listeners.http), port_of(listeners.ws)
        self.agi_port = port_of(listeners.agi) if listeners.agi else None
        floors = {name: floor_of(name, pbx) for name, pbx in settings.pbx.items()}
        regions = {name: pbx.region for name, pbx in settings.pbx.items()}
        zone = site_zone(settings)
        look_ups = LookUps(db, regions=regions, today=lambda: utc_now().astimezone(zone).date())
        self._traces = traces = Traces()
        recorder.trace = traces.take
        self.matcher = Matcher(
            fetch=look_ups.card, floors=floors, bus=bus, now=lambda pbx: self.exchanges[pbx].now()
        )
        self.exchanges = {
            name: Exchange(
                floors[name],
                pbx,
                bus=bus,
                now=utc_now,
                told_by_ivr=self.matcher.told,
                may_send=leases.is_held,
                note=traces.hears(name),
            )
            for name, pbx in settings.pbx.items()
        }
        live = {name: exchange.live for name, exchange in self.exchanges.items()}
        draw = partial(render, book=book)
        self.hub = Hub(
            epoch=bus.epoch,
            floors=live,
            cards=self.matcher,
            render=draw,
            now=utc_now,
            popped=traces.popped,
        )
        for exchange in self.exchanges.values():
            exchange.is_heard = self.hub.hears_queue
        self.recorder = recorder
        self.backfills = backfills(settings, self.exchanges, db=db, recorder=recorder, bus=bus)
        self._retaining = Retaining(db, zone=site_zone(settings), now=utc_now)
        self._sealer = Sealer(site_key.of(settings.database.url))
        self._webhooks = Webhooks(
            db,
            allowed=settings.webhooks.allowed_hosts,
            may_send=leases.is_held,
            now=utc_now,
            sealer=self._sealer,
        )
        bus.subscribe(self._webhooks.on_events)
        self._imports = ImportDesk(db, url=settings.database.url, now=utc_now)
        self._context = self._joined(settings)
        self._web = make_web(self._context)
        self._agi = FastAgiServer(flows(settings, db, look_ups), stays=stays(settings))
        presences = (exchange.presence.on_events for exchange in self.exchanges.values())
        after = (*presences, self.matcher.on_events, self.recorder.on_events)
        screen_first = (traces.on_events, self.hub.on_events, *after)
        # a card drawn at a change has the new name, and shows what may be seen now
        records_first = (look_ups.on_events, book.on_events, masks.on_events)
        for reader in (*records_first, *screen_first):
            bus.subscribe(reader)
        for filler in self.backfills.values():
            bus.subscribe(filler.on_events)
        days = timedelta(days=settings.database.keep_events_days)
        self._erasing = Erasing(
            db,
            url=settings.database.url,
            floors=live,
            recorder=recorder,
            files=settings.privacy.files,
            now=utc_now,
        )
        self._keeping = Keeping(db, keep=days, now=utc_now)
        self._promises = PromiseWatch(db, now=utc_now)
        bus.subscribe(self._promises.on_events)
        self._leftovers = Leftovers(recorder.write, spools_beside(settings.database.url))
        self._nightly = nightly_of(settings.database, db, zone=site_zone(settings), now=utc_now)
        self._supervisor = Supervisor(now=utc_now)
        self._stages = self._parts()

    def start(self) -> None:
        """Start every part."""
        for parts, _ in self._stages:
            for name, part in parts.items():
                self._supervisor.start(name, part)

    async def stop(self) -> None:
        """Stop every part, those nearest to people first."""
        self._listeners.close()
        for parts, within in reversed(self._stages):
            await self._supervisor.stop(parts, within=within)

    def health(self) -> dict[str, PartState]:
        """Return how each part is; of an exchange, how its link is."""
        found = {
            name: PartState(state=health.state, is_well=health.state == "running", why=health.why)
            for name, health in self._supervisor.health.items()
        }
        for name, exchange in self.exchanges.items():
            if found[f"pbx {name}"].is_well:
                found[f"pbx {name}"] = exchange.link()
        for name, filler in self.backfills.items():
            if found[f"records {name}"].is_well:
                found[f"records {name}"] = filling(filler.health)
        if (why := self._webhooks.told.why()) and found["webhooks"].is_well:
            found["webhooks"] = PartState(state="running", is_well=True, why=why)
        if (why := self.recorder.health.told()) and found["recorder"].is_well:
            found["recorder"] = PartState(state="waiting", is_well=False, why=why)
        return found

    # --- what is joined to what

    def _joined(self, settings: Settings) -> Context:
        return Context(
            db=self.db,
            floors={name: exchange.live for name, exchange in self.exchanges.items()},
            cards=self.matcher,
            hub=self.hub,
            settings=web_settings(settings, http_port=self.http_port, ws_port=self.ws_port),
            now=utc_now,
            control={name: exchange.control for name, exchange in self.exchanges.items()},
            presence={name: exchange.presence for name, exchange in self.exchanges.items()},
            routes={name: exchange.route for name, exchange in self.exchanges.items()},
            lines=self._book,
            masks=self._masks,
            health=self.health,
            exchanges=ConnectPage(settings),
            imports=self._imports,
            unstored=self.recorder.unstored,
            history=self.recorder.health,
            steps=self._traces.steps,
            let_go=self._retaining.gone,
            truth={name: exchange.live.truth for name, exchange in self.exchanges.items()},
            backfills={name: filler.health for name, filler in self.backfills.items()},
            webhooks=self._webhooks.told,
            sealer=self._sealer,
        )

    def _parts(self) -> list[tuple[dict[str, Part], float]]:
        """Return the parts in the order of their start, each group with the seconds it has to stop."""
        auth = self._web[AUTH]
        ws = WsServer(self.hub, who_is=auth.identify, settings=self._context.settings)
        edges: dict[str, Part] = {
            "hub": self.hub.run,
            "sign-in": auth.run,
            "http": self._serve_http,
            "websocket": partial(ws.run, self._listeners.ws),
        }
        exchanges: dict[str, Part] = {f"pbx {name}": one.run for name, one in self.exchanges.items()}
        exchanges |= {f"records {name}": one.run for name, one in self.backfills.items()}
        if self._nightly is not None:
            exchanges["backups"] = self._nightly.run
        if self._listeners.agi is not None:
            edges["agi"] = partial(self._agi.run, self._listeners.agi)
        return [
            ({"lease": self.leases.run}, LEASE_S),
            (
                {
                    "event log": self._keeping.run,
                    "promises": self._promises.run,
                    "erasures": self._erasing.run,
                    "imports": self._imports.run,
                    "webhooks": self._webhooks.run,
                    "retention": self._retaining.run,
                    "recorder": self.recorder.run,
                    "spools": self._leftovers.run,
                    "memory": giving_back,
                    "look-up": self.matcher.run,
                },
                HISTORY_S,
            ),
            (exchanges, EXCHANGES_S),
            (edges, EDGES_S),
        ]

    async def _serve_http(self) -> None:
        runner = make_runner(self._web, stop_within_s=HTTP_STOP_S)
        await runner.setup()
        try:
            await web.SockSite(runner, self._listeners.http.dup()).start()
            await asyncio.get_running_loop().create_future()
        finally:
            await runner.cleanup()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """Run the service for the time of the block; before it, stand by as long as another process leads.

    When that one takes over meanwhile, ``service.leases.lost`` is set: nothing is stored or sent any more.

    Raises:
        CannotListenError: an address cannot be had.
        SchemaError: the database is not of this version; a new one is made by itself.
        DatabaseAwayError: the database cannot be reached.
    """
    listeners = bind(settings)
    try:
        bus = Bus(epoch=f"{int(utc_now().timestamp() * 1000):x}")
        db = await open_database(settings.database.url, publish=bus.publish)
        try:
            async with leading(settings, db, listeners) as leases:
                book = LineBook(frame_origins=settings.http.frame_origins)
                book.learn(await db.read(lines.every))
                masks = MaskBook()
                masks.learn(await db.read(masking.rules))
                with recording(settings, db) as recorder:
                    service = Service(
                        settings,
                        bus=bus,
                        db=db,
                        book=book,
                        masks=masks,
                        listeners=listeners,
                        recorder=recorder,
                        leases=leases,
                    )
                    service.start()
                    try:
                        yield service
                    finally:
                        await service.stop()
        finally:
            await db.close()
    finally:
        listeners.close()


@asynccontextmanager
async def leading(settings: Settings, db: Database, listeners: Listeners) -> AsyncIterator[Leases]:
    """Wait for the leases, only ``/health`` open, and hold them for the time of the block."""
    leases = Leases(db, settings.database.url, names_of(settings.pbx))
    try:
        if not await leases.take_at_once():
            log.warning("standing by: another process leads", http_port=port_of(listeners.http))
            async with standing_by(listeners.http):
                await leases.take()
        listeners.listen()
        yield leases
    finally:
        await leases.give_back()


@contextmanager
def recording(settings: Settings, db: Database) -> Iterator[Recorder]:
    """Hand out what writes history into *db*, with a spool for the time when it is away."""
    recorder = Recorder(write=partial(db.run, calls.record))
    try:
        recorder.spool = spool = open_spool(settings.database.url)
    except SpoolError as error:
        log.exception("there is no spool: while the database is away history waits in memory")
        recorder.health.spool_why = str(error)
        yield recorder
        return
    try:
        yield recorder
    finally:
        spool.close()


def web_settings(settings: Settings, *, http_port: int, ws_port: int) -> WebSettings:
    """Return what the web parts are told of the settings; the ports are those really bound."""
    http = settings.http
    return WebSettings(
        public_url=http.public_url,
        public_ws_url=http.public_ws_url,
        http_port=http_port,
        ws_port=ws_port,
        trusted_proxies=http.trusted_proxies,
        idle=timedelta(minutes=http.idle_minutes),
        absolute=timedelta(hours=http.absolute_hours),
        language=settings.language,
        webhook_hosts=settings.webhooks.allowed_hosts,
        zone=site_zone(settings),
        public_faq=settings.knowledge.public_faq,
        target=Target(
            within=timedelta(seconds=settings.figures.answer_within_s),
            short_abandon=timedelta(seconds=settings.figures.short_abandon_s),
        ),
        pause_reasons=tuple(PauseReason(one.code, one.es, one.en) for one in settings.pause_reasons),
        second_factor=dict(settings.sign_in.second_factor.items()),
        provider=provider_of(settings),
    )


def site_zone(settings: Settings) -> ZoneInfo:
    """Return the zone whose days are counted: that of the first exchange."""
    first = next(iter(settings.pbx.values()), Pbx())
    return ZoneInfo(first.time_zone)


def flows(settings: Settings, db: Database, look_ups: LookUps) -> Mapping[str, Flow]:
    """Return what the dialplan may ask for: flows of the first exchange by name, of each by ``NAME/flow``."""
    found: dict[str, Flow] = {}
    for name, pbx in settings.pbx.items():
        route = Route(look_ups.of_exchange(name), patience_s=settings.agi.lookup_ms / 1000)
        desk = ReceptionDesk(
            db,
            pbx=name,
            region=pbx.region,
            calendar=calendar_of(settings.reception, pbx.time_zone),
            now=utc_now,
        )
        menu = SelfService(desk, default=settings.language)
        own: dict[str, Flow] = {ROUTE: route, MENU: menu}
        found |= {f"{name}/{called}": flow for called, flow in own.items()}
        found = own | found
    return found


def stays(settings: Settings) -> Mapping[str, float]:
    """Return how long a caller may stay in a menu: the time that he has, and a question more."""
    stay_s = (LONGEST_STAY + LAST_QUESTION).total_seconds()
    return {MENU: stay_s} | {f"{name}/{MENU}": stay_s for name in settings.pbx}
