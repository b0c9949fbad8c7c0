"""Signing in and knowing who asks: sessions by cookie for people, keys for other systems.

A cookie or key holds 256 random bits; the database knows its SHA-256 only, and is asked at every
request, so that what is revoked elsewhere ends here too. A session ends when it is idle for too long (never
while its agent is in a queue or on a call) and at an absolute age.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web

from crm_core.domain.errors import DatabaseAwayError
from crm_core.domain.people import Session, Token, User
from crm_core.domain.tokens import hash_of, token_of
from crm_core.services import confining, keys, masking, users
from screenpop.context import CONTEXT, Context
from screenpop.devices import device_of
from screenpop.doorman import Doorman
from screenpop.identity import Identity, Seat
from screenpop.masks import masks_of
from screenpop.problem import ProblemError
from screenpop.scope import EVERYTHING, Scope

log = structlog.get_logger(__name__)
CSRF_HEADER = "X-CSRF-Token"
SEEN_EVERY, LOOK_EVERY_S = timedelta(minutes=1), 10.0
LONGEST_ADDRESS = 80
_SECURE_COOKIE, _PLAIN_COOKIE = "__Host-centralita", "centralita"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: what goes into the cookie, and whose it is."""

    secret: str
    identity: Identity


class Auth:
    """Knows who asks."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.doorman = Doorman(context)
        self.cookie = cookie_name(context)
        self._keys_used: dict[str, datetime] = {}

    async def identify(self, cookies: str | None, authorization: str | None) -> Identity | None:
        """Return who asks, by the values of Cookie and Authorization; None for nobody we know.

        Raises:
            DatabaseAwayError: when nobody can be asked.
        """
        if authorization is not None:
            found = await self._by_key(authorization)
        else:
            secret = cookie_value(cookies, self.cookie)
            found = await self._by_cookie(secret) if secret else None
        return await self._masked(found) if found else None

    async def _masked(self, identity: Identity) -> Identity:
        """Return *identity* with what is not shown to him."""
        rule = self._context.masks.rule_of(identity.role)
        if rule is None:
            return identity
        personal: frozenset[str] = frozenset()
        if rule.personal == "masked":
            personal = await self._context.masks.personal(
                lambda: self._context.db.read(masking.personal_fields)
            )
        masks = masks_of(rule, fields=personal, scope=identity.scope, agent=identity.agent)
        return replace(identity, masks=masks)

    async def sign_in(
        self, *, name: str, password: str, code: str | None, address: str, user_agent: str
    ) -> SignedIn:
        """Open a session.

        Raises:
            ProblemError: wrong name, password or code, or a code is wanted (401), too many tries (429), too
                many at once (503).
        """
        user, is_held = await self.doorman.let_in(name=name, password=password, code=code, address=address)
        return await self.admit(user, address=address, user_agent=user_agent, is_held=is_held)

    async def admit(
        self,
        user: User,
        *,
        address: str,
        user_agent: str,
        is_held: bool = False,
        is_by_provider: bool = False,
    ) -> SignedIn:
        """Open a session of *user*, who has proved who he is."""
        context, now = self._context, self._context.now()
        secret = token_of(secrets.token_bytes(32))
        session = Session(
            id=hash_of(secret),
            user_id=user.id,
            created_at=now,
            seen_at=now,
            address=address[:LONGEST_ADDRESS],
            device=device_of(user_agent),
            is_held=is_held,
            is_by_provider=is_by_provider,
        )
        await context.db.run(users.open_session, session=session)
        within = await context.db.read(confining.confines_of, user=user) if user.is_confined else None
        log.info("signed in", user=user.name, address=address)
        return SignedIn(secret, _identity(confining.SignedIn(session, user, within)))

    def end(self, ended: Iterable[str]) -> None:
        """Close the sockets of sessions that are kept no more, and leave their seats."""
        self._context.hub.end_sessions(ended)

    def end_keys(self, ended: Iterable[str]) -> None:
        """Close the sockets of keys that hold no more."""
        self._context.hub.end_keys(ended)

    async def sign_out(self, identity: Identity) -> None:
        """End the session of *identity*, close its sockets and leave its seat."""
        if identity.session is None:
            return
        await self._context.db.run(users.end_session, session_id=identity.session)
        self._context.hub.end_sessions([identity.session])
        self._context.hub.signed_out(identity.user)

    async def run(self) -> None:
        """Close the sockets of ended sessions, keep those whose agents work; runs until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except DatabaseAwayError as error:  # everybody stays until it is back
                log.warning("sessions could not be looked up", why=str(error))

    async def hashed(self, password: str) -> str:
        """Return what may be stored of *password*."""
        return await self.doorman.hashed(password)

    def close(self) -> None:
        """Let the threads for passwords end."""
        self.doorman.close()

    async def look(self) -> None:
        """Look once at who has an open socket: end what holds no more, or learn who the users are by now."""
        await self._look_at_keys()
        context, now = self._context, self._context.now()
        ids = {one.identity.session for one in context.hub.listeners() if one.identity.session}
        if not ids:
            return
        found = await context.db.read(confining.signed_in, ids=sorted(ids))
        at_work = context.hub.sessions_at_work()
        kept: dict[str, Identity] = {}
        for one in found:
            session = one.session
            if self.holds(session, now):
                kept[session.id] = await self._masked(_identity(one))
                if session.id in at_work:
                    await self._saw(session, now)
        context.hub.end_sessions(ids - kept.keys())
        context.hub.look_again(kept)

    async def _look_at_keys(self) -> None:
        """Keep which keys were used, and close the sockets of those that hold no more."""
        context, now = self._context, self._context.now()
        used, self._keys_used = self._keys_used, {}
        if theirs := {one.identity.key: one.identity for one in context.hub.listeners() if one.identity.key}:
            found = await context.db.read(keys.kept, ids=sorted(theirs))
            holding = [one for one in found if one.holds(now)]
            context.hub.end_keys(theirs.keys() - {one.id for one in holding})
            known = {key: await self._masked(replace(one, masks=None)) for key, one in theirs.items()}
            context.hub.look_again(known)
            used |= {one.id: now for one in holding if _is_news(one, now)}
        if used:
            await context.db.run(keys.used, at=used)

    async def _by_cookie(self, secret: str) -> Identity | None:
        context, now = self._context, self._context.now()
        found = await context.db.read(confining.signed_in, ids=[hash_of(secret)])
        for one in found:
            if self.holds(one.session, now):
                await self._saw(one.session, now)
                return _identity(one)
        return None

    async def _by_key(self, authorization: str) -> Identity | None:
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or not key:
            return None
        now = self._context.now()
        token = await self._context.db.read(users.token, token_id=hash_of(key.strip()))
        if token is None or not token.holds(now):
            return None
        if _is_news(token, now):
            self._keys_used[token.id] = now  # written beside the request, by ``look``
        return Identity(
            user=f"token:{token.name}",
            name=token.name,
            full_name=token.name,
            role=token.role,
            language="en",
            key=token.id,
            key_scopes=None if token.scopes is None else frozenset(token.scopes),
        )

    def holds(self, session: Session, now: datetime) -> bool:
        """Return whether a session is neither too old nor idle for too long."""
        settings = self._context.settings
        if now - session.created_at > settings.absolute:
            return False
        return now - session.seen_at <= settings.idle or session.id in self._context.hub.sessions_at_work()

    async def _saw(self, session: Session, now: datetime) -> None:
        if now - session.seen_at >= SEEN_EVERY:
            await self._context.db.run(users.session_seen, session_id=session.id, now=now)


