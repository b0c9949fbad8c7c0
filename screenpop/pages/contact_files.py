"""People as files: the list as it was looked for, and one person as a vCard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from aiohttp import hdrs, web
from msgspec.structs import replace
from pydantic import Field

from crm_core.domain.contacts import Contact
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.vcard import Version, nameless, vcard
from crm_core.ports import UnitOfWork
from crm_core.services import audit, contacts, fields
from screenpop.api.exchange import Input, Line
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.i18n import Translator, translator
from screenpop.masks import Masks
from screenpop.pages import sent_table
from screenpop.pages.contact_table import OUT, cells, own_headings
from screenpop.pages.import_words import COLUMNS
from screenpop.pages.looks import N_
from screenpop.pages.page import page_language
from screenpop.pages.sent_table import Row, Rows
from screenpop.permissions import Permission, requires
from screenpop.places import address_of, region_of
from screenpop.redaction import redacted
from screenpop.tables_out import Cell
from screenpop.whole import hides_emails, may_look_for

routes = web.RouteTableDef()
CONTACTS: Final = "/contacts"
CARD: Final = "text/vcard; charset=utf-8"
CUT: Final = N_("Cut off here: look for fewer.")
Place = tuple[str, str]


class AskedFile(Input):
    """Who is looked for, and which vCards are wanted."""

    q: Line = Field(default="", max_length=100)
    version: Version = "4.0"


class AskedCard(Input):
    """Which vCard is wanted: 3.0 is for older telephones."""

    version: Version = "4.0"


@routes.get(f"{CONTACTS}.csv")
@routes.get(f"{CONTACTS}.xlsx")
@requires(Permission.EXPORT_RECORDS, Permission.READ_CONTACTS)
async def get_contacts_file(request: web.Request) -> web.StreamResponse:
    """Return the people who are looked for as a table for spreadsheets."""
    asked, t = AskedFile.model_validate(dict(request.query)), translator(page_language(request))
    own = await request.app[CONTEXT].db.read(fields.of, entity="contact")
    return await sent_table.send(
        request,
        name="contacts",
        headings=[COLUMNS[column] for column in OUT],
        own=tuple(own_headings(t, own, "contacts")),
        part=_rows,
        cut=CUT,
        cut_in=OUT.index("note"),  # a row without a name becomes nobody where the file is brought in
        fields=own,
        t=t,
        **_looked_for(request, asked.q),
    )


@routes.get(f"{CONTACTS}.vcf")
@requires(Permission.EXPORT_RECORDS, Permission.READ_CONTACTS)
async def get_contacts_cards(request: web.Request) -> web.StreamResponse:
    """Return the people who are looked for as vCards."""
    asked, t = AskedFile.model_validate(dict(request.query)), translator(page_language(request))
    wanted = _looked_for(request, asked.q) | {"version": asked.version}
    end = [nameless(t.gettext(CUT), version=asked.version)]
    return await sent_table.send_with(request, _Cards(), "contacts", "vcf", (), _cards, end, wanted)


@routes.get(f"{CONTACTS}/{{id}}.vcf")
@requires(Permission.EXPORT_RECORDS, Permission.READ_CONTACTS)
async def get_contact_card(request: web.Request) -> web.Response:
    """Return one person as a vCard."""
    asked, context = AskedCard.model_validate(dict(request.query)), request.app[CONTEXT]
    me, contact_id = identity_of(request), request.match_info["id"]
    contact = await context.db.read(contacts.get, contact_id=contact_id)
    await context.db.run(
        audit.note,
        who=me.user,
        what="exported_card",
        address=address_of(request),
        now=context.now(),
        kind="contact",
        record_id=contact_id,
    )
    card = vcard(_shown(contact, me.masks), version=asked.version)
    return web.Response(
        body=card.encode(),
        headers={
            hdrs.CONTENT_TYPE: CARD,
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="contact-{contact.id}.vcf"',
            hdrs.CACHE_CONTROL: "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


class _Cards:
    """``TableWriter`` of vCards: each is a row of one cell."""

    media = CARD

    def rows(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        return "".join(str(cell) for row in rows for cell in row).encode()

    def end(self) -> bytes:
        return b""


def _looked_for(request: web.Request, q: str) -> dict[str, object]:
    me, region = identity_of(request), region_of(request)
    is_open = may_look_for(me, q, region=region)
    return {"q": q if is_open else None, "region": region, "whole": hides_emails(me), "masks": me.masks}


def _found(
    uow: UnitOfWork, q: str | None, place: Place | None, *, region: str, whole: bool, masks: Masks | None
) -> tuple[list[Contact], Place | None]:
    """Return who is found behind *place*, and the place of the last one when others follow."""
    if q is None:  # what he may not look for finds nobody
        return [], None
    found = contacts.find(uow, q=q, after=place, limit=sent_table.AT_ONCE + 1, region=region, whole=whole)
    shown = found[: sent_table.AT_ONCE]
    more = (shown[-1].listed_as, shown[-1].id) if len(found) > len(shown) else None
    return [_shown(one, masks) for one in shown], more


def _rows(
    uow: UnitOfWork,
    *,
    q: str | None,
    place: Place | None,
    region: str,
    whole: bool,
    masks: Masks | None,
    t: Translator,
    fields: Sequence[FieldDef],
) -> tuple[Rows, Place | None]:
    found, more = _found(uow, q, place, region=region, whole=whole, masks=masks)
    return [cells(one, t, fields) for one in found], more


def _cards(
    uow: UnitOfWork,
    *,
    q: str | None,
    place: Place | None,
    region: str,
    whole: bool,
    masks: Masks | None,
    version: Version,
) -> tuple[Rows, Place | None]:
    found, more = _found(uow, q, place, region=region, whole=whole, masks=masks)
    rows: list[Row] = [[vcard(one, version=version)] for one in found]
    return rows, more


def _shown(one: Contact, masks: Masks | None) -> Contact:
    """Return a person as he is shown to who asks; a number that is kept from him is a text, none to dial."""
    if masks is None:
        return one
    seen: Contact = redacted(one, masks)
    kept = [was.e164 for was in one.phones]
    phones = (
        now if now.e164 == was else replace(now, e164=None)
        for now, was in zip(seen.phones, kept, strict=True)
    )
    return replace(seen, phones=tuple(phones))
