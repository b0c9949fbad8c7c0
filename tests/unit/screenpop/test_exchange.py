"""Cursors, versions and keys as they come from outside."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from unit.screenpop.fakes import START

from screenpop.api.exchange import (
    PageQuery,
    cursor_after,
    cursor_of,
    read_cursor,
    read_query,
    read_time_cursor,
    version_wanted,
)
from screenpop.api.twice import key_of
from screenpop.problem import ProblemError


def test_a_cursor_comes_back_as_it_was() -> None:
    assert read_cursor(cursor_of("2026-11-24T16:00:00Z", "día")) == ("2026-11-24T16:00:00Z", "día")
    assert read_cursor(None) is None


@pytest.mark.parametrize("text", ["", "x", "ñ", "AAAA", cursor_of("one"), "/" * 30, "%00"])
def test_another_s_cursor_is_refused(text: str) -> None:
    with pytest.raises(ProblemError, match="bad_cursor"):
        read_cursor(text)


def test_a_page_has_a_next_one_only_when_more_was_found() -> None:
    def place(item: str) -> tuple[str, str]:
        return item, "id"

    assert cursor_after(["a", "b"], limit=2, place=place) is None
    assert read_cursor(cursor_after(["a", "b", "c"], limit=2, place=place)) == ("b", "id")


def test_a_place_in_time_is_read_as_utc() -> None:
    cursor = cursor_of("2026-11-24T17:00:00+01:00", "x")
    assert read_time_cursor(cursor) == (START, "x")
    assert read_time_cursor(None) is None


@pytest.mark.parametrize("time", ["", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59"])
def test_a_place_at_no_time_is_refused(time: str) -> None:
    with pytest.raises(ProblemError, match="bad_cursor"):
        read_time_cursor(cursor_of(time, "x"))


@pytest.mark.parametrize(("header", "version"), [('"3"', 3), ('W/"3"', 3), ("3", 3)])
def test_a_version_is_read(header: str, version: int) -> None:
    assert version_wanted(make_mocked_request("PATCH", "/", headers={"If-Match": header})) == version


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "version_required"),
        ({"If-Match": "*"}, "malformed"),
        ({"If-Match": '"x"'}, "malformed"),
        ({"If-Match": '"' + "9" * 10 + '"'}, "malformed"),
    ],
)
def test_a_version_is_demanded(headers: dict[str, str], code: str) -> None:
    with pytest.raises(ProblemError, match=code):
        version_wanted(make_mocked_request("PATCH", "/", headers=headers))


@pytest.mark.parametrize("key", ["", "x" * 65, "ñ", "a\tb"])
def test_a_bad_key_is_refused(key: str) -> None:
    with pytest.raises(ProblemError, match="bad_idempotency_key"):
        key_of(make_mocked_request("POST", "/", headers={"Idempotency-Key": key}))


def test_a_key_is_optional() -> None:
    assert key_of(make_mocked_request("POST", "/")) is None
    assert key_of(make_mocked_request("POST", "/", headers={"Idempotency-Key": "a-1"})) == "a-1"


def test_a_parameter_twice_is_refused() -> None:
    assert read_query(make_mocked_request("GET", "/?limit=5"), PageQuery).limit == 5
    with pytest.raises(ProblemError, match="malformed"):
        read_query(make_mocked_request("GET", "/?limit=5&limit=6"), PageQuery)
