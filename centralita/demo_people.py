"""Made-up Spanish and English customers for the demo: always the same ones for the same seed.

British numbers are Ofcom's drama numbers (020 7946 0000-0999); Spanish ones count up in one block.
Source: https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

DRAMA_NUMBERS = 1_000
IN_A_COMPANY, VIP, WITH_INCIDENT, WITH_NOTE, MOBILE = 0.7, 0.12, 0.2, 0.4, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A made-up customer; ``number`` is E.164, ``incident`` the subject of an open one."""

    given: str
    family: str
    company: str | None
    number: str
    language: str
    vip: bool
    incident: str | None
    note: str | None


def people(count: int, *, seed: int) -> Iterator[Person]:
    """Yield *count* customers, three quarters Spanish, the others British.

    Raises:
        ValueError: if *count* asks for more British numbers than there are drama numbers.
    """
    if count > 4 * DRAMA_NUMBERS:
        raise ValueError(f"at most {4 * DRAMA_NUMBERS} people")
    words = tomllib.loads(files(__package__).joinpath("demo_people.toml").read_text(encoding="utf-8"))
    chance = random.Random(seed)  # noqa: S311 - made-up people need no secrecy
    for index in range(count):
        language = "es" if index % 4 else "en"
        yield _person(chance, words[language], language=language, number=_number(chance, index, language))


def _number(chance: random.Random, index: int, language: str) -> str:
    if language == "en":
        return f"+442079460{index // 4:03d}"
    return f"+346120{index:05d}" if chance.random() < MOBILE else f"+349572{index:05d}"


def _person(chance: random.Random, words: dict[str, list[str]], *, language: str, number: str) -> Person:
    def maybe(share: float, text: str) -> str | None:
        return text if chance.random() < share else None

    def one(kind: str) -> str:
        return chance.choice(words[kind])

    family = f"{one('family')} {one('family')}" if language == "es" else one("family")
    company = f"{one('trade')} {one('place')}, S.L." if language == "es" else f"{family} {one('trade')} Ltd"
    return Person(
        given=one("given"),
        family=family,
        company=maybe(IN_A_COMPANY, company),
        number=number,
        language=language,
        vip=chance.random() < VIP,
        incident=maybe(WITH_INCIDENT, one("subject")),
        note=maybe(WITH_NOTE, one("note")),
    )
