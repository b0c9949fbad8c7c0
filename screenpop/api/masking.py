"""What of customers' numbers, addresses and papers is shown to whom."""

from __future__ import annotations

from typing import Literal

import msgspec
from aiohttp import web

from crm_core.domain.errors import NotFoundError
from crm_core.domain.masking import ROLES, MaskRule, Rule
from crm_core.domain.people import Role
from crm_core.services import masking
from screenpop.api.exchange import Input, answer, read_body, version_wanted
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.permissions import Permission
from screenpop.places import address_of

routes = web.RouteTableDef()
MASKING = "/masking"
Shown = Literal["shown", "masked"]


class MaskInput(Input):
    """What people of the role see; ``own_queues``: the numbers of calls that are theirs, no others."""

    numbers: Rule
    emails: Shown
    documents: Shown
    personal: Shown


class MaskRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rule of each role; its ``version`` is demanded by a change. Administrators see everything."""

    items: tuple[MaskRule, ...]


@routes.get(MASKING)
@operation(Permission.MANAGE_USERS, returns=MaskRules)
async def list_masks(request: web.Request) -> web.Response:
    """List what is shown to people and keys of each role."""
    return answer(MaskRules(items=tuple(await request.app[CONTEXT].db.read(masking.rules))))


@routes.put(f"{MASKING}/{{role}}")
@operation(Permission.MANAGE_USERS, body=MaskInput, returns=MaskRule, takes_version=True)
async def put_mask(request: web.Request) -> web.Response:
    """Show this to people and keys of a role from now on, open desks too; 412 when somebody was quicker."""
    context, version = request.app[CONTEXT], version_wanted(request)
    asked = await read_body(request, MaskInput)
    kept = await context.db.run(
        masking.set_rule,
        rule=MaskRule(role=role_of(request.match_info["role"]), **asked.model_dump()),
        version=version,
        by=identity_of(request).user,
        address=address_of(request),
        now=context.now(),
    )
    context.hub.show_anew(kept.role)
    return answer(kept, version=kept.version)


def role_of(text: str) -> Role:
    """Return the role that *text* names.

    Raises:
        NotFoundError: there is none that something can be kept from.
    """
    role = next((one for one in ROLES if one == text), None)
    if role is None:
        raise NotFoundError("mask rule", text)
    return role
