"""Contacts, incidents, people, labels, timelines, events: what may be kept, and how it changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crm_core.domain import contacts, people
from crm_core.domain.calls import Call, Candidate, Match
from crm_core.domain.cards import Card, CardAccount, CardContact
from crm_core.domain.contacts import Contact
from crm_core.domain.errors import (
    AlreadyExistsError,
    CrmError,
    DatabaseAwayError,
    InvalidError,
    NotFoundError,
    SchemaError,
    VersionConflictError,
)
from crm_core.domain.events import ContactCreated, StoredEvent, WorkSaved, stored
from crm_core.domain.ids import new_id
from crm_core.domain.incidents import Incident, number_of, sequence_of
from crm_core.domain.labels import chosen, labelled, told_again
from crm_core.domain.people import User
from crm_core.domain.priority import queue_priority
from crm_core.domain.timeline import timeline_of
from crm_core.domain.tokens import hash_of, token_of
from crm_core.domain.words import LAST, folded

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
ANA = Contact(id="ana", given="Ana", family="Ruiz Peña", created_at=NOW, updated_at=NOW)
LEAK = Incident(id="i", number="INC-10001", subject="Leak", opened_at=NOW, updated_at=NOW)
LUIS = User(id="u", name="luis", full_name="Luis", role="agent", agent="101", seat="main:PJSIP/agent101")


def a_call(second: int = 0, **more: Any) -> Call:
    return Call(
        id=f"c{second}", pbx="main", linkedid="1.0", started_at=NOW + timedelta(seconds=second), **more
    )


# --- contacts


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ({"given": "Ana", "family": "Ruiz"}, "Ana Ruiz"),
        ({"given": "Ana"}, "Ana"),
        ({"family": "Ruiz", "company": "Acme"}, "Ruiz"),
        ({"company": "Acme"}, "Acme"),
        ({}, ""),
    ],
)
def test_a_contact_s_name(names: dict[str, str], name: str) -> None:
    assert Contact(id="x", created_at=NOW, updated_at=NOW, **names).name == name


def test_a_contact_changes_by_versions() -> None:
    after = contacts.changed(ANA, {"family": "Gil", "vip": True, "note": None}, LATER)

    assert (after.name, after.vip, after.version, after.updated_at) == ("Ana Gil", True, 2, LATER)
    assert contacts.checked(after) is after


@pytest.mark.parametrize("field", ["id", "version", "updated_at", "created_at", "account_id"])
def test_some_of_a_contact_does_not_change_so(field: str) -> None:
    with pytest.raises(InvalidError, match="cannot be changed"):
        contacts.changed(ANA, {field: "x"}, LATER)


@pytest.mark.parametrize("field", ["given", "family", "vip"])
def test_some_of_a_contact_is_always_there(field: str) -> None:
    with pytest.raises(InvalidError, match="cannot be null"):
        contacts.changed(ANA, {field: None}, LATER)


def test_a_contact_without_any_name_cannot_be() -> None:
    with pytest.raises(InvalidError):
        contacts.checked(replace(ANA, given=" ", family=""))


# --- incidents


@pytest.mark.parametrize(
    ("text", "sequence"),
    [
        ("INC-10001", 1),
        ("inc-20418", 10418),
        ("INC 20418", 10418),
        (" 20418 ", 10418),
        ("10000", None),
        ("1", None),
        ("INC-", None),
        ("", None),
        ("INC-x", None),
        ("٢٠٤١٨", None),
        ("99999999999", None),
    ],
)
def test_an_incident_s_number_is_read(text: str, sequence: int | None) -> None:
    assert sequence_of(text) == sequence


@given(st.integers(min_value=1, max_value=900_000_000))
def test_what_an_incident_is_called_is_read_again(sequence: int) -> None:
    assert sequence_of(number_of(sequence)) == sequence


# --- people


def test_a_user_that_can_be() -> None:
    assert people.checked(LUIS) is LUIS
    assert people.checked(replace(LUIS, agent=None, seat=None, name="luis.gil+x@example.org"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\n"}, "name"),
        ({"role": "boss"}, "role"),
        ({"agent": "1 1"}, "agent"),
        ({"agent": ""}, "agent"),
        ({"seat": "PJSIP/agent101"}, "seat"),
        ({"seat": "main:PJSIP/a b"}, "seat"),
        ({"seat": "main:PJSIP/a\r\nAction: x"}, "seat"),
        ({"agent": None}, "agent"),
    ],
)
def test_a_user_that_cannot_be(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as told:
        people.checked(replace(LUIS, **change))
    assert told.value.field == field


def test_a_token_is_random_and_only_its_hash_is_kept() -> None:
    token = token_of(bytes(range(32)))

    assert token == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"  # base64url of 0…31 (RFC 4648 §5)
    # printf abc | sha256sum
    assert hash_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(hash_of("\udc80")) == 64
    with pytest.raises(ValueError, match="32 random bytes"):
        token_of(bytes(31))


# --- labels


def test_a_label_learnt_says_when() -> None:
    match = Match(kind="exact")

    call = labelled(a_call(), contact_id="ana", match=match, at=LATER)

    assert (call.contact_id, call.match) == ("ana", Match(kind="exact", relabelled_at=LATER))


def test_who_is_chosen_comes_first_and_once() -> None:
    ana, bea = (
        Candidate(contact_id=one, account_id=None, kind="exact", why="exact") for one in ("ana", "bea")
    )

    match = chosen(Match(kind="exact", candidates=(ana, bea)), contact_id="bea", account_id="acme")

    first = Candidate(contact_id="bea", account_id="acme", kind="chosen", why="chosen")
    assert match == Match(kind="chosen", candidates=(first, ana))


@pytest.mark.parametrize(
    ("before", "told", "kept"),
    [
        pytest.param(("ana", "exact", LATER), (None, "none"), "ana", id="learnt since"),
        pytest.param(("ana", "exact", LATER), ("bea", "exact"), "bea", id="learnt since, told otherwise"),
        pytest.param(("ana", "chosen", LATER), ("bea", "exact"), "ana", id="chosen by a person"),
        pytest.param(("ana", "exact", None), (None, "none"), None, id="never learnt"),
    ],
)
def test_a_call_told_again(
    before: tuple[str, Any, datetime | None], told: tuple[str | None, Any], kept: str | None
) -> None:
    contact, kind, learnt_at = before
    kept_call = a_call(contact_id=contact, match=Match(kind=kind, relabelled_at=learnt_at))
    newer = a_call(version=2, contact_id=told[0], match=Match(kind=told[1]))

    assert told_again(newer, kept_call).contact_id == kept
    assert told_again(newer, kept_call).version == 2


# --- timelines


def test_a_timeline_is_merged_newest_first_and_cut() -> None:
    items = timeline_of(
        calls=[a_call(40), a_call(10)],
        possible=[a_call(30)],
        incidents=[replace(LEAK, opened_at=NOW + timedelta(seconds=20))],
        interactions=[],
        limit=3,
    )

    assert [(one.kind, (one.at - NOW).seconds) for one in items] == [
        ("call", 40),
        ("possible_call", 30),
        ("incident", 20),
    ]
    assert timeline_of(calls=[], possible=[], incidents=[], interactions=[], limit=3) == []


# --- events, ids, words, cards, errors, priorities


@pytest.mark.parametrize(
    ("is_vip", "open_incidents", "priority"), [(True, 0, 10), (True, 3, 10), (False, 1, 5), (False, 0, None)]
)
def test_who_is_served_first(*, is_vip: bool, open_incidents: int, priority: int | None) -> None:
    assert queue_priority(is_vip=is_vip, open_incidents=open_incidents) == priority


def test_an_event_is_stored_with_its_tag_and_its_call() -> None:
    event = WorkSaved(at=NOW, by="101", call="c1", agent="101")

    assert stored(event) == StoredEvent(
        type="call.work_saved", at=NOW, call_id="c1", payload=msgspec.json.encode(event)
    )
    assert stored(ContactCreated(at=NOW, contact_id="ana")).call_id is None


def test_an_id_is_a_uuid_of_its_millisecond() -> None:
    one = UUID(new_id(NOW, bytes(10)))

    assert (one.version, one.variant) == (7, "specified in RFC 4122")
    assert one.int >> 80 == 1795536000000  # date -u -d 2026-11-24T16:00Z +%s000
    assert new_id(NOW, b"\xff" * 10) != str(one)
    assert new_id(NOW, b"\xff" * 10) < new_id(LATER, bytes(10))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Íñigo  RUIZ", "inigo ruiz"),
        ("Straße", "strasse"),
        (" Ça va ", "ca va"),
        ("ﬁn", "fin"),
        ("", ""),
        ("İstanbul", "istanbul"),
    ],
)
def test_words_are_folded(text: str, plain: str) -> None:
    assert folded(text) == plain


@given(st.text())
def test_folding_is_done_once_and_stays_below_the_last_sign(text: str) -> None:
    plain = folded(text)

    assert all(sign <= LAST for sign in plain)
    assert plain == " ".join(plain.split())


def test_a_card_s_title() -> None:
    contact, account = CardContact(id="ana", name="Ana"), CardAccount(id="acme", name="Acme")

    assert Card(contact=contact, account=account).title == "Acme"
    assert Card(contact=contact).title == "Ana"
    assert Card().title is None


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (NotFoundError("contact", "x"), "not_found", "there is no contact x"),
        (AlreadyExistsError("user", "ana"), "already_exists", "there is a user ana already"),
        (InvalidError("name", "too long"), "invalid", "name: too long"),
        (VersionConflictError(ANA), "version_conflict", "somebody changed this record meanwhile"),
        (DatabaseAwayError("locked"), "database_away", "the database is away: locked"),
        (SchemaError("run it"), "schema", "run it"),
    ],
)
def test_errors_say_what_is_wrong(error: CrmError, code: str, said: str) -> None:
    assert (error.code, str(error)) == (code, said)
