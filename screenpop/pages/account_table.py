"""Companies as a table for spreadsheets, which ``accounts import`` reads, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from crm_core.domain.accounts import Account
from crm_core.domain.contacts import Phone, PostalAddress
from crm_core.ports import UnitOfWork
from crm_core.services import accounts
from screenpop.auth import identity_of
from screenpop.i18n import Translator, translator
from screenpop.masks import Masks
from screenpop.pages import sent_table
from screenpop.pages.customer_words import KINDS
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
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company as it stands in a row: with the name of its parent, and its lines."""

    account: Account
    parent: str | None
    phones: Sequence[Phone]


async def send(request: web.Request, *, q: str) -> web.StreamResponse:
    """Send the companies that are looked for, by name, at most ``MOST``."""
    me = identity_of(request)
    return await sent_table.send(
        request,
        name="companies",
        headings=COLUMNS,
        part=_part,
        cut=N_("Cut off here: look for fewer."),
        cut_in=COLUMNS.index("Notes"),  # a row without a name becomes no company where the file is brought in
        q=q,
        whole=looks_for_whole(me),
        masks=me.masks,
        t=translator(page_language(request)),
    )


def cells(company: Company, t: Translator) -> list[Cell]:
    """Return the row of a company."""
    one = company.account
    place = one.addresses[0] if one.addresses else PostalAddress()
    return [
        one.name,
        one.legal_name,
        one.tax_id,
        t.gettext(KINDS[one.kind]),
        company.parent,
        one.tier,
        " | ".join(_written(line) for line in company.phones if line.label != "fax"),
        " | ".join(_written(line) for line in company.phones if line.label == "fax"),
        one.website,
        place.street,
        place.postal_code,
        place.city,
        place.province,
        one.note,
    ]


def _part(
    uow: UnitOfWork, *, q: str, place: tuple[str, str] | None, whole: bool, masks: Masks | None, t: Translator
) -> tuple[Rows, tuple[str, str] | None]:
    """Return the rows of the companies behind *place*, and the place of the last one when others follow."""
    found = accounts.find(uow, q=q, after=place, limit=sent_table.AT_ONCE + 1, whole=whole)
    shown = found[: sent_table.AT_ONCE]
    more = (shown[-1].listed_as, shown[-1].id) if len(found) > len(shown) else None
    parents, lines = accounts.belongings(uow, found=shown)
    told = [
        Company(account=one, parent=parents.get(one.parent_id or ""), phones=lines.get(one.id, ()))
        for one in shown
    ]
    if masks is not None:
        told = redacted(told, masks)
    return [cells(one, t) for one in told], more


def _written(line: Phone) -> str:
    number = line.e164 or line.raw
    return f"{number} ext. {line.ext}" if line.ext and line.e164 else number
