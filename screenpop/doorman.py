"""Who proves to be somebody: by password and, where he has one, by his second factor.

Failures count by account and address. Wrong codes also count by account alone: only who knows the password
gets that far, so nobody is locked out by a stranger, and many addresses are no way to guess six digits.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import structlog
from aiohttp import hdrs

from crm_core.domain.people import User
from crm_core.domain.second_factor import SecondFactor, recovery_hash, step_of
from crm_core.services import second_factor, users
from screenpop.context import Context, Rule
from screenpop.identity import Identity
from screenpop.limits import SignInLimit
from screenpop.passwords import BusyError, Passwords
from screenpop.problem import FieldError, ProblemError

log = structlog.get_logger(__name__)
ANYWHERE, WRONG = "anywhere", "wrong_credentials"


class Doorman:
    """Checks what people prove themselves by."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._passwords = Passwords()
        self._limit = SignInLimit()

    async def let_in(self, *, name: str, password: str, code: str | None, address: str) -> tuple[User, bool]:
        """Return who this is, and whether his role demands a second factor that he has not set up yet.

        Raises:
            ProblemError: wrong name or password, wrong code, or a code is wanted (401), too many tries (429),
                too many at once (503).
        """
        user = await self._known(name, password, address)
        kept, _ = await self._context.db.read(second_factor.of, user_id=user.id)
        rule = self.rule_of(user.role)
        if kept is not None and rule != "off":
            await self._demand_code(user, kept, code, address)
        self._limit.succeeded(name, address)
        return user, kept is None and rule == "demanded"

    async def confirm(self, me: Identity, *, password: str, address: str) -> None:
        """Make sure that who asks is still who signed in.

        Raises:
            ProblemError: wrong password (422), too many tries (429), too many at once (503).
        """
        try:
            await self._known(me.name, password, address)
        except ProblemError as problem:
            raise _at_password() if problem.code == WRONG else problem from None
        self._limit.succeeded(me.name, address)

    def rule_of(self, role: str) -> Rule:
        """Return whether a second factor is ``off``, ``allowed`` or ``demanded`` of a role."""
        return self._context.settings.second_factor.get(role, "allowed")

    async def hashed(self, password: str) -> str:
        """Return what may be stored of *password*."""
        return await self._passwords.hashed(password)

    def close(self) -> None:
        """Let the threads for passwords end."""
        self._passwords.close()

    async def _known(self, name: str, password: str, address: str) -> User:
        """Return who has this name and password; the try stays counted as a failure for now."""
        self._count(name, address)
        try:
            user = await self._user_with(name, password)
        except Exception:
            self._limit.spared(name, address)
            raise
        if user is None:
            log.info("a sign-in failed", user=name, address=address)
            raise ProblemError(HTTPStatus.UNAUTHORIZED, WRONG)
        return user

    async def _demand_code(self, user: User, kept: SecondFactor, code: str | None, address: str) -> None:
        if not code:
            self._limit.spared(user.name, address)
            raise ProblemError(HTTPStatus.UNAUTHORIZED, "code_wanted")
        try:
            self._count(user.name, ANYWHERE)
        except ProblemError:
            self._limit.spared(user.name, address)
            raise
        if not await self._fits(user, kept, code, address):
            log.info("a sign-in failed at its code", user=user.name, address=address)
            raise ProblemError(HTTPStatus.UNAUTHORIZED, "wrong_code")
        self._limit.succeeded(user.name, ANYWHERE)

    async def _fits(self, user: User, kept: SecondFactor, code: str, address: str) -> bool:
        """Return whether *code* is right, and use it up."""
        context, now = self._context, self._context.now()
        secret = context.sealer.open(kept.sealed)
        if secret is None:
            log.error("a second factor cannot be read: its key is another", user=user.name)
        step = step_of(secret, code, now=now) if secret else None
        if step is not None:
            return await context.db.run(second_factor.use, user_id=user.id, step=step)
        spent = {"code_hash": recovery_hash(code), "address": address, "now": now}
        return await context.db.run(second_factor.spend, user_id=user.id, **spent)

    def _count(self, name: str, address: str) -> None:
        """Count a failure before it is known to be one: many at once are no way around."""
        now = self._context.now()
        if wait := self._limit.wait(name, address, now=now):
            raise _too_often(wait)
        self._limit.failed(name, address, now=now)

    async def _user_with(self, name: str, password: str) -> User | None:
        """Return who has this name and password; None takes as long to say."""
        user = await self._context.db.read(users.user_named, name=name)
        hashed = user.password_hash if user and user.is_active else None
        try:
            fits = await self._passwords.fits(password, hashed or None)
        except BusyError:
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE, "busy", headers={hdrs.RETRY_AFTER: "2"}
            ) from None
        return user if fits else None


def _at_password() -> ProblemError:
    wrong = FieldError(field="password", code="wrong_password", message="this is not the password")
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", errors=[wrong])


def _too_often(wait: timedelta) -> ProblemError:
    seconds = max(1, round(wait.total_seconds()))
    return ProblemError(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_tries",
        f"wait {seconds} s",
        headers={hdrs.RETRY_AFTER: str(seconds)},
    )
