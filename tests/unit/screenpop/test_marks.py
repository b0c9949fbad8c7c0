"""What is marked in what was found."""

from __future__ import annotations

import pytest

from screenpop.pages.marks import marked, marked_number


@pytest.mark.parametrize(
    ("text", "asked", "shown"),
    [
        pytest.param("Guadalquivir, S.L.", ["guadal"], "<mark>Guadal</mark>quivir, S.L.", id="a beginning"),
        pytest.param("Íñigo Núñez", ["nunez", "i"], "<mark>Í</mark>ñigo <mark>Núñez</mark>", id="accents"),
        pytest.param("Ana <b>", ["ana"], "<mark>Ana</mark> &lt;b&gt;", id="escaped"),
        pytest.param("Banana", ["ana"], "Banana", id="not within a word"),
        pytest.param("Mar Marina", ["mar", "marina"], "<mark>Mar</mark> <mark>Marina</mark>", id="longest"),
        pytest.param("Straße", ["strasse"], "Straße", id="folded into more signs"),
        pytest.param("Ana", [], "Ana", id="nothing asked"),
    ],
)
def test_beginnings_are_marked(text: str, asked: list[str], shown: str) -> None:
    assert marked(text, asked) == shown


@pytest.mark.parametrize(
    ("written", "asked", "shown"),
    [
        pytest.param("957 21 20 00", ["957"], "<mark>957</mark> 21 20 00", id="its begin"),
        pytest.param("957 21 20 00", ["2000"], "957 21 <mark>20 00</mark>", id="its end, with the blank"),
        pytest.param("957 21 20 00", ["957212000"], "<mark>957 21 20 00</mark>", id="all of it"),
        pytest.param("957 21 20 00", ["21"], "957 21 20 00", id="within"),
        pytest.param("INC-20418", ["inc20418", "20418"], "INC-<mark>20418</mark>", id="an incident"),
        pytest.param("<x>", ["957"], "&lt;x&gt;", id="escaped"),
    ],
)
def test_digits_are_marked(written: str, asked: list[str], shown: str) -> None:
    assert marked_number(written, asked) == shown
