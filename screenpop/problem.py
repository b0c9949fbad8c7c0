"""Errors as ``application/problem+json`` (RFC 9457), each with a stable ``code``, all of a form at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import pydantic
from aiohttp import web

from ami_bridge.domain.errors import (
    ActionRejectedError,
    ActionTimeoutError,
    AmiBridgeError,
    HeldAlreadyError,
    HoldNotPossibleError,
    LinkDownError,
    NoMemberError,
    NotConfirmedError,
    NotHeldError,
    NotInTalkError,
    ObserveOnlyError,
    UnsafeValueError,
)
from crm_core.domain.errors import (
    CrmError,
    DatabaseAwayError,
    InvalidError,
    ManyInvalidError,
    VersionConflictError,
)
from crm_core.domain.merges import ChangedSinceError

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
_STATUS = {
    "not_found": HTTPStatus.NOT_FOUND,
    "already_exists": HTTPStatus.CONFLICT,
    "not_allowed": HTTPStatus.FORBIDDEN,
    "erased": HTTPStatus.GONE,
    "invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "version_conflict": HTTPStatus.PRECONDITION_FAILED,
    "database_away": HTTPStatus.SERVICE_UNAVAILABLE,
    "lease_lost": HTTPStatus.SERVICE_UNAVAILABLE,
    "schema": HTTPStatus.SERVICE_UNAVAILABLE,
}
_BRIDGE: tuple[tuple[type[AmiBridgeError], HTTPStatus, str], ...] = (
    (ActionRejectedError, HTTPStatus.CONFLICT, "rejected_by_exchange"),
    (ObserveOnlyError, HTTPStatus.CONFLICT, "observe_only"),
    (NoMemberError, HTTPStatus.CONFLICT, "in_no_queue"),
    (HoldNotPossibleError, HTTPStatus.CONFLICT, "hold_not_possible"),
    (NotHeldError, HTTPStatus.CONFLICT, "not_on_hold"),
    (HeldAlreadyError, HTTPStatus.CONFLICT, "on_hold_already"),
    (NotInTalkError, HTTPStatus.CONFLICT, "not_in_a_talk"),
    (NotConfirmedError, HTTPStatus.GATEWAY_TIMEOUT, "not_confirmed"),
    (UnsafeValueError, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid"),
    (LinkDownError, HTTPStatus.SERVICE_UNAVAILABLE, "exchange_away"),
    (ActionTimeoutError, HTTPStatus.SERVICE_UNAVAILABLE, "exchange_away"),
)


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field: ``field`` is its path (``phones.0.raw``), ``code`` is stable."""

    field: str
    code: str
    message: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong. ``newer`` is the record as it is now, after a version conflict."""

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: tuple[FieldError, ...] = ()
    newer: Any = None


class ProblemError(Exception):
    """Something that ends a request with a problem."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        newer: object = None,
    ) -> None:
        super().__init__(status, code, detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers, self.newer = tuple(errors), dict(headers or {}), newer

    def __str__(self) -> str:
        return f"{self.status.value} {self.code}: {self.detail or self.status.phrase}"


def problem_of(error: Exception) -> ProblemError | None:
    """Return the problem that *error* is for who asked; None when it is a fault of ours."""
    for kind, told in _TOLD:
        if isinstance(error, kind):
            return told(error)
    return None


def response(problem: ProblemError) -> web.Response:
    """Return *problem* as a response."""
    body = Problem(
        type="about:blank",
        title=problem.status.phrase,
        status=problem.status.value,
        code=problem.code,
        detail=problem.detail,
        errors=problem.errors,
        newer=problem.newer,
    )
    return web.Response(
        body=msgspec.json.encode(body),
        status=problem.status.value,
        content_type=CONTENT_TYPE,
        headers=problem.headers,
    )


def _of_records(error: CrmError) -> ProblemError:
    status = _STATUS.get(error.code, HTTPStatus.CONFLICT)
    match error:
        case InvalidError():
            faults = error.faults if isinstance(error, ManyInvalidError) else (error,)
            errors = [FieldError(field=one.field, code=one.fault, message=one.why) for one in faults]
            return ProblemError(status, error.code, str(error), errors=errors)
        case VersionConflictError():
            return ProblemError(status, error.code, str(error), newer=error.newer)
        case DatabaseAwayError():
            return ProblemError(status, error.code, str(error), headers=_later())
        case ChangedSinceError():
            others = [FieldError(field=kind, code=error.code, message=key) for kind, key in error.what]
            return ProblemError(status, error.code, str(error), errors=others)
    return ProblemError(status, error.code, str(error))


def _of_exchange(error: AmiBridgeError) -> ProblemError:
    for kind, status, code in _BRIDGE:
        if isinstance(error, kind):
            headers = _later() if status is HTTPStatus.SERVICE_UNAVAILABLE else None
            return ProblemError(status, code, str(error), headers=headers)
    return ProblemError(HTTPStatus.CONFLICT, "exchange", str(error))


def _of_form(error: pydantic.ValidationError) -> ProblemError:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    if any(fault["type"] == "json_invalid" for fault in faults):
        return ProblemError(HTTPStatus.BAD_REQUEST, "malformed", faults[0]["msg"])
    errors = [
        FieldError(field=".".join(map(str, fault["loc"])), code=fault["type"], message=fault["msg"])
        for fault in faults
    ]
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", errors=errors)


def _of_http(error: web.HTTPException) -> ProblemError:
    status = HTTPStatus(error.status)
    return ProblemError(status, status.phrase.lower().replace(" ", "_"), headers=_allowed(error))


def _allowed(error: web.HTTPException) -> dict[str, str]:
    return {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}


def _of_text(_error: UnicodeError) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, "malformed", "this is not UTF-8")


def _of_time(_error: TimeoutError) -> ProblemError:
    return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "timeout", headers=_later())


def _later() -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER_S)}


_TOLD: tuple[tuple[type[Exception], Callable[[Any], ProblemError]], ...] = (
    (ProblemError, lambda error: error),
    (CrmError, _of_records),
    (AmiBridgeError, _of_exchange),
    (pydantic.ValidationError, _of_form),
    (web.HTTPException, _of_http),
    (UnicodeError, _of_text),
    (TimeoutError, _of_time),
)
