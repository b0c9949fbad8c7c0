"""The failures that operations are said to have are those that there are."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from unit.screenpop.test_reasons import ROUTER, of_exchanges, of_records, raised, sources

from screenpop import http_api
from screenpop.api.operation import Operation, operation_of
from screenpop.conflicts import CONFLICTS
from screenpop.failures import WORDS, failures_of

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


def operations() -> dict[str, Operation]:
    routes = [route for module in (*http_api.MODULES, http_api) for route in module.routes]
    return {route.handler.__name__: told for route in routes if (told := operation_of(route.handler))}


def test_conflicts_are_of_operations_that_there_are() -> None:
    assert CONFLICTS.keys() <= operations().keys()


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
