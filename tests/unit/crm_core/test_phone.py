"""How numbers are read, and dialled: one row a spelling, with where it comes from.

Expected numbers are read off the numbering plans (ITU-T's national plans, as in libphonenumber's metadata)
and off what was measured with ``phonenumbers`` alone; British numbers are Ofcom's drama numbers.
"""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from crm_core.domain.phone import (
    DialRoute,
    ReadNumber,
    TrunkRules,
    dialable,
    digits_of,
    equated,
    national_digits,
    number_of,
    read_number,
    tail_of,
)

# text | region | E.164 (with the extension behind a #) | rule
NUMBERS = """
612 345 678                        | ES | +34612345678       | as written
957 21 20 00                       | ES | +34957212000       | as written
957.21.20.00                       | ES | +34957212000       | as written
957-21-20-00                       | ES | +34957212000       | as written
6 1 2 3 4 5 6 7 8                  | ES | +34612345678       | as written
+34957212000                       | ES | +34957212000       | as written
+34 957 21 20 00                   | GB | +34957212000       | as written
(+34) 91-123-45-67                 | ES | +34911234567       | as written
34612345678                        | ES | +34612345678       | as written
34 957 21 20 00                    | ES | +34957212000       | as written
0034 612 34 56 78                  | ES | +34612345678       | as written
0034957212000                      | GB | +34957212000       | as written
+34 (0) 91 123 45 67               | ES | +34911234567       | (0) is not dialled after a country code
+34(0)911234567                    | ES | +34911234567       | (0) is not dialled after a country code
0034 (0) 911234567                 | ES | +34911234567       | (0) is not dialled after a country code
900 123 456                        | ES | +34900123456       | as written
902 123 456                        | ES | +34902123456       | as written
803123456                          | ES | +34803123456       | as written
tel:+34-612-345-678                | ES | +34612345678       | as written
tel:957212000;phone-context=+34    | GB | +34957212000       | as written
tel:612345678;ext=12               | ES | +34612345678#12    | as written
callto:+34612345678                | ES | +34612345678       | as written
TEL: 957 21 20 00                  | ES | +34957212000       | as written
Tlf. 957 21 20 00                  | ES | +34957212000       | as written
Teléfono: 957212000                | ES | +34957212000       | as written
Móvil 612345678                    | ES | +34612345678       | as written
Fax: 957212001                     | ES | +34957212001       | as written
"Ana García" <612345678>           | ES | +34612345678       | as written
Ana García <+34612345678>          | ES | +34612345678       | as written
<612345678>                        | ES | +34612345678       | as written
957212000#12                       | ES | +34957212000#12    | as written
+34 957 21 20 00 #3                | ES | +34957212000#3     | as written
957212000 ext. 12                  | ES | +34957212000#12    | as written
957212000 x12                      | ES | +34957212000#12    | as written
957212000 extensión 12             | ES | +34957212000#12    | as written
957212000,12                       | ES | +34957212000#12    | as written
957212000;ext=12                   | ES | +34957212000#12    | as written
957 21 20 00 int 5                 | ES | +34957212000#5     | as written
957212000/01                       | ES | +34957212000       | first of several numbers
957212000 / 957212001              | ES | +34957212000       | first of several numbers
Tel 957212000 / 612345678          | ES | +34957212000       | first of several numbers
06131/901820                       | DE | +496131901820      | slash between area and number
６１２３４５６７８                 | ES | +34612345678       | as written
٦١٢٣٤٥٦٧٨                          | ES | +34612345678       | as written
𝟔𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖                          | ES | +34612345678       | as written
\\u200e+34612345678\\u202c         | ES | +34612345678       | as written
612–345–678                        | ES | +34612345678       | as written
612\\u00a0345\\u2009678            | ES | +34612345678       | as written
612\\u2028345\\u1680678            | ES | +34612345678       | as written
\\t612345678\\r\\n                 | ES | +34612345678       | as written
612345678\\x00                     | ES | +34612345678       | as written
06 1234 5678                       | IT | +390612345678      | as written
+39 06 1234 5678                   | ES | +390612345678      | as written
0039 06 1234 5678                  | ES | +390612345678      | as written
+39 (0)6 1234 5678                 | ES | +390612345678      | as written
020 7946 0958                      | GB | +442079460958      | as written
442079460958                       | GB | +442079460958      | as written
+44 20 7946 0958                   | GB | +442079460958      | as written
+44 (0) 20 7946 0958               | ES | +442079460958      | (0) is not dialled after a country code
+44(0)2079460958                   | GB | +442079460958      | (0) is not dialled after a country code
0044 20 7946 0958                  | ES | +442079460958      | as written
+44 (0)20 7946 0958 ext 5          | ES | +442079460958#5    | (0) is not dialled after a country code
+447700900123                      | GB | +447700900123      | of a range not yet known
0800 028 8000                      | GB | +448000288000      | as written
525512345678                       | MX | +525512345678      | as written
55 1234 5678                       | MX | +525512345678      | as written
55 1234 5678 ext. 100              | MX | +525512345678#100  | as written
+5215512345678                     | MX | +525512345678      | Mexico: no 1 before mobiles since 2019
+52 1 55 1234 5678                 | US | +525512345678      | Mexico: no 1 before mobiles since 2019
005215512345678                    | ES | +525512345678      | Mexico: no 1 before mobiles since 2019
5215512345678                      | MX | +525512345678      | Mexico: no 1 before mobiles since 2019
5215512345678                      | ES | +525512345678      | Mexico: no 1 before mobiles since 2019
0445512345678                      | MX | +525512345678      | Mexico: no 01, 044, 045 or 1 since 2019
0455512345678                      | MX | +525512345678      | Mexico: no 01, 044, 045 or 1 since 2019
01 55 1234 5678                    | MX | +525512345678      | Mexico: no 01, 044, 045 or 1 since 2019
15512345678                        | MX | +525512345678      | Mexico: no 01, 044, 045 or 1 since 2019
3101234567                         | CO | +573101234567      | as written
+573101234567                      | CO | +573101234567      | as written
57 310 123 4567                    | CO | +573101234567      | as written
03101234567                        | CO | +573101234567      | Colombia: no 0 or 03 before mobiles since 2021
(601) 234 5678                     | CO | +576012345678      | as written
+57 1 2345678                      | CO | +576012345678      | Colombia: landlines begin with 60 since 2021
(1) 2345678                        | CO | +576012345678      | Colombia: landlines begin with 60 since 2021
11987654321                        | BR | +5511987654321     | as written
(11) 98765-4321                    | BR | +5511987654321     | as written
015 11 98765-4321                  | BR | +5511987654321     | as written
(11) 3456-7890                     | BR | +551134567890      | as written
+55 11 98765-4321                  | ES | +5511987654321     | as written
+551198765432                      | BR | +5511998765432     | Brazil: mobiles begin with 9 since 2016
551198765432                       | ES | +5511998765432     | Brazil: mobiles begin with 9 since 2016
1198765432                         | BR | +5511998765432     | Brazil: mobiles begin with 9 since 2016
01198765432                        | BR | +5511998765432     | Brazil: mobiles begin with 9 since 2016
0151198765432                      | BR | +5511998765432     | Brazil: mobiles begin with 9 since 2016
011 15 2345-6789                   | AR | +5491123456789     | as written
+54 9 11 2345-6789                 | AR | +5491123456789     | as written
+54 11 15 2345-6789                | AR | +5491123456789     | as written
0054 9 11 2345 6789                | ES | +5491123456789     | as written
0341 15 412-3456                   | AR | +5493414123456     | as written
11 2345-6789                       | AR | +541123456789      | as written
0341 4123456                       | AR | +543414123456      | as written
22 345 6789                        | CL | +56223456789       | as written
987654321                          | CL | +56987654321       | as written
56 9 8765 4321                     | CL | +56987654321       | as written
987654321                          | PE | +51987654321       | as written
014440000                          | PE | +5114440000        | as written
0991234567                         | EC | +593991234567      | as written
0414-1234567                       | VE | +584141234567      | as written
094 123 456                        | UY | +59894123456       | as written
0981 123456                        | PY | +595981123456      | as written
2345 6789                          | GT | +50223456789       | as written
809 555 1234                       | DO | +18095551234       | as written
(212) 736-5000                     | US | +12127365000       | as written
12127365000                        | US | +12127365000       | as written
1-800-356-9377                     | US | +18003569377       | as written
011 44 20 7946 0958                | US | +442079460958      | as written
011 34 957 21 20 00                | US | +34957212000       | as written
211234567                          | PT | +351211234567      | as written
01 42 68 53 00                     | FR | +33142685300       | as written
030 901820                         | DE | +4930901820        | as written
0049 (0)30 901820                  | ES | +4930901820        | (0) is not dialled after a country code
0522 22 22 22                      | MA | +212522222222      | as written
+376 800 000                       | ES | +376800000         | as written
+800 1234 5678                     | ES | +80012345678       | as written
+870773111632                      | ES | +870773111632      | as written
"""

