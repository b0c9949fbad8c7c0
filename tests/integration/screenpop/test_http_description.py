"""The API's description: valid by the standard's own schema, whole, and true.

That answers are as described is checked at every answer of these tests (``described.py``).
Schema: https://spec.openapis.org/oas/3.1/schema/2022-10-07 (Apache-2.0).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from integration.screenpop.house import House
from jsonschema import Draft202012Validator

SCHEMA = json.loads(Path("tests/fixtures/openapi/schema-3.1.json").read_text(encoding="utf-8"))


async def test_the_description_is_openapi_3_1(house: House) -> None:
    document = (await house.stranger().get("/api/v1/openapi.json")).body
    assert document["openapi"].startswith("3.1.")
    Draft202012Validator(SCHEMA).validate(document)
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_whatever_the_description_points_to_is_there(house: House) -> None:
    document = house.described.document
    names = {ref.removeprefix("#/components/schemas/") for ref in _refs(document)}
    assert names <= document["components"]["schemas"].keys()
    assert names == document["components"]["schemas"].keys()


async def test_every_operation_has_a_name_of_its_own_and_words(house: House) -> None:
    operations = [operation for _, _, operation in house.described.operations()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all(operation["summary"].endswith((".", ":")) for operation in operations), names


async def test_a_command_says_what_it_takes(house: House) -> None:
    told = {(method, path): operation for method, path, operation in house.described.operations()}
    dial = told["POST", "/api/v1/calls"]
    assert dial["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/Dial")
    assert [one["name"] for one in dial["parameters"]] == ["Idempotency-Key"]
    change = told["PATCH", "/api/v1/contacts/{id}"]
    assert [(one["name"], one["in"], one["required"]) for one in change["parameters"]] == [
        ("id", "path", True),
        ("If-Match", "header", True),
    ]
    assert change["x-permission"] == "write_contacts"
    assert told["POST", "/api/v1/session"]["security"] == []
    fields = house.described.document["components"]["schemas"]["ContactChange"]["properties"]
    assert all("default" not in field for field in fields.values())


@pytest.mark.parametrize(
    ("operation", "foreseen"),
    [
        ("GET /health", "400 421 503"),
        ("POST /api/v1/session", "400 401 403 408 413 415 421 422 429 503"),
        ("GET /api/v1/events", "400 401 403 404 421 422 503"),
        ("GET /api/v1/contacts/{id}", "400 401 403 404 410 421 422 503"),
        ("POST /api/v1/contacts", "400 401 403 404 408 409 410 413 415 421 422 503"),
        ("PATCH /api/v1/contacts/{id}", "400 401 403 404 408 410 412 413 415 421 422 428 503"),
        ("PATCH /api/v1/users/{id}", "400 401 403 404 408 409 410 412 413 415 421 422 428 503"),
        ("GET /api/v1/presence", "400 401 403 409 421 503 504"),
    ],
)
async def test_how_an_operation_fails_is_foreseen(house: House, operation: str, foreseen: str) -> None:
    told = {f"{method} {path}": one for method, path, one in house.described.operations()}
    assert {status for status in told[operation]["responses"] if status >= "4"} == {
        *foreseen.split(),
        "default",
    }


async def test_a_failure_tells_its_codes(house: House) -> None:
    told = {one["operationId"]: one for _, _, one in house.described.operations()}

    def codes(operation: str, status: str) -> set[str]:
        content = told[operation]["responses"][status]["content"]["application/problem+json"]
        return set(content["schema"].get("properties", {}).get("code", {}).get("enum", ()))

    assert codes("get_contact", "403") == {"not_allowed", "missing_scope", "second_factor_wanted", "confined"}
    assert codes("add_key", "403") == {
        "not_allowed",
        "second_factor_wanted",
        "confined",
        "csrf",
        "wrong_origin",
    }
    assert codes("add_key", "409") == {"already_exists", "too_many_keys", "interrupted"}
    assert codes("change_contact", "428") == {"version_required"}
    assert codes("change_user", "409") == {"already_exists"}
    assert codes("merge", "409") == {"to_be_erased", "merged", "interrupted"}
    bare = {name for name, one in told.items() if "409" in one["responses"] and not codes(name, "409")}
    assert bare == set()
    assert codes("load_list", "415") == {"not_csv"}
    assert told["get_contact"]["security"] == [{"token": ["contacts:read"]}, {"session": []}]
    assert told["get_health"]["responses"]["503"]["content"].keys() == {
        "application/json",
        "application/problem+json",
    }


def _refs(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return here + [ref for inner in value.values() for ref in _refs(inner)]
    return [ref for inner in value for ref in _refs(inner)] if isinstance(value, list) else []


async def test_headers_and_files_are_described_as_they_are_read(house: House) -> None:
    told = {operation["operationId"]: operation for _, _, operation in house.described.operations()}
    headers = {one["name"]: one for one in told["put_line"]["parameters"] if one["in"] == "header"}
    assert not headers["If-Match"]["required"]
    pattern = headers["If-Match"]["schema"]["pattern"]
    assert all(re.search(pattern, tag) for tag in ('"1"', 'W/"7"', "7"))
    assert not any(re.search(pattern, tag) for tag in ('"x"', '"', "", '"1234567890"'))
    assert list(told["load_list"]["requestBody"]["content"]) == ["text/csv"]
    (key,) = told["dial"]["parameters"]
    assert re.search(key["schema"]["pattern"], "x" * 64)
    assert not re.search(key["schema"]["pattern"], "x" * 65)


@pytest.mark.parametrize("given", [0, "false", "no", 1.0])
async def test_what_is_a_yes_or_a_no_is_sent_as_one(house: House, given: object) -> None:
    answer = await house.system().post("/api/v1/contacts", {"given": "Ana", "vip": given})
    assert (answer.status, answer.faults) == (422, {("vip", "bool_type")})


@pytest.mark.parametrize("path", ["calls", "audit"])
async def test_a_time_is_no_number_of_seconds(house: House, path: str) -> None:
    answer = await house.system("administrator").get(f"/api/v1/{path}", params={"since": "1795311086"})
    assert (answer.status, answer.faults) == (422, {("since", "not_a_time")})
