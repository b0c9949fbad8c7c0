"""Codes of authenticators by RFC 6238 Appendix B, and recovery codes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm_core.domain.second_factor import otpauth_of, recovery_codes, recovery_hash, secret_of, step_of

SECRET = secret_of(b"12345678901234567890")


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_a_code_is_that_of_its_step(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert step_of(SECRET, code, now=now) == seconds // 30
    assert step_of(SECRET, f"{code[:3]} {code[3:]}", now=now) == seconds // 30


@pytest.mark.parametrize(("away", "fits"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_away(away: int, fits: bool) -> None:
    now = datetime.fromtimestamp(1111111111 + away, UTC)
    assert step_of(SECRET, "050471", now=now) == (37037037 if fits else None)


@pytest.mark.parametrize(
    "code", ["", "287083", "28708", "2870820", "abcdef", "28708\N{ARABIC-INDIC DIGIT TWO}"]
)
def test_what_is_no_code_fits_no_step(code: str) -> None:
    assert step_of(SECRET, code, now=datetime.fromtimestamp(59, UTC)) is None


def test_an_authenticator_reads_whose_secret_it_is() -> None:
    assert otpauth_of(SECRET, name="ana@x") == (
        f"otpauth://totp/Centralita:ana%40x?secret={SECRET}&issuer=Centralita"
    )


def test_a_recovery_code_is_read_as_people_write_it() -> None:
    (code,) = recovery_codes([bytes(range(10))])
    assert code == "aaaq-eaye-auda-ocaj"
    assert recovery_hash(f" {code.upper().replace('-', ' ')} ") == recovery_hash(code)
    assert recovery_hash(code) != recovery_hash(code[:-1] + "z")
