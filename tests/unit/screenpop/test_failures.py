"""The failures that operations are said to have are those that there are."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from unit.screenpop.raising import UNKNOWN, conflicts
from unit.screenpop.test_reasons import ROUTER, of_exchanges, of_records, raised, sources

from screenpop import http_api
from screenpop.api.operation import Operation, operation_of
from screenpop.conflicts import CONFLICTS
from screenpop.failures import WORDS, failures_of
from screenpop.permissions import Permission

NOT_BY_NAME = {
    "bad_request",  # how aiohttp calls what it cannot read
    "request_entity_too_large",
    "wrong_credentials",  # told with the password that does not fit
    "confined",  # named by a constant, as the next one
    "not_of_your_teams",
    "no_provider",  # a provider's errors have their codes themselves
    "provider_away",
    "provider_lied",
}

BY_PORTS = {Permission.DIAL, Permission.USE_DESK, Permission.STEP_IN}
"""Who may ask the exchange: what that refuses is not read from our code."""


def operations() -> dict[str, Operation]:
    routes = [route for module in (*http_api.MODULES, http_api) for route in module.routes]
    return {route.handler.__name__: told for route in routes if (told := operation_of(route.handler))}


def handlers() -> dict[str, Any]:
    routes = [route for module in (*http_api.MODULES, http_api) for route in module.routes]
    return {route.handler.__name__: route for route in routes if operation_of(route.handler)}


def foreseen(name: str) -> set[str]:
    """Return the codes of 409 that the description tells of an operation."""
    found = failures_of(operations()[name], name=name, is_command=True, has_record=True)
    return set(found.get(HTTPStatus.CONFLICT, ()))


def read(name: str) -> set[str]:
    """Return the codes of 409 that are read from what an operation's handler runs through."""
    route = handlers()[name]
    not_so = {"interrupted", "unreadable_list"}  # told of each key; made to 422 where the list is read
    if "{id}" in route.path and name != "undo_merge":
        not_so |= {"merged"}  # who asks for such a record is led on
    return set(conflicts(route.handler)) - not_so


def test_conflicts_are_of_operations_that_there_are() -> None:
    assert CONFLICTS.keys() <= operations().keys()


@pytest.mark.parametrize("name", sorted(operations()))
def test_conflicts_are_those_that_the_code_raises(name: str) -> None:
    found, told = read(name), foreseen(name) - {"interrupted"}

    assert found - {UNKNOWN} <= told
    if operations()[name].permission not in BY_PORTS and UNKNOWN not in found:
        assert told <= found


def test_what_the_code_raises_is_found() -> None:
    assert conflicts(handlers()["ask_erasure"].handler) == {"legal_hold", "merged"}
    assert conflicts(handlers()["undo_import"].handler) == {"wrong_state"}
    assert conflicts(handlers()["get_incident"].handler) == set()


def test_every_code_is_one_that_is_answered() -> None:
    known = {code for source in sources() for code in raised(source)}
    known |= {*of_records(), *of_exchanges(), *ROUTER, *NOT_BY_NAME}
    told = {
        code
        for name, one in operations().items()
        for codes in failures_of(one, name=name, is_command=True, has_record=True).values()
        for code in codes
    }
    assert told <= known


def test_who_has_to_wait_is_who_sent_a_password_of_his() -> None:
    told = {
        name
        for name, one in operations().items()
        if HTTPStatus.TOO_MANY_REQUESTS in failures_of(one, name=name, is_command=True, has_record=False)
    }
    assert told == {"sign_in", "change_my_password", "begin_second_factor", "remove_second_factor"}


@pytest.mark.parametrize("is_command", [False, True])
def test_every_failure_has_words(is_command: bool) -> None:
    for name, one in operations().items():
        found = failures_of(one, name=name, is_command=is_command, has_record=True)
        assert found.keys() <= WORDS.keys()
        assert list(found) == sorted(found)
