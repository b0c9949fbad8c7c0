"""Tries an exchange out for the page "connect", step by step, and keeps it for the next start."""

from __future__ import annotations

import asyncio
import socket

from centralita import kept_exchange
from centralita.doctor_pbx import examine_exchange
from centralita.findings import Finding
from centralita.settings import Pbx, Settings
from centralita.words import speaking, words
from screenpop.exchanges import ExchangeAsked, ExchangeKept, Step

REACHED_WITHIN_S, WHOLE_S = 3.0, 9.0
ABOUT = "pbx.main"


class ConnectPage:
    """``Exchanges``: the first exchange of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._file = kept_exchange.file_beside(settings.database.url)
        self._is_fixed = not settings.takes_kept_exchange
        self._trying = asyncio.Semaphore(1)
        self._pbx = next(iter(settings.pbx.values()), Pbx())

    def kept(self) -> ExchangeKept:
        """Return what is kept, without the secret."""
        pbx = self._pbx
        return ExchangeKept(
            host=pbx.host,
            port=pbx.port,
            user=pbx.user,
            tls=pbx.tls.enabled,
            mode=pbx.mode,
            has_secret=bool(pbx.secret),
            is_fixed=self._is_fixed,
        )

    async def try_out(self, asked: ExchangeAsked, *, language: str) -> list[Step]:
        """Connect as *asked*, look, and say step by step what was found."""
        pbx = self._with(asked)
        async with self._trying:
            with speaking(language):
                return await _tried(pbx)

    async def keep(self, asked: ExchangeAsked) -> None:
        """Keep what counts from the next start."""
        if self._is_fixed:
            return
        self._pbx = self._with(asked)
        kept = self._pbx.model_dump(mode="json", exclude_unset=True)
        await asyncio.to_thread(kept_exchange.write, self._file, kept)

    def _with(self, asked: ExchangeAsked) -> Pbx:
        """Return the kept exchange with what is *asked*; its secret goes nowhere but where it belongs."""
        is_same = (asked.host, asked.port, asked.user) == (self._pbx.host, self._pbx.port, self._pbx.user)
        kept = self._pbx.model_dump(exclude_unset=True)
        return Pbx.model_validate(
            kept
            | {
                "host": asked.host,
                "port": asked.port,
                "user": asked.user,
                "secret": asked.secret or (self._pbx.secret if is_same else ""),
                "mode": asked.mode,
                "tls": kept.get("tls", {}) | {"enabled": asked.tls},
            }
        )


async def _tried(pbx: Pbx) -> list[Step]:
    steps: list[Finding] = []
    try:
        async with asyncio.timeout(WHOLE_S):
            steps += await _reached(pbx)
            if steps[-1].level == "ok":
                steps += await examine_exchange("main", pbx)
    except TimeoutError:
        steps.append(_too_slow())
    return [Step(level=one.level, what=one.what, why=one.why, change=one.change) for one in steps]


async def _reached(pbx: Pbx) -> list[Finding]:
    """Look whether the name is one, and whether somebody listens there."""
    _, loop = words().gettext, asyncio.get_running_loop()
    try:
        async with asyncio.timeout(REACHED_WITHIN_S):
            found = await loop.getaddrinfo(pbx.host, pbx.port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        what = _("No machine is called %(host)s.") % {"host": pbx.host}
        return [
            Finding(level="bad", about=ABOUT, what=what, change=_("the address: a name or an IP address"))
        ]
    addresses = ", ".join(sorted({str(one[4][0]) for one in found}))
    named = _("The address is known: %(addresses)s.") % {"addresses": addresses}
    return [Finding(level="ok", about=ABOUT, what=named), await _listened(pbx)]


async def _listened(pbx: Pbx) -> Finding:
    _, at = words().gettext, {"address": f"{pbx.host}:{pbx.port}"}
    try:
        async with asyncio.timeout(REACHED_WITHIN_S):
            _reader, writer = await asyncio.open_connection(pbx.host, pbx.port)
    except (OSError, TimeoutError):
        return Finding(
            level="bad",
            about=ABOUT,
            what=_("Nobody listens at %(address)s.") % at,
            why=_("A firewall, another port, or a manager interface that is switched off."),
            change="manager.conf: [general] enabled = yes, bindaddr, port",
        )
    writer.close()
    return Finding(level="ok", about=ABOUT, what=_("Somebody listens at %(address)s.") % at)


def _too_slow() -> Finding:
    _ = words().gettext
    return Finding(
        level="bad",
        about=ABOUT,
        what=_("The exchange took too long to answer."),
        change=_("the port: 5038, with TLS mostly 5039"),
    )
