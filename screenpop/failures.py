"""How an operation may fail, by what it says of itself: told to who programs against it (pure).

What is none of these is a fault of ours: 500, ``internal``.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from screenpop.api.operation import Operation
from screenpop.conflicts import CONFLICTS
from screenpop.key_scopes import scope_of
from screenpop.permissions import Permission

Codes = Mapping[HTTPStatus, tuple[str, ...]]
_ALWAYS: Final[Codes] = {
    HTTPStatus.BAD_REQUEST: ("malformed", "bad_request"),
    HTTPStatus.MISDIRECTED_REQUEST: ("host_not_served",),
    HTTPStatus.SERVICE_UNAVAILABLE: ("database_away", "lease_lost", "schema", "standby", "timeout"),
}
_WITH_BODY: Final[Codes] = {
    HTTPStatus.REQUEST_TIMEOUT: ("too_slow",),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too_large", "request_entity_too_large"),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("invalid", "masked_value"),
}
_TYPES: Final = {None: "not_json", "text/csv": "not_csv"}
_STRANGER: Final = ("wrong_origin", "csrf")
_GONE: Final = ("not_found", "not_of_your_teams")
_AT_THE_EXCHANGE: Final = frozenset({Permission.USE_DESK, Permission.DIAL, Permission.STEP_IN})
WORDS: Final = {
    HTTPStatus.BAD_REQUEST: "This cannot be read.",
    HTTPStatus.UNAUTHORIZED: "Nobody signed in, or the key does not hold.",
    HTTPStatus.FORBIDDEN: "Who asks may not; `missing_scope` names the scope that the key lacks.",
    HTTPStatus.NOT_FOUND: "There is no such record.",
    HTTPStatus.REQUEST_TIMEOUT: "The body came too slowly.",
    HTTPStatus.CONFLICT: "As things stand this cannot be done; `code` says why.",
    HTTPStatus.GONE: "The person was erased.",
    HTTPStatus.PRECONDITION_FAILED: "Somebody was quicker; `newer` is the record as it is now.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is of another type.",
    HTTPStatus.MISDIRECTED_REQUEST: "The service is not called so.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Fields are wrong; `errors` tells all of them.",
    HTTPStatus.PRECONDITION_REQUIRED: "`If-Match` is missing.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many tries; `Retry-After` says how long to wait.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The records or the exchange are away; `Retry-After` says for how long.",
    HTTPStatus.GATEWAY_TIMEOUT: "The exchange did not confirm it.",
}


def failures_of(told: Operation, *, name: str, is_command: bool, has_record: bool) -> Codes:
    """Return the statuses with which an operation may fail, lowest first, and their codes; none: not told.

    Args:
        told: what it says of itself.
        name: what it is called.
        is_command: it changes something.
        has_record: its path names one.
    """
    found: dict[HTTPStatus, tuple[str, ...]] = {}
    parts = (
        _ALWAYS,
        _of_who(told, is_command=is_command),
        _of_what(told),
        _of_sign_in(told) if told.proves else {},
        _of_exchange() if told.permission in _AT_THE_EXCHANGE else {},
        _of_records(told, name=name, is_command=is_command, has_record=has_record),
    )
    for part in parts:
        for status, codes in part.items():
            found[status] = tuple(dict.fromkeys((*found.get(status, ()), *codes)))
    return dict(sorted(found.items()))


def _of_who(told: Operation, *, is_command: bool) -> Codes:
    """Return how it fails for who asks: also who is let in by anybody's right comes from our own pages."""
    if told.permission is None:
        return {HTTPStatus.FORBIDDEN: _STRANGER[:1]} if is_command else {}
    lacks = ("not_allowed", "missing_scope") if scope_of(told.permission) else ("not_allowed",)
    refused = (*lacks, "second_factor_wanted", "confined", *(_STRANGER if is_command else ()))
    return {HTTPStatus.UNAUTHORIZED: ("not_signed_in",), HTTPStatus.FORBIDDEN: refused}


def _of_what(told: Operation) -> Codes:
    """Return how what is sent may be wrong."""
    found: dict[HTTPStatus, tuple[str, ...]] = {}
    if told.body is not None or told.sent_media is not None:
        kind = _TYPES.get(told.sent_media, "not_a_file")
        found |= {**_WITH_BODY, HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (kind,)}
    if told.sent_media is not None:
        found[HTTPStatus.UNPROCESSABLE_ENTITY] = ("invalid", "unreadable_list")
    if told.query is not None:
        found.setdefault(HTTPStatus.UNPROCESSABLE_ENTITY, ("invalid",))
        found[HTTPStatus.BAD_REQUEST] = ("bad_cursor",) if "cursor" in told.query.model_fields else ()
    if told.takes_key:
        reused = (*found.get(HTTPStatus.UNPROCESSABLE_ENTITY, ()), "idempotency_key_reused")
        found[HTTPStatus.UNPROCESSABLE_ENTITY] = reused
        found[HTTPStatus.BAD_REQUEST] = ("bad_idempotency_key",)
        found[HTTPStatus.CONFLICT] = ("interrupted",)
        found |= {status: _WITH_BODY[status] for status in _WITH_BODY if status not in found}
    if told.takes_version or told.heeds_version or _names_versions(told):
        found[HTTPStatus.PRECONDITION_FAILED] = ("version_conflict",)
    if told.takes_version:
        found[HTTPStatus.PRECONDITION_REQUIRED] = ("version_required",)
    return found


def _names_versions(told: Operation) -> bool:
    """Return whether the versions of several records stand in the body."""
    return told.body is not None and any("version" in field for field in told.body.model_fields)


def _of_sign_in(told: Operation) -> Codes:
    """Return how proving who one is may fail."""
    wrong = ("wrong_credentials", "code_wanted", "wrong_code") if told.permission is None else ()
    return {
        **({HTTPStatus.UNAUTHORIZED: wrong} if wrong else {}),
        HTTPStatus.TOO_MANY_REQUESTS: ("too_many_tries",),
        HTTPStatus.SERVICE_UNAVAILABLE: ("busy",),
    }


def _of_exchange() -> Codes:
    return {
        HTTPStatus.SERVICE_UNAVAILABLE: ("exchange_away",),
        HTTPStatus.GATEWAY_TIMEOUT: ("not_confirmed",),
    }


def _of_records(told: Operation, *, name: str, is_command: bool, has_record: bool) -> Codes:
    found: dict[HTTPStatus, tuple[str, ...]] = {}
    if has_record or (is_command and told.permission is not None):
        found |= {
            HTTPStatus.NOT_FOUND: _GONE,
            HTTPStatus.GONE: ("erased",),
            HTTPStatus.UNPROCESSABLE_ENTITY: ("invalid",),
        }
    if told.query is not None or told.permission is Permission.CONNECT_EXCHANGE:
        found[HTTPStatus.NOT_FOUND] = _GONE  # which record is meant may stand there
    if name in CONFLICTS:
        found[HTTPStatus.CONFLICT] = CONFLICTS[name]
    if told.permission is Permission.BRING_IN:
        found[HTTPStatus.SERVICE_UNAVAILABLE] = ("no_imports",)
    return found