# text | region | kind | rule: what never matches a customer
OTHERS = """
anonymous                               | ES | anonymous | hidden or missing
"Anonymous" <anonymous>                 | ES | anonymous | hidden or missing
anonymous@anonymous.invalid             | ES | anonymous | hidden or missing
sip:anonymous@anonymous.invalid         | ES | anonymous | hidden or missing
anonymous <sip:anonymous@10.0.0.5>      | ES | anonymous | hidden or missing
<unknown>                               | ES | anonymous | hidden or missing
Unavailable                             | ES | anonymous | hidden or missing
withheld                                | ES | anonymous | hidden or missing
Restricted                              | ES | anonymous | hidden or missing
PRIVADO                                 | ES | anonymous | hidden or missing
Número oculto                           | ES | anonymous | hidden or missing
Llamada oculta                          | ES | anonymous | hidden or missing
Private Number                          | GB | anonymous | hidden or missing
N/A                                     | GB | anonymous | hidden or missing
asterisk                                | ES | anonymous | hidden or missing
"asterisk" <asterisk>                   | ES | anonymous | hidden or missing
s                                       | ES | anonymous | hidden or missing
0                                       | ES | anonymous | hidden or missing
-1                                      | ES | anonymous | hidden or missing
null                                    | ES | anonymous | hidden or missing
"" <>                                   | ES | anonymous | hidden or missing
\\u200b\\u202e                          | ES | anonymous | hidden or missing
sip:612345678@10.0.0.5                  | ES | uri       | an address, not a number
sips:+34612345678@pbx.example;user=phone | ES | uri      | an address, not a number
ana@example.org                         | ES | uri       | an address, not a number
P:612345678                             | ES | uri       | an address, not a number
101                                     | ES | internal  | extension of 2 to 5 digits
22                                      | ES | internal  | extension of 2 to 5 digits
2001                                    | ES | internal  | extension of 2 to 5 digits
900                                     | ES | internal  | extension of 2 to 5 digits
²34                                     | ES | internal  | extension of 2 to 5 digits
112                                     | ES | emergency | emergency number of the region
112                                     | GB | emergency | emergency number of the region
999                                     | GB | emergency | emergency number of the region
911                                     | US | emergency | emergency number of the region
061                                     | ES | short     | short number of the region
091                                     | ES | short     | short number of the region
016                                     | ES | short     | short number of the region
1004                                    | ES | short     | short number of the region
1234                                    | ES | short     | short number of the region
11888                                   | ES | short     | short number of the region
101                                     | GB | short     | short number of the region
*98                                     | ES | short     | service code
*72612345678                            | ES | short     | service code
#31#612345678                           | ES | short     | service code
7                                       | ES | invalid   | no number of any plan
61234567                                | ES | invalid   | no number of any plan
6123456789012                           | ES | invalid   | no number of any plan
+3461234567                             | ES | invalid   | no number of any plan
+346123456789                           | ES | invalid   | no number of any plan
0612345678                              | ES | invalid   | no number of any plan
00957212000                             | ES | invalid   | no number of any plan
+034612345678                           | ES | invalid   | no number of any plan
++34612345678                           | ES | invalid   | no number of any plan
+34                                     | ES | invalid   | no number of any plan
+34 112                                 | ES | invalid   | no number of any plan
+                                       | ES | invalid   | no number of any plan
000000000                               | ES | invalid   | no number of any plan
1111111111                              | ES | invalid   | no number of any plan
+999123456789                           | ES | invalid   | no number of any plan
12345678901234567890                    | ES | invalid   | no number of any plan
612345678 612345679                     | ES | invalid   | no number of any plan
15 2345-6789                            | AR | invalid   | no number of any plan
612O45678                               | ES | invalid   | no number of any plan
hola                                    | ES | invalid   | no number of any plan
①②③④⑤⑥⑦⑧⑨x                              | ES | invalid   | no number of any plan
612345678'; DROP TABLE phone;--         | ES | invalid   | no number of any plan
<script>alert(1)</script>               | ES | invalid   | no number of any plan
612345678\\nAction: Originate           | ES | invalid   | no number of any plan
+34679082631 (ask for Ana)              | ES | invalid   | no number of any plan
612345678                               | XX | invalid   | no number of any plan
"""


