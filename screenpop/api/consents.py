"""What a customer agreed to: noted, and shown with all that he said before."""

from __future__ import annotations

import secrets
from http import HTTPStatus

import msgspec
from aiohttp import web
from pydantic import AwareDatetime, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from crm_core.domain.consents import (
    LONGEST_PROOF,
    LONGEST_SOURCE,
    Basis,
    Consent,
    Purpose,
    Said,
    Stands,
    all_standing,
)
from crm_core.domain.contacts import Channel
from crm_core.domain.ids import new_id
from crm_core.services import consents
from screenpop.api.exchange import Input, Line, answer, read_body
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission

routes = web.RouteTableDef()
PATH = "/contacts/{id}/consents"


class NewConsent(Input):
    """What he said: ``source`` is how we know, ``proof`` where it can be shown.

    ``at`` is now when it is not told.
    """

    purpose: Purpose
    channel: Channel
    basis: Basis = "consent"
    status: Said
    source: Line = Field(min_length=1, max_length=LONGEST_SOURCE)
    proof: Line | None = Field(default=None, max_length=LONGEST_PROOF)
    at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None

    @field_validator("expires_at")
    @classmethod
    def _ends(cls, ends: AwareDatetime | None, told: ValidationInfo) -> AwareDatetime | None:
        """Demand that only what is given ends, and after it was."""
        if ends is not None and told.data.get("status", "given") != "given":
            raise PydanticCustomError("never_given", "only what is given ends")
        if ends is not None and (at := told.data.get("at")) is not None and ends <= at:
            raise PydanticCustomError("too_early", "it ends after it was given")
        return ends


class Consents(msgspec.Struct, frozen=True, kw_only=True):
    """How he stands to each purpose and channel, and all that he said, newest first."""

    standing: tuple[Stands, ...]
    said: tuple[Consent, ...]


@routes.get(PATH)
@operation(Permission.READ_CONTACTS, returns=Consents)
async def get_consents(request: web.Request) -> web.Response:
    """Return what a contact agreed to, and what he said before."""
    context = request.app[CONTEXT]
    said = await context.db.read(consents.said, contact_id=request.match_info["id"])
    return answer(Consents(standing=tuple(all_standing(said, now=context.now())), said=tuple(said)))


@routes.post(PATH)
@operation(
    Permission.WRITE_CONTACTS, body=NewConsent, returns=Consent, status=HTTPStatus.CREATED, takes_key=True
)
async def note_consent(request: web.Request) -> web.Response:
    """Note what a contact said; what he said last counts, also for who is dialled by campaigns."""
    context, identity = request.app[CONTEXT], identity_of(request)
    asked, now = await read_body(request, NewConsent), context.now()
    one = Consent(
        **asked.model_dump() | {"at": asked.at or now},
        id=new_id(now, secrets.token_bytes(10)),
        contact_id=request.match_info["id"],
        noted_at=now,
        noted_by=identity.user,
    )
    kept = await context.db.run(consents.note, consent=one, now=now)
    return answer(kept, status=HTTPStatus.CREATED)
