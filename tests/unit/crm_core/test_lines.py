"""Which brand a call is for, how one greets, and the address of another CRM's page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm_core.domain.calls import Call, Direction, Visit
from crm_core.domain.lines import Brand, Line, brand_of, crm_address, origin_of

AT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
HOTEL = Line(
    pbx="main", kind="did", code="5551001", name="Hotel", colour="blue", crm_url="https://a", crm_mode="frame"
)
SALES = Line(
    pbx="main",
    kind="queue",
    code="sales",
    name="Ventas",
    colour="green",
    greeting_es="Ventas, dígame",
    caller_id="957000300",
    crm_url="https://b",
)
ELSEWHERE = Line(pbx="far", kind="did", code="5551001", name="Far away")
LINES = {line.key: line for line in (HOTEL, SALES, ELSEWHERE)}


def a_call(
    did: str | None = "5551001", *queues: str, pbx: str = "main", direction: Direction = "inbound"
) -> Call:
    visits = [Visit(queue=queue, entered_at=AT) for queue in queues]
    return Call(id="c", pbx=pbx, linkedid="1.0", started_at=AT, did=did, direction=direction, visits=visits)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        pytest.param(a_call(), ("Hotel", "blue", None, "https://a", "frame"), id="the number says it"),
        pytest.param(
            a_call("5551001", "sales"),
            ("Hotel", "blue", "957000300", "https://a", "frame"),
            id="what the number does not say the queue does",
        ),
        pytest.param(
            a_call("5550000", "other", "sales"),
            ("Ventas", "green", "957000300", "https://b", "tab"),
            id="a number without a name, in its last queue",
        ),
        pytest.param(a_call(pbx="far"), ("Far away", None, None, None, "tab"), id="another exchange"),
        pytest.param(
            a_call(direction="outbound"), (None, None, None, None, "tab"), id="a customer's number is no line"
        ),
        pytest.param(a_call(None), (None, None, None, None, "tab"), id="nobody knows what was dialled"),
    ],
)
def test_what_a_call_is_for(call: Call, told: tuple[Any, ...]) -> None:
    brand = brand_of(call, LINES)
    assert (brand.name, brand.colour, brand.caller_id, brand.crm_url, brand.crm_mode) == told


def test_a_queue_has_its_name_beside_the_number_s() -> None:
    brand = brand_of(a_call("5551001", "sales"), LINES)
    assert (brand.number, brand.queue) == ("Hotel", "Ventas")


@pytest.mark.parametrize(
    ("languages", "greeting"),
    [
        pytest.param(("en-GB", "es"), "Good morning", id="the customer's"),
        pytest.param((None, "es"), "Buenos días", id="the agent's when nobody knows the customer's"),
        pytest.param(("fr", "en"), "Good morning", id="the agent's when there is none in the customer's"),
        pytest.param(("fr", "de"), "Buenos días", id="any rather than none"),
    ],
)
def test_how_one_greets(languages: tuple[str | None, ...], greeting: str) -> None:
    brand = Brand(greetings=(("es", "Buenos días"), ("en", "Good morning")))
    assert brand.greeting(*languages) == greeting
    assert Brand().greeting(*languages) is None


@pytest.mark.parametrize(
    ("template", "address"),
    [
        pytest.param(
            "https://a/{number}", "https://a/%2B34957212000", id="a plus stays a plus (RFC 3986, 2.1)"
        ),
        pytest.param(
            "https://a/?q={queue}", "https://a/?q=Fr%C3%ADo%20%26%20calor%23", id="signs of an address"
        ),
        pytest.param(
            "https://a/{did}/{did}", "https://a/%2F..%2F/%2F..%2F", id="twice, and no way out of its place"
        ),
        pytest.param("https://a/?c={contact_id}", "https://a/?c=", id="nobody knows"),
        pytest.param("https://a/", "https://a/", id="none"),
        pytest.param("https://a/{call_id}", "https://a/%7Bnumber%7D", id="a value is no placeholder"),
    ],
)
def test_an_address_has_the_values_of_the_call(template: str, address: str) -> None:
    facts = {
        "number": "+34957212000",
        "contact_id": None,
        "queue": "Frío & calor#",
        "did": "/../",
        "call_id": "{number}",
    }
    assert crm_address(template, facts) == address


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://CRM.example.com/x?y", "https://crm.example.com"),
        ("http://10.0.0.1:8080/", "http://10.0.0.1:8080"),
        ("https://[::1", None),
    ],
)
def test_an_origin_is_as_a_policy_names_it(address: str, origin: str | None) -> None:
    assert origin_of(address) == origin
