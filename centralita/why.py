"""``centralita why``: why a call was told as it was, from what is kept of it."""

from __future__ import annotations

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from centralita.errors import UnusableError
from centralita.records import in_database
from centralita.settings import Settings
from centralita.words import words
from crm_core.db.database import Database
from crm_core.domain.calls import Call, call_id
from crm_core.domain.errors import NotFoundError
from crm_core.domain.traces import unpacked
from crm_core.domain.why import Why, teller_of, why
from crm_core.ports import UnitOfWork
from crm_core.services import calls
from screenpop.pages import call_words, why_words
from screenpop.pages.words import REASONS


class NoSuchCallError(UnusableError):
    """There is no such call in the records; a live one is not there yet."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted

    def __str__(self) -> str:
        return words().gettext(
            "%(call)s is not in the records. While a call is live its page tells: /calls/%(call)s/why"
        ) % {"call": self.wanted}


def why_call(settings: Settings, wanted: str, *, as_json: bool) -> None:
    """Print why the call *wanted* (an id, or ``pbx:linkedid``) was told as it was.

    Raises:
        NoSuchCallError: it is not in the records.
        RecordsError: the database cannot be used.
    """
    told = in_database(settings, lambda db: _read(db, wanted))
    if told is None:
        raise NoSuchCallError(wanted)
    if as_json:
        typer.echo(msgspec.json.encode(told))
    else:
        _print(told)


async def _read(db: Database, wanted: str) -> Why | None:
    pbx, colon, linkedid = wanted.partition(":")
    try:
        return await db.read(_told, wanted=call_id(pbx, linkedid) if colon else wanted)
    except NotFoundError:
        return None


def _told(uow: UnitOfWork, *, wanted: str) -> Why:
    call: Call = calls.get_call(uow, call_id=wanted)
    steps, left_out = unpacked(calls.why_told(uow, call=call))
    return why(call, steps, left_out=left_out)


def _print(told: Why) -> None:
    _ = words().gettext
    console = Console()
    lines = [f"{told.pbx}:{told.linkedid}  {told.id}", _(why_words.SOURCES[told.source])]
    lines += _customer(told)
    lines += _offered(told)
    lines += [f"{_('Put right')}: {each.detail.get('why', '')}" for each in told.corrections]
    lines += [f"{_(call_words.ANOMALIES.get(one.kind, one.kind))} {one.detail}" for one in told.anomalies]
    for line in lines:
        console.print(Text(line), soft_wrap=True)
    console.print(_steps(told))
    if told.left_out:
        console.print(_("%(count)d more steps were not kept.") % {"count": told.left_out})


def _customer(told: Why) -> list[str]:
    _ = words().gettext
    if not told.match.candidates:
        return [_("Nobody was known by this number.")]
    return [f"{_('Who was taken for the customer')}:"] + [
        f"  {one.contact_id or one.account_id}: {_(REASONS.get(one.why, one.why))}"
        + (f" ({_('Chosen')})" if one.contact_id and one.contact_id == told.contact_id else "")
        for one in told.match.candidates
    ]


def _offered(told: Why) -> list[str]:
    _ = words().gettext
    lines = [f"{_('Whom it was offered to')}:"] if told.offered else [_("No phone was rung.")]
    for one in told.offered:
        result = _(call_words.PHONES[one.result]) if one.result else _("rings")
        lines.append(f"  {one.at:%H:%M:%S} {one.interface} {one.agent or ''}: {result}")
        lines += [
            f"    {card.at:%H:%M:%S.%f}  "
            + _("its card reached %(name)s at %(socket)s") % {"name": card.user, "socket": card.socket}
            for card in one.reached
        ]
        lines += [] if one.reached else [f"    {_('its card reached no desk')}"]
    return lines


def _steps(told: Why) -> Table:
    _ = words().gettext
    table = Table(_("When"), _("Who said it"), _("What"), _("Details"), box=None)
    for step in told.steps:
        said = " ".join(f"{name}={value}" for name, value in why_words.details(step))
        what = _(why_words.STEPS.get(step.what, step.what))
        table.add_row(
            f"{step.at:%H:%M:%S.%f}"[:-3], _(why_words.TELLERS[teller_of(step)]), Text(what), Text(said)
        )
    return table