def rows(table: str) -> list[object]:
    found = []
    for line in table.strip().splitlines():
        text, *rest = (cell.strip() for cell in line.rsplit("|", 3))
        text = text.encode("latin-1", "backslashreplace").decode("unicode_escape") if "\\" in text else text
        found.append(pytest.param(text, *rest, id=f"{line.split('|')[0].strip()} in {rest[0]}"))
    return found


@pytest.mark.parametrize(("text", "region", "expected", "rule"), rows(NUMBERS))
def test_a_number_is_read(text: str, region: str, expected: str, rule: str) -> None:
    e164, _, ext = expected.partition("#")

    number = read_number(text, region=region)

    assert number == ReadNumber(raw=text, kind="number", e164=e164, ext=ext or None, rule=rule)


@pytest.mark.parametrize(("text", "region", "kind", "rule"), rows(OTHERS))
def test_what_is_nobody_s_number_is_told_apart(text: str, region: str, kind: str, rule: str) -> None:
    number = read_number(text, region=region)

    assert (number.kind, number.e164, number.rule) == (kind, None, rule)
    assert number.ext == (digits_of(number) if kind == "internal" else None)


@pytest.mark.parametrize("text", ["", "   ", "\r\n\t"])
def test_nothing_is_nobody(text: str) -> None:
    assert read_number(text, region="ES").kind == "anonymous"


