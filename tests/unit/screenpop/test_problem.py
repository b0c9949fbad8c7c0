"""Every error has its status and its stable code."""

from __future__ import annotations

import json
from collections.abc import Callable

import pydantic
import pytest
from aiohttp import web

from ami_bridge.domain.errors import (
    ActionRejectedError,
    ActionTimeoutError,
    AmiBridgeError,
    LinkDownError,
    ObserveOnlyError,
    UnsafeValueError,
)
from crm_core.domain.errors import (
    AlreadyExistsError,
    CrmError,
    DatabaseAwayError,
    InvalidError,
    NotFoundError,
    VersionConflictError,
)
from screenpop.api.exchange import Input, Line, Prose
from screenpop.problem import ProblemError, problem_of, response


class Form(Input):
    name: Line
    age: int
    note: Prose = ""


def _invalid(text: str) -> Callable[[], Exception]:
    def fails() -> Exception:
        with pytest.raises(pydantic.ValidationError) as failed:
            Form.model_validate_json(text)
        return failed.value

    return fails


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFoundError("contact", "x"), 404, "not_found"),
        (AlreadyExistsError("user", "ana"), 409, "already_exists"),
        (InvalidError("phones.0.raw", "no number"), 422, "invalid"),
        (VersionConflictError({"id": "x"}), 412, "version_conflict"),
        (DatabaseAwayError(), 503, "database_away"),
        (CrmError(), 409, "error"),
        (ActionRejectedError("Originate", "no such channel"), 409, "rejected_by_exchange"),
        (ObserveOnlyError("Originate"), 409, "observe_only"),
        (LinkDownError("lost"), 503, "exchange_away"),
        (ActionTimeoutError("Originate", 5), 503, "exchange_away"),
        (UnsafeValueError("number"), 422, "invalid"),
        (AmiBridgeError(), 409, "exchange"),
        (web.HTTPNotFound(), 404, "not_found"),
        (web.HTTPMethodNotAllowed("PUT", ["GET"]), 405, "method_not_allowed"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), 400, "malformed"),
        (TimeoutError(), 503, "timeout"),
    ],
)
def test_an_error_has_its_status_and_code(error: Exception, status: int, code: str) -> None:
    problem = problem_of(error)
    assert problem is not None
    assert (problem.status, problem.code) == (status, code)
    assert ("Retry-After" in problem.headers) is (status == 503)


@pytest.mark.parametrize("text", ["{", "", "\ud800", '{"name": "\\ud800", "age": 1}', "[" * 10_000, "NaN"])
def test_what_is_no_json_is_malformed(text: str) -> None:
    try:
        Form.model_validate_json(text)
    except (pydantic.ValidationError, UnicodeError) as error:
        problem = problem_of(error)
    assert problem is not None
    assert problem.status in (400, 422)


def test_all_errors_of_a_form_come_at_once() -> None:
    problem = problem_of(_invalid('{"name": "a\\u0000b", "age": "x", "extra": 1}')())
    assert problem is not None
    assert {(one.field, one.code) for one in problem.errors} == {
        ("name", "not_one_line"),
        ("age", "int_parsing"),
        ("extra", "extra_forbidden"),
    }


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x7f", "\x85"])
def test_control_characters_are_no_text(sign: str) -> None:
    assert problem_of(_invalid(json.dumps({"name": "a", "age": 1, "note": f"a{sign}b"}))()).status == 422


@pytest.mark.parametrize("sign", ["\n", "\r", "\t", "\u2028"])
def test_a_line_has_no_breaks_but_prose_has(sign: str) -> None:
    assert problem_of(_invalid(json.dumps({"name": f"a{sign}b", "age": 1}))()).status == 422
    assert Form.model_validate_json(json.dumps({"name": " a ", "age": 1, "note": f"a{sign}b"})).name == "a"


def test_a_bug_is_no_problem_of_who_asked() -> None:
    assert problem_of(KeyError("x")) is None


def test_a_problem_is_written_as_rfc_9457_has_it() -> None:
    told = response(problem_of(VersionConflictError({"id": "x", "version": 3})))
    assert told.content_type == "application/problem+json"
    assert json.loads(told.body) == {
        "type": "about:blank",
        "title": "Precondition Failed",
        "status": 412,
        "code": "version_conflict",
        "detail": "somebody changed this record meanwhile",
        "newer": {"id": "x", "version": 3},
    }
    assert (
        str(ProblemError(*(problem_of(TimeoutError()).status, "timeout")))
        == "503 timeout: Service Unavailable"
    )
