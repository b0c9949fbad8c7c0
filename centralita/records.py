"""``centralita db``, ``user`` and ``token``: what is changed in the database from the command line."""

from __future__ import annotations

import asyncio
import os
import pwd
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TypeVar, cast

import typer

from centralita.clock import utc_now
from centralita.copying import copies_of, in_use, told_why
from centralita.errors import UnusableError
from centralita.settings import Settings
from centralita.store import is_new, open_database
from centralita.words import words
from crm_core.db.copies import CopyError
from crm_core.db.database import Database
from crm_core.db.in_use import SQLITE, DatabaseInUseError, FileInUseError, alone, beside
from crm_core.db.migrate import demand_known, is_behind, revision_of, upgrade
from crm_core.domain.errors import CrmError, InvalidError
from crm_core.domain.ids import new_id
from crm_core.domain.people import ROLES, Role, User
from crm_core.ports import UnitOfWork
from crm_core.services import audit, keys, users
from screenpop.key_scopes import SCOPES
from screenpop.passwords import LONGEST, SHORTEST, hash_password

T = TypeVar("T")


class RecordsError(UnusableError):
    """What was asked for cannot be done; the text says why."""


def somebody() -> str:
    """Return how the audit calls who is at the keyboard: by his name on this machine."""
    try:
        return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:  # a container's user needs no name
        return f"cli:{os.getuid()}"


def upgrade_database(settings: Settings, *, is_copied: bool = True) -> None:
    """Bring the tables to this version and say from where to where; what is there is copied before.

    Raises:
        RecordsError: the database cannot be reached, copied or changed, or somebody works on it.
    """
    _, url = words().gettext, settings.database.url
    try:
        with _unused(url):
            copy = _copied_before(url) if is_copied else None
            before, after = upgrade(url)
    except (FileInUseError, DatabaseInUseError) as error:
        raise RecordsError(in_use(error)) from error
    except (CrmError, CopyError) as error:
        raise RecordsError(told_why(error)) from error
    if copy:
        typer.echo(_("What was there is kept as %(file)s.") % {"file": copy})
    if before == after:
        typer.echo(_("The database is up to date (%(revision)s).") % {"revision": after})
    else:
        told = {"before": before or _("nothing"), "after": after}
        typer.echo(_("The database was brought from %(before)s to %(after)s.") % told)


def _unused(url: str) -> AbstractContextManager[None]:
    """Keep others from a file; of a server's database look that nobody works on it."""
    if url.startswith(SQLITE):
        return alone(beside(url))
    from crm_core.db.server_copies import demand_unused

    demand_unused(url)
    return nullcontext()


def _copied_before(url: str) -> Path | None:
    """Copy a database whose tables are about to change; return where the copy is, None when there is none."""
    if is_new(url):
        return None
    revision = revision_of(url)
    if revision is None or not is_behind(revision):
        return None
    demand_known(revision)
    copying = copies_of(url)
    ending = "" if url.startswith(SQLITE) else copying.ENDING
    copy = Path(f"{beside(url)}.of-{revision}{ending}")
    copying.back_up(copy)
    return copy


def add_user(
    settings: Settings,
    *,
    name: str,
    role: str,
    agent: str | None,
    seat: str | None,
    full_name: str,
    language: str,
    password: str,
) -> None:
    """Add somebody who signs in.

    Raises:
        RecordsError: a field cannot be kept, the name is taken, or the database cannot be used.
    """
    _check(password)
    if seat and seat.partition(":")[0] not in settings.pbx:
        raise RecordsError(f"interface: there is no [pbx.{seat.partition(':')[0]}] in the settings")
    user = User(
        id=new_id(utc_now(), secrets.token_bytes(10)),
        name=name,
        full_name=full_name,
        role=cast("Role", role),  # add_user checks it
        language=language,
        agent=agent,
        seat=seat,
        password_hash=hash_password(password),
    )
    in_database(settings, lambda db: db.run(_add_user, user=user, by=somebody(), now=utc_now()))
    typer.echo(words().gettext("%(name)s can sign in now.") % {"name": name})


def set_password(settings: Settings, *, name: str, password: str) -> None:
    """Set somebody's password; sessions that were open end.

    Raises:
        RecordsError: there is no such user, the password is too short, or the database cannot be used.
    """
    _check(password)
    hashed = hash_password(password)
    ended = in_database(
        settings,
        lambda db: db.run(_set_password, name=name, password_hash=hashed, by=somebody(), now=utc_now()),
    )
    said = words().ngettext(
        "The password of %(name)s is set; %(count)d session ended.",
        "The password of %(name)s is set; %(count)d sessions ended.",
        len(ended),
    )
    typer.echo(said % {"name": name, "count": len(ended)})


def add_token(
    settings: Settings, *, name: str, role: str | None, scopes: Sequence[str], days: int | None
) -> str:
    """Return a new key for another system; only its hash is kept.

    Raises:
        RecordsError: the name is taken or none, there is no such role or scope, or the database cannot be
            used.
    """
    if role is not None and scopes:
        raise RecordsError("role or scope: what a key may is said by one of them")
    if (role := role or "integration") not in ROLES:
        raise RecordsError(f"role: one of {', '.join(ROLES)}")
    if not SCOPES.keys() >= set(scopes):
        raise RecordsError(f"scope: one of {', '.join(SCOPES)}")
    try:
        token, key = keys.make(
            name=name,
            role=role,
            scopes=[scope for scope in SCOPES if scope in scopes] if scopes else None,
            days=days,
            randomness=secrets.token_bytes(32),
            by=somebody(),
            now=utc_now(),
        )
    except InvalidError as error:
        raise RecordsError(str(error)) from error
    in_database(settings, lambda db: db.run(keys.add, key=token, by=somebody(), address=None))
    return key


def _add_user(uow: UnitOfWork, *, user: User, by: str, now: datetime) -> None:
    users.add_user(uow, user=user)
    audit.note(
        uow,
        who=by,
        what="user added",
        address=None,
        now=now,
        kind="user",
        record_id=user.id,
        changes={"role": (None, user.role)},
    )


def _set_password(uow: UnitOfWork, *, name: str, password_hash: str, by: str, now: datetime) -> list[str]:
    ended = users.set_password(uow, name=name, password_hash=password_hash)
    user = users.user_named(uow, name=name)
    audit.note(
        uow,
        who=by,
        what="password set",
        address=None,
        now=now,
        kind="user",
        record_id=user.id if user else None,
    )
    return ended


def _check(password: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise RecordsError(f"password: {SHORTEST} to {LONGEST} characters")


def in_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Return what *work* returns, done on the database of *settings*.

    Raises:
        RecordsError: it cannot be done; the text says why.
    """

    async def run() -> T:
        db = await open_database(settings.database.url)
        try:
            return await work(db)
        finally:
            await db.close()

    try:
        return asyncio.run(run())
    except CrmError as error:
        raise RecordsError(str(error)) from error
