"""The card of a call as the desktop shows it: who, why it rings here, how long, what is open, what was.

Drawn once for each view and pop, in the event loop, so it is quick: what needs the reader's time zone or a
clock is an attribute that the page's script fills in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Final, Literal

from jinja2 import Template
from markupsafe import Markup

from crm_core.domain.calls import Attempt, Call, Visit
from crm_core.domain.cards import Card
from crm_core.domain.lines import Brand
from crm_core.domain.phone_text import is_nobody
from screenpop.i18n import Translator, translator
from screenpop.lines import CrmPage, LineBook
from screenpop.pages.environment import environment, region_of
from screenpop.pages.words import REASONS

KEPT: Final = 64  # cards of customers whose calls ring now
NAMELESS: Final = LineBook()
Kind = Literal["known", "several", "unknown", "looking", "withheld", "inside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A time that runs: from ``since``, to ``until`` when it is over."""

    label: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What stands in the call card; ``name`` may be a number, else ``number`` stands beside it."""

    kind: Kind
    brand: Brand
    greeting: str | None
    crm: CrmPage | None
    name: str
    is_number: bool = False
    company: str | None = None
    number: str | None = None
    announced: str | None = None
    language: str | None = None
    ringing_since: datetime
    wait: Wait
    queue: str | None = None
    dialled: str | None = None
    gave_up_at: datetime | None = None
    reason: tuple[str, str] | None


def render(
    call: Call,
    card: Card | None,
    *,
    language: str,
    role: str,  # noqa: ARG001 - all see the same
    book: LineBook = NAMELESS,
) -> str:
    """Return the card of *call* in *language*; *card* is None while the caller is looked up.

    *book* says what numbers and queues are called.
    """
    t = translator(language)
    return _template("card/card.html", t.language).render(
        call=call,
        card=card,
        face=face_of(call, card, t, book),
        region=home_region(call),
        known=_known(card, t.language) if card else "",
    )


def prepare(language: str) -> None:
    """Read the templates of *language*, so that its first card is as quick as all others."""
    for name in ("card/card.html", "card/known.html"):
        _template(name, translator(language).language)


def face_of(call: Call, card: Card | None, t: Translator, book: LineBook) -> Face:
    """Return what stands in the call card."""
    kind, name = _who(call, card, t)
    contact = card.contact if card else None
    number = (contact.number if contact else None) or call.customer or call.ani
    is_number, brand = name == number, book.brand_of(call)
    is_outbound = call.direction == "outbound"
    return Face(
        kind=kind,
        brand=brand,
        greeting=brand.greeting(contact.language if contact else None, t.language),
        crm=book.crm_page(call, card, brand),
        name=name,
        is_number=is_number,
        company=card.account.name if card and contact and card.account else None,
        number=None if is_number or kind in ("withheld", "inside") else number,
        announced=call.ani_name if kind in ("unknown", "looking") and not is_outbound else None,
        language=contact.language if contact else None,
        ringing_since=ringing_since(call),
        wait=wait_of(call, t),
        queue=brand.queue or (call.visits[-1].queue if call.visits else None),
        dialled=None if is_outbound else call.did,
        gave_up_at=_gave_up_at(card) if card else None,
        reason=_reason(call, card, t),
    )


def _who(call: Call, card: Card | None, t: Translator) -> tuple[Kind, str]:
    """Return the kind of card, and who it is in large letters."""
    number = call.customer or call.ani
    if card and card.contact:
        return "known", card.contact.name
    if card and card.people:
        company = card.account.name if card.account else None
        return "several", company or number or t.gettext("Several people")
    if card and card.account:
        return "known", card.account.name
    if call.direction == "internal":
        return "inside", call.ani_name or call.ani_raw or t.gettext("Internal call")
    if number:
        return ("unknown" if card else "looking"), number
    raw = call.ani_raw or ""
    return ("withheld", t.gettext("Number withheld")) if is_nobody(raw) else ("unknown", raw)


def wait_of(call: Call, t: Translator) -> Wait:
    """Return how long the customer waits: in queues, else for the phone that rings."""
    if not call.visits:
        label = t.gettext("Rang for") if call.direction == "outbound" else t.gettext("Calling for")
        return Wait(label=label, since=call.started_at, until=call.answered_at)
    return Wait(
        label=t.gettext("Waited"),
        since=call.visits[0].entered_at,
        until=call.visits[-1].left_at,
    )


def ringing_since(call: Call) -> datetime:
    """Return since when the newest phone is rung for *call*; when it began if none was."""
    newest = max(_attempts(call.visits, call.attempts), key=lambda one: one.started_at, default=None)
    return newest.started_at if newest else call.started_at


def home_region(call: Call) -> str | None:
    """Return the region whose numbers the exchange delivers without a country code, None when it has one.

    There the card writes numbers as people at home do.
    """
    raw = call.ani_raw or ""
    if call.customer is None or raw.startswith(("+", "00")) or not raw.isdecimal():
        return None
    return region_of(call.customer)


@lru_cache(maxsize=KEPT)
def _known(card: Card, language: str) -> Markup:
    """Return what is known of the customer; drawn once while his call rings at one desk after another."""
    return Markup(_template("card/known.html", language).render(card=card))  # noqa: S704 - drawn by us


@cache
def _template(name: str, language: str) -> Template:
    made = environment(language).get_template(name)
    made.globals = dict(made.globals)  # a chain of two is looked through for every name of every card
    return made


def _attempts(visits: Iterable[Visit], direct: Iterable[Attempt]) -> list[Attempt]:
    return [*(one for visit in visits for one in visit.attempts), *direct]


def _reason(call: Call, card: Card | None, t: Translator) -> tuple[str, str] | None:
    """Return why the call comes here, or how we know who it is: a label and its words."""
    if call.transfers:
        last = call.transfers[-1]
        return t.gettext("Handed over by"), last.agent or last.by.rpartition("/")[2]
    if card is None or card.contact is None:
        return None
    code: str = card.match.kind
    if len(card.match.candidates) > 1:  # one of several: what speaks for this one
        mine = (one.why for one in card.match.candidates if one.contact_id == card.contact.id)
        code = next(mine, code)
    words = REASONS.get(code)
    return (t.gettext("Known by"), t.gettext(words)) if words else None


def _gave_up_at(card: Card) -> datetime | None:
    """Return when the customer last hung up waiting, among the calls of the card."""
    return next((one.started_at for one in card.last_calls if one.outcome == "abandoned"), None)
