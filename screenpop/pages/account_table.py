"""Companies as a table for spreadsheets, which ``accounts import`` reads, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from crm_core.domain.account_rows import written_ranges
from crm_core.domain.accounts import Account, NumberRange
from crm_core.domain.contacts import Phone, PostalAddress
from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.person_cells import written_places
from crm_core.domain.typed_cells import written_several
from crm_core.ports import UnitOfWork
from crm_core.services import accounts
from crm_core.services.fields import of as fields_of
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.i18n import Translator, translator
from screenpop.masks import Masks
from screenpop.pages import sent_table
from screenpop.pages.contact_table import BETWEEN, own_cells, own_headings, written_way
from screenpop.pages.customer_words import KINDS, WAYS
from screenpop.pages.looks import N_
from screenpop.pages.page import page_language
from screenpop.pages.sent_table import Rows
from screenpop.redaction import redacted
from screenpop.tables_out import Cell
from screenpop.whole import looks_for_whole

COLUMNS: Final = (
    N_("Name"),
    N_("Legal name"),
    N_("Tax number"),
    N_("Kind"),
    N_("Belongs to"),
    N_("Value"),
    N_("Phone"),
    N_("Fax"),
    N_("Website"),
    N_("Street"),
    N_("Postal code"),
    N_("City"),
    N_("Province"),
    N_("Notes"),
    N_("Tags"),
    N_("Country"),
    N_("Kind of address"),
    N_("Other addresses"),
    N_("Other phone"),
    N_("Country of its numbers"),
    N_("Ranges of numbers"),
    N_("Do not call"),
    N_("Does not work"),
    N_("First choice"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company as it stands in a row: with the name of its parent, and its lines."""

    account: Account
    parent: str | None
    phones: Sequence[Phone]
    ranges: Sequence[NumberRange] = ()


async def send(request: web.Request, *, q: str) -> web.StreamResponse:
    """Send the companies that are looked for, by name, at most ``MOST``."""
    me, t = identity_of(request), translator(page_language(request))
    own = await request.app[CONTEXT].db.read(fields_of, entity="account")
    return await sent_table.send(
        request,
        name="companies",
        headings=COLUMNS,
        own=tuple(own_headings(t, own, "accounts")),
        part=_part,
        cut=N_("Cut off here: look for fewer."),
        cut_in=COLUMNS.index("Notes"),  # a row without a name becomes no company where the file is brought in
        q=q,
        whole=looks_for_whole(me),
        masks=me.masks,
        t=t,
        fields=own,
    )


def cells(company: Company, t: Translator, own: Sequence[FieldDef] = ()) -> list[Cell]:
    """Return the row of a company; *own* are the site's fields."""
    one, lines = company.account, company.phones
    place = one.addresses[0] if one.addresses else PostalAddress()
    return [
        one.name,
        one.legal_name,
        one.tax_id,
        t.gettext(KINDS[one.kind]),
        company.parent,
        one.tier,
        _several(line for line in lines if line.label not in ("fax", "other")),
        _several(line for line in lines if line.label == "fax"),
        one.website,
        place.street,
        place.postal_code,
        place.city,
        place.province,
        one.note,
        written_several(one.tags),
        place.country,
        t.gettext(WAYS[place.label]) if one.addresses else None,
        written_places(one.addresses[1:]),
        _several(line for line in lines if line.label == "other"),
        one.region,
        written_ranges(company.ranges),
        _several(line for line in lines if line.do_not_call),
        _several(line for line in lines if not line.is_valid),
        _several(line for line in lines if line.is_primary),
        *own_cells(one.fields, t, own),
    ]


def _part(
    uow: UnitOfWork,
    *,
    q: str,
    place: tuple[str, str] | None,
    whole: bool,
    masks: Masks | None,
    t: Translator,
    fields: Sequence[FieldDef],
) -> tuple[Rows, tuple[str, str] | None]:
    """Return the rows of the companies behind *place*, and the place of the last one when others follow."""
    found = accounts.find(uow, q=q, after=place, limit=sent_table.AT_ONCE + 1, whole=whole)
    shown = found[: sent_table.AT_ONCE]
    more = (shown[-1].listed_as, shown[-1].id) if len(found) > len(shown) else None
    parents, lines = accounts.belongings(uow, found=shown)
    ranges = uow.accounts.ranges_of([one.id for one in shown])
    told = [
        Company(
            account=one,
            parent=parents.get(one.parent_id or ""),
            phones=lines.get(one.id, ()),
            ranges=ranges.get(one.id, ()),
        )
        for one in shown
    ]
    if masks is not None:
        told = redacted(told, masks)
    return [cells(one, t, fields) for one in told], more


def _several(lines: Iterable[Phone]) -> str:
    return BETWEEN.join(map(written_way, lines))
