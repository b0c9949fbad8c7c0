"""Who signed in, and what he is confined to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from crm_core.domain.confines import Confines
from crm_core.domain.people import CONFINABLE, Session, User
from crm_core.ports import UnitOfWork


class SignedIn(NamedTuple):
    """A session that is kept, whose it is, and what he is confined to; None: he sees everything."""

    session: Session
    user: User
    within: Confines | None


def signed_in(uow: UnitOfWork, *, ids: Sequence[str]) -> list[SignedIn]:
    """Return those of *ids* that are kept; not of users who were switched off."""
    found = uow.users.sessions(ids) if ids else []
    return [SignedIn(session, user, confines_of(uow, user=user)) for session, user in found]


def confines_of(uow: UnitOfWork, *, user: User) -> Confines | None:
    """Return what *user* is confined to; only of him who is, somebody is asked.

    Whom a provider made an administrator meanwhile sees everything while he is one.
    """
    return uow.teams.confines(user) if user.is_confined and user.role in CONFINABLE else None
