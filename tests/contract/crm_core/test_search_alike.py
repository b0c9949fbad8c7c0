"""Both makes of database answer a question alike: the same records, in the same order, slips included."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from contract.crm_core.kit import REGION, House, a_contact

from crm_core.domain.found import KINDS
from crm_core.services import search

GIVEN = ("María", "José", "Íñigo", "Begoña", "Núria", "Ana", "Jordi", "Xabier")
FAMILY = ("García", "González", "Gonzales", "Fernández", "Hernández", "Muñoz", "Munoz", "Pérez", "Peres")
FIRMS = ("Hostelería Guadalquivir", "Talleres Muñoz", "Pérez & Hijos")
LETTERS = "abcdefghijklmnñopqrstuvwxyz"


async def fill(house: House) -> None:
    """Sixty people, some of them of a company, each by chance that is the same on both."""
    chance = random.Random(5)
    for n in range(60):
        one = a_contact(
            f"c{n:02}",
            chance.choice(GIVEN),
            f"{chance.choice(FAMILY)} {chance.choice(FAMILY)}",
            company=chance.choice(FIRMS) if n % 4 == 0 else None,
            numbers=[f"+34 957 2{chance.randrange(10**5):05}"],
            emails=[f"c{n}@example.org"] if n % 3 == 0 else [],
        )
        await house.add(one)


def questions() -> Iterator[str]:
    """Words as they are, begun, misspelt in each way there is, in pairs; numbers and their ends; nonsense."""
    chance = random.Random(7)
    words = [*GIVEN, *FAMILY, "Guadalquivir", "Talleres"]
    for word in words:
        at = chance.randrange(1, len(word) - 1)
        yield from (word, word[:3], word.upper())
        yield word[:at] + chance.choice(LETTERS) + word[at + 1 :]
        yield word[:at] + word[at + 1 :]
        yield word[:at] + chance.choice(LETTERS) + word[at:]
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        yield f"{word} {chance.choice(words)[:4]}"
        yield f"{chance.choice(words)} {word[:at]}{word[at + 1 :]}"
    yield from (
        "957",
        "95721",
        "+34 957",
        "00",
        "example",
        "c9@example",
        "zzz",
        "'",
        "maria | jose",
        "a & !b",
        ":*",
    )
    for _ in range(20):
        yield f"{chance.randrange(10**4):04}"


@pytest.mark.postgresql
async def test_both_answer_alike(on_sqlite: House, on_postgresql: House) -> None:
    for house in (on_sqlite, on_postgresql):
        await fill(house)
    asked = list(questions())
    found = 0
    for q in asked:
        told = []
        for house in (on_sqlite, on_postgresql):
            groups = await house.db.read(search.everywhere, q=q, kinds=KINDS, limit=9, region=REGION)
            told.append(
                [(group.kind, getattr(one, "name", one.id)) for group in groups for one in group.items]
            )
        assert told[0] == told[1], q
        found += bool(told[0])
    assert found > len(asked) * 2 // 3
