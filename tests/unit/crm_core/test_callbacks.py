"""Which numbers are rung back, and how they are read out."""

from __future__ import annotations

import pytest

from crm_core.domain.callbacks import caller_number, spoken_digits, typed_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("957212000", "+34957212000"),
        ("612345678", "+34612345678"),
        ("0034957212000", "+34957212000"),
        ("34957212000", "+34957212000"),
        pytest.param("", None, id="nothing"),
        pytest.param("112", None, id="emergency"),
        pytest.param("101", None, id="an extension"),
        pytest.param("12345", None, id="no number"),
        pytest.param("957212", None, id="too short"),
        pytest.param("806000000", None, id="premium rate"),
        pytest.param("803123456", None, id="premium rate, adults"),
        pytest.param("901100100", None, id="shared cost"),
        pytest.param("00231770123456", None, id="Liberia"),
        pytest.param("0018765551234", None, id="Jamaica"),
        pytest.param("005355512345678", None, id="Cuba"),
        pytest.param("957212000*", None, id="a star in it"),
        pytest.param("*72957212000", None, id="a service code"),
        pytest.param("9" * 15, None, id="as long as may be"),
        pytest.param("९५७२१२०००", None, id="digits of another script"),
    ],
)
def test_a_typed_number_is_one_of_the_country_or_none(typed: str, number: str | None) -> None:
    assert typed_number(typed, region="ES") == number


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("957212000", "+34957212000"),
        pytest.param("+33142685300", "+33142685300", id="somebody from abroad"),
        pytest.param("anonymous", None, id="withheld"),
        pytest.param("101", None, id="a colleague"),
        pytest.param("+34806000000", None, id="premium rate as caller"),
    ],
)
def test_a_caller_is_rung_where_he_calls_from(raw: str, number: str | None) -> None:
    assert caller_number(raw, region="ES") == number


@pytest.mark.parametrize(
    ("e164", "region", "digits"),
    [
        ("+34957212000", "ES", "957212000"),
        ("+33142685300", "ES", "33142685300"),
        ("+33142685300", "FR", "0142685300"),
    ],
)
def test_a_number_is_read_out_as_it_is_dialled_at_home(e164: str, region: str, digits: str) -> None:
    assert spoken_digits(e164, region=region) == digits
