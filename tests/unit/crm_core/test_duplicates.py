"""How alike two records are, and what is made of them."""

from __future__ import annotations

from typing import Any

import pytest
from contract.crm_core.kit import NOW, a_contact

from crm_core.domain.accounts import Relation, WholeAccount
from crm_core.domain.contacts import Contact, Phone
from crm_core.domain.duplicates import Known, Reason, Why, are_alike, likeness, paired
from crm_core.domain.errors import InvalidError
from crm_core.domain.merging import (
    ACCOUNT_FIELDS,
    CONTACT_FIELDS,
    differing,
    merged_account,
    merged_contact,
)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        # trigrams of ana: "  a" " an" "ana" "na "; of anna: "  a" " an" "ann" "nna" "na "
        ("Ana", "Anna", 3 / 6),
        ("Ana Ruiz", "RUIZ, ana".replace(",", ""), 1.0),
        ("María", "maria", 1.0),
        ("Ana", "Pau", 0.0),
        ("", "", 0.0),
    ],
)
def test_how_alike_names_are(one: str, other: str, alike: float) -> None:
    assert likeness(one, other) == pytest.approx(alike)


@pytest.mark.parametrize(
    ("one", "other", "may_be"),
    [
        ("Ana Ruiz", "Anna Ruiz", True),
        ("María del Carmen Fernández", "Maria Carmen Fernandez", True),
        ("Ana Ruiz", "Ana Gil", False),
        ("José Ruiz", "Josefa Ruiz", True),
    ],
)
def test_who_may_be_one(one: str, other: str, may_be: bool) -> None:
    assert are_alike(one, other) is may_be


@pytest.mark.parametrize(
    ("names", "reasons", "score"),
    [
        (("Ana Ruiz", "Ana Ruiz"), ["number"], 0.6),
        (("Ana Ruiz", "Pau Costa"), ["number"], 0.3),  # a couple's telephone
        (("Ana Ruiz", "Ana Ruiz"), ["number", "email"], 0.92),  # 1 - 0.4 * 0.2
        (("Sur", "Sur"), ["tax_id"], 0.95),
    ],
)
def test_what_speaks_for_it_adds_up(names: tuple[str, str], reasons: list[Reason], score: float) -> None:
    older, newer = (Known(id=str(n), name=name) for n, name in enumerate(names))
    pair = paired("contact", newer, older, [Why(reason=reason, shared="x") for reason in reasons])
    assert (pair.first, pair.second, pair.score) == (older, newer, score)


def person(key: str, **facts: Any) -> Contact:
    phones = tuple(Phone(id=f"{key}{n}", **one) for n, one in enumerate(facts.pop("phones", ())))
    return Contact(id=key, created_at=NOW, updated_at=NOW, phones=phones, **facts)


@pytest.mark.parametrize(
    ("stays", "goes", "choices", "after"),
    [
        pytest.param({"title": "A"}, {"title": "B"}, {}, {"title": "A"}, id="his own stays"),
        pytest.param({}, {"title": "B"}, {}, {"title": "B"}, id="what he has not is taken"),
        pytest.param({"title": "A"}, {"title": "B"}, {"title": "goes"}, {"title": "B"}, id="chosen"),
        pytest.param({"title": "A"}, {}, {"title": "goes"}, {"title": None}, id="chosen away"),
        pytest.param(
            {"given": "Ana", "family": "Ruiz Soto"},
            {"given": "Ana", "family": "Ruiz", "second_family": "Soto"},
            {},
            {"family": "Ruiz Soto", "second_family": ""},
            id="a name is chosen whole",
        ),
        pytest.param(
            {"given": "A"},
            {"account_id": "x", "company": "X"},
            {},
            {"account_id": "x", "company": "X"},
            id="a company is chosen whole",
        ),
        pytest.param({"vip": False}, {"vip": True}, {}, {"vip": True}, id="either is a VIP"),
        pytest.param({"vip": False}, {"vip": True}, {"vip": "stays"}, {"vip": False}, id="said to be none"),
        pytest.param({"note": "A"}, {"note": "B"}, {}, {"note": "A\n\nB"}, id="both notes"),
        pytest.param({"note": "A"}, {"note": "B"}, {"note": "goes"}, {"note": "B"}, id="one note"),
        pytest.param(
            {"tags": ("Gold",)}, {"tags": ("gold", "new")}, {}, {"tags": ("Gold", "new")}, id="tags"
        ),
        pytest.param(
            {"fields": {"a": 1, "b": 2}},
            {"fields": {"b": 3, "c": 4}},
            {"fields.b": "goes"},
            {"fields": {"a": 1, "b": 3, "c": 4}},
            id="fields of the site's own",
        ),
    ],
)
def test_what_is_made_of_two(
    stays: dict[str, Any], goes: dict[str, Any], choices: dict[str, Any], after: dict[str, Any]
) -> None:
    one = merged_contact(person("a", **stays), person("b", **goes), choices, now=NOW)
    assert {name: getattr(one, name) for name in after} == after


def test_a_number_of_both_is_kept_once_and_the_stricter() -> None:
    number = {"raw": "957212000", "e164": "+34957212000"}
    stays = person("a", phones=[{**number, "is_primary": True}])
    goes = person("b", phones=[{**number, "do_not_call": True}, {"raw": "x", "is_primary": True}], version=7)
    one = merged_contact(stays, goes, {}, now=NOW)
    assert [(each.id, each.is_primary, each.do_not_call) for each in one.phones] == [
        ("a0", True, True),
        ("b1", False, False),
    ]
    assert one.version == 8


def test_a_company_has_nothing_to_do_with_itself() -> None:
    stays = WholeAccount(id="a", name="A", parent_id="b", relations=(Relation(kind="payer", account_id="b"),))
    goes = WholeAccount(id="b", name="B", parent_id="c", relations=(Relation(kind="payer", account_id="a"),))
    one = merged_account(stays, goes, {})
    assert (one.parent_id, one.relations) == ("c", ())
    assert merged_account(goes, stays, {}).parent_id == "c"


def test_what_there_is_to_choose() -> None:
    stays, goes = a_contact("a", "Ana", title="A"), a_contact("b", "Eva", title="B", role="x")
    assert differing(stays, goes, CONTACT_FIELDS) == ("name", "title")
    one, other = WholeAccount(id="a", name="A"), WholeAccount(id="b", name="B")
    assert differing(one, other, ACCOUNT_FIELDS) == ("name",)
    with pytest.raises(InvalidError, match=r"choices\.shoes"):
        merged_account(one, other, {"shoes": "goes"})
