"""What is left of numbers, addresses and papers that are not shown."""

from __future__ import annotations

import pytest

from crm_core.domain.masking import (
    MaskRule,
    is_written_number,
    masked_document,
    masked_email,
    masked_number,
    restored_text,
    without_emails,
    without_numbers,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+34600123678", "••• ••• 678"),
        ("600 12 36 78", "••• ••• 678"),
        ("0034 600-123-678", "••• ••• 678"),
        ("957 (ext) 12", "957 (ext) 12"),
        ("112", "112"),
        ("60012", "60012"),
        ("600123", "••• ••• 123"),
        ("", ""),
        ("••• ••• 678", "••• ••• 678"),
    ],
)
def test_a_number(text: str, shown: str) -> None:
    assert masked_number(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("marta@empresa.es", "m•••@empresa.es"),
        ("ñ@empresa.es", "ñ•••@empresa.es"),
        ("a@b@empresa.es", "a•••@empresa.es"),
        ("@empresa.es", "•••@empresa.es"),
        ("marta", "•••"),
        ("", ""),
        ("m•••@empresa.es", "m•••@empresa.es"),
    ],
)
def test_an_address(text: str, shown: str) -> None:
    assert masked_email(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("B-83.491.774", "•••74"),
        ("12345678Z", "•••8Z"),
        ("123456", "•••56"),
        ("12345", "•••"),
        ("", ""),
        ("•••74", "•••74"),
    ],
)
def test_a_paper(text: str, shown: str) -> None:
    assert masked_document(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("llama al 600 12 36 78 hoy", "llama al ••• ••• 678 hoy"),
        ("(957) 212-000.", "••• ••• 000."),
        ("tel:+34600123678", "tel:••• ••• 678"),
        ("call x+34600123678", "call x••• ••• 678"),
        ("ana+1234567@empresa.es", "ana+1234567@empresa.es"),
        ("+34 600 12 36 78/+33142685300", "••• ••• 678/••• ••• 300"),
        ("0034600123678, mejor", "••• ••• 678, mejor"),
        ("INC-2026-000123", "INC-2026-000123"),
        ("2026-11-24 16:00", "2026-11-24 16:00"),
        ("2026-11-24T16:00:00.123456Z", "2026-11-24T16:00:00.123456Z"),
        ("0190a3b4-0000-7000-8000-000000000000", "0190a3b4-0000-7000-8000-000000000000"),
        ("00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000000"),
        ("1.234.567 €", "1.234.567 €"),
        ("14002 Córdoba", "14002 Córdoba"),
        ("/calls?number=%2B34600123678&who=x", "/calls?number=••• ••• 678&who=x"),
    ],
)
def test_numbers_in_a_text(text: str, shown: str) -> None:
    assert without_numbers(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("escribe a marta.gil@empresa.es.", "escribe a m•••@empresa.es."),
        ("<a@b.es>,c@d.com", "<a•••@b.es>,c•••@d.com"),
        ("a las 3 @ casa", "a las 3 @ casa"),
        ("/contacts?q=marta%40empresa.es", "/contacts?q=m•••%40empresa.es"),
        ("m•••@empresa.es", "m•••@empresa.es"),
        ("PJSIP/101@from-internal", "PJSIP/101@from-internal"),
    ],
)
def test_addresses_in_a_text(text: str, shown: str) -> None:
    assert without_emails(text) == shown


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("600 123", True), ("+34600", True), ("INC-1", False), ("2026-11-24", False), ("", False), ("—", False)],
)
def test_what_can_be_a_number(text: str, *, is_one: bool) -> None:
    assert is_written_number(text) is is_one


def test_a_rule_of_its_own_hides_nothing() -> None:
    assert MaskRule(role="agent").hides_nothing
    assert not MaskRule(role="agent", emails="masked").hides_nothing


@pytest.mark.parametrize(
    ("known", "sent", "kept"),
    [
        ("al 611234678", "al ••• ••• 678, tarde", "al 611234678, tarde"),
        ("611234678 o 622345678", "••• ••• 678 o ••• ••• 678", "611234678 o 622345678"),
        ("a m@e.es y 611234678", "y ••• ••• 678 a m•••@e.es", "y 611234678 a m@e.es"),
        ("al 611234678", "a nadie", "a nadie"),
        ("a nadie", "al ••• ••• 678", "al ••• ••• 678"),
        ("el 2026-11-24 10:00", "el 2026-11-24 10:00", "el 2026-11-24 10:00"),
    ],
)
def test_what_is_written_over_what_is_shown(known: str, sent: str, kept: str) -> None:
    assert restored_text(sent, known) == kept
