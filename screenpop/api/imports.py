"""Many people or companies at once, from a table: tried out, brought in, called off, taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from aiohttp import hdrs, web
from pydantic import Field, StringConstraints

from crm_core.domain.imports import LONGEST_NAME, ImportBatch, Kind, NamedColumn, Policy
from crm_core.domain.typed_cells import DayOrder
from crm_core.services import import_batches
from screenpop.api.contact_input import Country
from screenpop.api.exchange import Input, Line, answer, read_body, read_query
from screenpop.api.operation import operation
from screenpop.auth import identity_of
from screenpop.context import CONTEXT
from screenpop.i18n import translator
from screenpop.imports import HowToBringIn, ImportDesk, Sheet, TooLargeError, UnreadableTableError
from screenpop.pages.import_words import fault_text
from screenpop.pages.page import page_language
from screenpop.permissions import Permission
from screenpop.places import address_of, region_of
from screenpop.problem import FieldError, ProblemError
from screenpop.tables_out import table_writer

routes = web.RouteTableDef()
PATH: Final = "/imports"
ONE: Final = f"{PATH}/{{id}}"
FILE, CSV = "application/octet-stream", "text/csv"
OwnColumn = Annotated[str, StringConstraints(pattern=r"^field:[a-z][a-z0-9_]{0,39}$")]
WITHIN_S, LISTED, AT_ONCE, MOST_COLUMNS = 120.0, 50, 1_000, 200


class SentQuery(Input):
    """What the file is called, and whether people or companies stand in it."""

    name: Line = Field(min_length=1, max_length=LONGEST_NAME)
    kind: Kind = "contacts"


class HowInput(Input):
    """What each column is (null: it is not read), what becomes of who is known, and where numbers are from.

    A column is one of ours, or ``field:`` and the key of one of the site's own fields. Days are written as
    ``day_order`` says (``dmy``: 24/11/2026); ISO 8601 is read in every case.
    ``trial``: tell what would become of each row, and keep nothing.
    """

    columns: tuple[NamedColumn | OwnColumn | None, ...] = Field(min_length=1, max_length=MOST_COLUMNS)
    policy: Policy = "complete"
    region: Country | None = None
    day_order: DayOrder = "ymd"
    trial: bool = True


class Imports(msgspec.Struct, frozen=True, kw_only=True):
    """The newest tables, newest first."""

    items: tuple[ImportBatch, ...]


@routes.get(PATH)
@operation(Permission.BRING_IN, returns=Imports)
async def list_imports(request: web.Request) -> web.Response:
    """List the newest tables that were sent or brought in."""
    found = await request.app[CONTEXT].db.read(import_batches.last, limit=LISTED)
    return answer(Imports(items=tuple(found)))


@routes.post(PATH)
@operation(Permission.BRING_IN, query=SentQuery, returns=Sheet, status=HTTPStatus.CREATED, sent_media=FILE)
async def send_import(request: web.Request) -> web.Response:
    """Send a table of people or companies, CSV or XLSX; nobody is brought in yet."""
    asked = read_query(request, SentQuery)
    if request.content_type != FILE:
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_a_file", f"send {FILE}")
    try:
        async with asyncio.timeout(WITHIN_S):
            sheet = await desk_of(request).receive(
                asked.name,
                _pieces(request),
                kind=asked.kind,
                by=identity_of(request).user,
                region=region_of(request),
                language=page_language(request),
            )
    except UnreadableTableError as error:
        fault = FieldError(field="file", code="no_table", message=str(error))
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", str(error), errors=[fault]) from error
    except TooLargeError:
        raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large") from None
    except TimeoutError:
        raise ProblemError(HTTPStatus.REQUEST_TIMEOUT, "too_slow") from None
    return answer(sheet, status=HTTPStatus.CREATED)


@routes.get(ONE)
@operation(Permission.BRING_IN, returns=ImportBatch)
async def get_import(request: web.Request) -> web.Response:
    """Return how far a table is."""
    return answer(await request.app[CONTEXT].db.read(import_batches.get, batch_id=request.match_info["id"]))


@routes.post(f"{ONE}/begin")
@operation(Permission.BRING_IN, body=HowInput, returns=ImportBatch, status=HTTPStatus.ACCEPTED)
async def begin_import(request: web.Request) -> web.Response:
    """Bring a table in, or try that out; a trial may be followed by others. 409 when it was brought in."""
    asked = await read_body(request, HowInput)
    how = HowToBringIn(
        columns=asked.columns,
        policy=asked.policy,
        region=asked.region or region_of(request),
        day_order=asked.day_order,
        is_trial=asked.trial,
    )
    begun = await desk_of(request).begin(
        request.match_info["id"], how, by=identity_of(request).user, address=address_of(request)
    )
    return answer(begun, status=HTTPStatus.ACCEPTED)


@routes.post(f"{ONE}/cancel")
@operation(Permission.BRING_IN, returns=ImportBatch)
async def cancel_import(request: web.Request) -> web.Response:
    """Call a table off; who was brought in already stays. 409 when it does not run."""
    context = request.app[CONTEXT]
    batch = await context.db.run(import_batches.cancel, batch_id=request.match_info["id"], now=context.now())
    return answer(batch)


@routes.post(f"{ONE}/continue")
@operation(Permission.BRING_IN, returns=ImportBatch, status=HTTPStatus.ACCEPTED)
async def continue_import(request: web.Request) -> web.Response:
    """Go on where a table was that was called off, or failed."""
    return answer(await desk_of(request).go_on(request.match_info["id"]), status=HTTPStatus.ACCEPTED)


@routes.post(f"{ONE}/undo")
@operation(Permission.BRING_IN, returns=ImportBatch, status=HTTPStatus.ACCEPTED)
async def undo_import(request: web.Request) -> web.Response:
    """Take back what a table brought in; who was changed since, or is named by other records, stays."""
    begun = await desk_of(request).undo(
        request.match_info["id"], by=identity_of(request).user, address=address_of(request)
    )
    return answer(begun, status=HTTPStatus.ACCEPTED)


@routes.get(f"{ONE}/rejected")
@operation(Permission.BRING_IN, media=CSV)
async def get_rejected(request: web.Request) -> web.StreamResponse:
    """Return the rows that were rejected as a table: line and reason."""
    db, batch_id = request.app[CONTEXT].db, request.match_info["id"]
    await db.read(import_batches.get, batch_id=batch_id)
    t = translator(page_language(request))
    writer = table_writer("csv", has_comma=t.language == "es")
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: writer.media,
            hdrs.CONTENT_DISPOSITION: 'attachment; filename="rejected.csv"',
        }
    )
    await response.prepare(request)
    await response.write(writer.rows([[t.gettext("Line"), t.gettext("Reason")]]))
    after = 0
    while some := await db.read(import_batches.rejected, batch_id=batch_id, after=after, limit=AT_ONCE):
        told = ((str(one.line), fault_text(t, one.fault, one.text)) for one in some)
        await response.write(writer.rows(told))
        after = some[-1].line
    await response.write_eof()
    return response


def desk_of(request: web.Request) -> ImportDesk:
    """Return who works on tables.

    Raises:
        ProblemError: nobody does here.
    """
    if (desk := request.app[CONTEXT].imports) is None:
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "no_imports")
    return desk


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    async for piece in request.content.iter_chunked(1 << 16):
        yield piece
