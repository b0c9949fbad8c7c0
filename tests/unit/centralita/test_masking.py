"""Secrets do not reach a recording, however the reads cut them."""

import pytest

from centralita.masking import LONGEST_LINE, Masker

STREAM = (
    b"Asterisk Call Manager/11.0.0\r\n"
    b"Event: VarSet\r\nVariable: CARD_PIN\r\nValue: 1234\r\nUniqueid: 1.1\r\n\r\n"
    b"Event: VarSet\r\nVariable: CENTRALITA_DID\r\nValue: 5551001\r\n\r\n"
    b"Response: Success\r\nSecret: of-a-phone\r\nMD5SecretExist: Y\r\nNote: it is s3cr3t: really\r\n\r\n"
)
MASKED = (
    b"Asterisk Call Manager/11.0.0\r\n"
    b"Event: VarSet\r\nVariable: CARD_PIN\r\nValue: ***\r\nUniqueid: 1.1\r\n\r\n"
    b"Event: VarSet\r\nVariable: CENTRALITA_DID\r\nValue: 5551001\r\n\r\n"
    b"Response: Success\r\nSecret: ***\r\nMD5SecretExist: ***\r\nNote: it is ***: really\r\n\r\n"
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, len(STREAM)])
def test_secrets_are_masked_at_every_cut(size: int) -> None:
    masker = Masker("s3cr3t")
    text = b"".join(masker.feed(STREAM[at : at + size]) for at in range(0, len(STREAM), size))
    assert text + masker.rest() == MASKED


def test_what_is_no_whole_line_comes_at_the_end() -> None:
    masker = Masker("")
    assert masker.feed(b"Event: Hangup\r\nCause: 1") == b"Event: Hangup\r\n"
    assert masker.rest() == b"Cause: 1"
    assert masker.rest() == b""


def test_an_endless_line_is_not_kept() -> None:
    masker = Masker("s3cr3t")
    endless = b"x" * (LONGEST_LINE + 1)
    assert masker.feed(endless) == endless