def test_the_corpus_is_as_large_as_it_claims() -> None:
    assert len(rows(NUMBERS)) + len(rows(OTHERS)) >= 190


def test_too_long_a_text_is_cut_and_read_no_further() -> None:
    number = read_number("6" * 251, region="ES")

    assert (number.raw, number.kind, number.rule) == ("6" * 128, "invalid", "longer than any number")


@pytest.mark.parametrize(
    ("text", "trunk", "expected", "rule"),
    [
        pytest.param(
            "0957212000", TrunkRules(prefixes=("0",)), "+34957212000", "trunk prefix 0", id="access digit"
        ),
        pytest.param(
            "77#34957212000",
            TrunkRules(prefixes=("77#",)),
            "+34957212000",
            "trunk prefix 77#",
            id="carrier's",
        ),
        pytest.param(
            "00957212000",
            TrunkRules(prefixes=("00", "0")),
            "+34957212000",
            "trunk prefix 00",
            id="first that fits",
        ),
        pytest.param(
            "957212000", TrunkRules(prefixes=("", "0")), "+34957212000", "as written", id="none fits"
        ),
    ],
)
def test_what_a_trunk_puts_before_numbers_is_cut_off(
    text: str, trunk: TrunkRules, expected: str, rule: str
) -> None:
    number = read_number(text, region="ES", trunk=trunk)

    assert (number.e164, number.rule) == (expected, rule)


def test_extensions_are_as_long_as_the_house_says() -> None:
    trunk = TrunkRules(extension_digits=(6, 7))

    assert read_number("654321", region="ES", trunk=trunk).kind == "internal"
    assert read_number("2001", region="ES", trunk=trunk).kind == "invalid"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+525512345678", "+5215512345678"),
        ("+5491123456789", "+541123456789"),
        ("+5511998765432", "+551198765432"),
    ],
)
def test_two_spellings_of_one_line_are_equated(one: str, other: str) -> None:
    assert equated(one) == (other,)
    assert equated(other) == (one,)


@pytest.mark.parametrize("e164", ["+34957212000", "+551134567890", "+525"])
def test_other_numbers_have_one_spelling(e164: str) -> None:
    assert equated(e164) == ()


HOME = DialRoute(region="ES")
BY_ACCESS = DialRoute(region="ES", access="0")
AMERICA = DialRoute(region="US", international="011")
PLUS = DialRoute(region="MX", international="+")


