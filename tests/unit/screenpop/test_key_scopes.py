"""Scopes: what each gives, and what none does."""

from __future__ import annotations

from collections import Counter

import pytest

from screenpop import http_api
from screenpop.api.operation import operation_of
from screenpop.identity import Identity
from screenpop.key_scopes import EVERY_KEY, PEOPLE_ONLY, SCOPES, permissions_in, scope_of
from screenpop.pages.key_words import SCOPE_WORDS
from screenpop.permissions import PERMISSIONS, Permission


def key(*scopes: str) -> Identity:
    return Identity(
        user="token:crm",
        name="crm",
        full_name="crm",
        role="administrator",
        language="en",
        key="x",
        key_scopes=frozenset(scopes),
    )


def test_every_permission_is_of_one_scope_of_every_key_or_of_people_alone() -> None:
    counted = Counter(
        permission for held in (*SCOPES.values(), EVERY_KEY, PEOPLE_ONLY) for permission in held
    )
    assert counted == dict.fromkeys(Permission, 1)
    assert not PERMISSIONS["integration"] & PEOPLE_ONLY


def test_what_scopes_are_called() -> None:
    assert SCOPE_WORDS.keys() == SCOPES.keys()
    assert all(scope.partition(":")[2] in {"read", "write"} for scope in SCOPES)
    assert all(scope_of(permission) == scope for scope, held in SCOPES.items() for permission in held)
    assert {scope_of(permission) for permission in EVERY_KEY | PEOPLE_ONLY} == {None}


@pytest.mark.parametrize(
    ("scopes", "may"),
    [
        pytest.param((), {Permission.BE_KNOWN}, id="none"),
        pytest.param(("calls:erase",), {Permission.BE_KNOWN}, id="one that is not known"),
        pytest.param(
            ("contacts:read", "events:read"),
            {Permission.BE_KNOWN, Permission.READ_CONTACTS, Permission.LOOK_UP, Permission.READ_EVENTS},
            id="two",
        ),
        pytest.param(
            ("users:write",), {Permission.BE_KNOWN, Permission.MANAGE_USERS}, id="users, but no keys"
        ),
    ],
)
def test_a_key_may_what_its_scopes_say_whatever_its_role(
    scopes: tuple[str, ...], may: set[Permission]
) -> None:
    assert permissions_in(scopes) == may == key(*scopes).permissions


def test_every_operation_is_reached_by_a_scope_or_is_for_people() -> None:
    told = [operation_of(route.handler) for module in http_api.MODULES for route in module.routes]
    wanted = {one.permission for one in told if one is not None and one.permission is not None}
    reached = permissions_in(SCOPES)
    assert wanted - reached == PEOPLE_ONLY
