"""What a customer agreed to, and what he may ask of us: his page beside the customer's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from crm_core.domain.consents import BASES, PURPOSES, SAID, Consent, Stands, all_standing
from crm_core.domain.contacts import CHANNELS, Contact
from crm_core.domain.erasure import Erasure, LegalHold
from crm_core.ports import UnitOfWork
from crm_core.services import consents, contacts
from screenpop.context import CONTEXT
from screenpop.pages.erased import tells_of_erased
from screenpop.pages.page import page
from screenpop.permissions import Permission, requires

routes = web.RouteTableDef()
PRIVACY: Final = "/contacts/{id}/privacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPage:
    """Who it is, how he stands to what, all that he said, and what is to become of his records."""

    contact: Contact
    standing: list[Stands]
    said: list[Consent]
    hold: LegalHold | None
    erasure: Erasure | None


@routes.get(PRIVACY)
@requires(Permission.READ_CONTACTS)
@tells_of_erased
async def get_privacy(request: web.Request) -> web.Response:
    """Return the page."""
    return await _drawn(request, "privacy.html")


@routes.get(f"{PRIVACY}/consents")
@requires(Permission.READ_CONTACTS)
async def get_consents(request: web.Request) -> web.Response:
    """Return how he stands to what, as a part of a page."""
    return await _drawn(request, "contact_consents.html")


async def _drawn(request: web.Request, name: str) -> web.Response:
    context = request.app[CONTEXT]
    found = await context.db.read(_read, contact_id=request.match_info["id"], now=context.now())
    choices = {"purposes": PURPOSES, "channels": CHANNELS, "bases": BASES, "said": SAID}
    return page(request, name, on=found, choices=choices)


def _read(uow: UnitOfWork, *, contact_id: str, now: datetime) -> OnPage:
    said = consents.said(uow, contact_id=contact_id)
    return OnPage(
        contact=contacts.get(uow, contact_id=contact_id),
        standing=all_standing(said, now=now),
        said=said,
        hold=uow.privacy.hold(contact_id),
        erasure=uow.privacy.erasure(contact_id),
    )