@pytest.mark.parametrize(
    ("e164", "route", "digits"),
    [
        pytest.param("+34957212000", HOME, "957212000", id="at home"),
        pytest.param("+34957212000", BY_ACCESS, "0957212000", id="at home, over an access digit"),
        pytest.param("+442079460958", HOME, "00442079460958", id="abroad"),
        pytest.param("+442079460958", BY_ACCESS, "000442079460958", id="abroad, over an access digit"),
        pytest.param("+442079460958", DialRoute(region="GB"), "02079460958", id="a trunk zero is dialled"),
        pytest.param("+390612345678", DialRoute(region="IT"), "0612345678", id="Italy's zero is dialled"),
        pytest.param("+390612345678", HOME, "00390612345678", id="Italy's zero from abroad too"),
        pytest.param("+34957212000", AMERICA, "01134957212000", id="from America"),
        pytest.param("+12127365000", AMERICA, "2127365000", id="within America"),
        pytest.param(
            "+18095551234", DialRoute(region="CA"), "8095551234", id="one country code, many countries"
        ),
        pytest.param("+525512345678", PLUS, "5512345678", id="within Mexico"),
        pytest.param("+34957212000", PLUS, "+34957212000", id="a plus is dialled"),
        pytest.param(
            "+5491123456789", DialRoute(region="AR"), "0111523456789", id="an Argentine mobile at home"
        ),
    ],
)
def test_what_is_dialled(e164: str, route: DialRoute, digits: str) -> None:
    assert dialable(e164, route=route) == digits


@pytest.mark.parametrize(
    "text", ["", "957212000", "+", "+0957212000", "+34957212000;x", "+34 957", "+349\n57"]
)
def test_only_e164_is_dialled(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not E\.164"):
        dialable(text, route=HOME)


@given(st.text(max_size=300), st.sampled_from(("ES", "GB", "MX", "AR", "BR", "CO", "US", "IT", "XX", "")))
def test_reading_never_fails(text: str, region: str) -> None:
    number = read_number(text, region=region)

    assert number.raw == text[:128]
    assert (number.kind == "number") == (number.e164 is not None)


@given(st.text(alphabet="+0123456789 ()-/.,;#*xext<>@\"'", max_size=40))
def test_what_is_read_can_be_dialled(text: str) -> None:
    number = read_number(text, region="ES")

    if number.e164 is not None:
        assert set(dialable(number.e164, route=HOME)) <= set("0123456789")


EXAMPLES = [
    f"+{number.country_code}{phonenumbers.national_significant_number(number)}"
    for region in ("ES", "GB", "IT", "FR", "DE", "PT", "MX", "AR", "BR", "CO", "CL", "PE", "US", "DO", "MA")
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    if (number := phonenumbers.example_number_for_type(region, kind))
]


@pytest.mark.parametrize(
    "route", [HOME, BY_ACCESS, AMERICA, PLUS, DialRoute(region="AR"), DialRoute(region="GB")]
)
@pytest.mark.parametrize("e164", EXAMPLES)
def test_what_is_dialled_is_read_as_the_same_number(e164: str, route: DialRoute) -> None:
    trunk = TrunkRules(prefixes=(route.access,))

    assert read_number(dialable(e164, route=route), region=route.region, trunk=trunk).e164 == e164


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        pytest.param("957 21 20 00", "957212000", id="national digits of a read one"),
        pytest.param("00957212000", "957212000", id="as written, without zeros"),
        pytest.param("hola", "", id="none"),
        pytest.param("٦١٢ ٣٤", "61234", id="of any script"),
    ],
)
def test_the_digits_that_numbers_are_compared_by(text: str, digits: str) -> None:
    assert digits_of(read_number(text, region="ES")) == digits


def test_a_tail_has_eight_digits() -> None:
    assert (tail_of("957212000"), tail_of("57212000"), tail_of("7212000")) == ("57212000", "57212000", None)


@pytest.mark.parametrize("text", ["hola", "", "+", "957212000", "+999123456", "+34 957"])
def test_what_is_no_number_has_no_national_digits(text: str) -> None:
    assert national_digits(text) is None


def test_national_digits_are_those_of_every_plan() -> None:
    plans = [(region, kind) for region in phonenumbers.SUPPORTED_REGIONS for kind in range(11)]
    examples = [one for plan in plans if (one := phonenumbers.example_number_for_type(*plan))]
    assert len(examples) > 1_000
    for one in examples:
        e164 = phonenumbers.format_number(one, phonenumbers.PhoneNumberFormat.E164)
        assert national_digits(e164) == phonenumbers.national_significant_number(one)
        assert number_of(e164) == phonenumbers.parse(e164)