AUTH = web.AppKey("auth", Auth)
IDENTITY = web.RequestKey("identity", Identity)


def identity_of(request: web.Request) -> Identity:
    """Return who asks; only behind a permission.

    Raises:
        ProblemError: when nobody signed in (401).
    """
    identity: Identity | None = request.get(IDENTITY)
    if identity is None:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "not_signed_in")
    return identity


def person_of(request: web.Request) -> Identity:
    """Return who asks, a person who signed in.

    Raises:
        ProblemError: when nobody signed in (401), or a key of another system asks (409).
    """
    identity = identity_of(request)
    if identity.session is None:
        raise ProblemError(HTTPStatus.CONFLICT, "no_session", "a key has no session")
    return identity


def remember(response: web.StreamResponse, request: web.Request, signed_in: SignedIn) -> None:
    """Set the session's cookie."""
    response.set_cookie(
        request.app[AUTH].cookie,
        signed_in.secret,
        httponly=True,
        samesite="Lax",
        secure=is_secure(request.app[CONTEXT]),
        path="/",
    )


def forget(response: web.StreamResponse, request: web.Request) -> None:
    """Delete the session's cookie."""
    response.del_cookie(
        request.app[AUTH].cookie,
        path="/",
        secure=is_secure(request.app[CONTEXT]),
        httponly=True,
        samesite="Lax",
    )


def csrf_token(request: web.Request) -> str | None:
    """Return what the page must send back in ``X-CSRF-Token``; None without a session's cookie."""
    secret = _secret(request)
    return csrf_of(secret) if secret else None


def csrf_fits(request: web.Request) -> bool:
    """Return whether the request carries its session's token."""
    wanted, sent = csrf_token(request), request.headers.get(CSRF_HEADER, "")
    return wanted is not None and hmac.compare_digest(wanted.encode(), sent.encode(errors="replace"))


def signed_in_by_cookie(request: web.Request) -> bool:
    """Return whether the request brings a session's cookie, and no key."""
    return hdrs.AUTHORIZATION not in request.headers and _secret(request) is not None


def csrf_of(secret: str) -> str:
    """Return the token that belongs to a session's secret, and tells nothing of it."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_secure(context: Context) -> bool:
    """Return whether browsers reach us by TLS."""
    return (context.settings.public_url or "").startswith("https://")


def cookie_name(context: Context) -> str:
    """Return the cookie's name: bound to the host when TLS allows it (RFC 6265bis §4.1.3.2)."""
    return _SECURE_COOKIE if is_secure(context) else _PLAIN_COOKIE


def cookie_value(header: str | None, name: str) -> str | None:
    """Return the first cookie called *name* of a Cookie header."""
    for pair in (header or "").split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name and value:
            return value
    return None


def _secret(request: web.Request) -> str | None:
    return cookie_value("; ".join(request.headers.getall(hdrs.COOKIE, [])), request.app[AUTH].cookie)


def _is_news(token: Token, now: datetime) -> bool:
    return token.last_used_at is None or now - token.last_used_at >= SEEN_EVERY


def _identity(signed_in: confining.SignedIn) -> Identity:
    session, user, within = signed_in
    return Identity(
        user=user.id,
        name=user.name,
        full_name=user.full_name,
        role=user.role,
        language=user.language,
        agent=user.agent,
        seat=Seat.read(user.seat),
        session=session.id,
        is_held=session.is_held,
        is_by_provider=session.is_by_provider,
        scope=EVERYTHING if within is None else Scope(within),
    )
