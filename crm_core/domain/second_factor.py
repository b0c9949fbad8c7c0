"""The second factor of a sign-in: an authenticator's codes (RFC 6238), and recovery codes (pure)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
import pyotp

from crm_core.domain.tokens import hash_of

STEP_S: Final = 30
DRIFT: Final = (0, -1, 1)
"""How many steps the clock of an authenticator may be away."""
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 10
SECRET_BYTES: Final = 20  # as long as SHA-1's output (RFC 4226 §4)
ISSUER: Final = "Centralita"
_GROUP: Final = 4


class SecondFactor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's authenticator: its secret as it is kept, sealed, and the last step that was used."""

    user_id: str
    sealed: str
    last_step: int
    since: datetime


def secret_of(randomness: bytes) -> str:
    """Return *randomness*, ``SECRET_BYTES`` of it, as authenticators read secrets: in base 32."""
    return base64.b32encode(randomness).decode("ascii")


def otpauth_of(secret: str, *, name: str) -> str:
    """Return what an authenticator reads from the picture: ``otpauth://totp/…``."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """Return the step whose code *code* is, by the clock or a step beside it; None for a wrong one."""
    totp, here = pyotp.TOTP(secret, interval=STEP_S), int(now.timestamp()) // STEP_S
    digits = "".join(code.split())
    for drift in DRIFT:
        if pyotp.utils.strings_equal(digits, totp.generate_otp(here + drift)):
            return here + drift
    return None


def recovery_codes(randomness: Sequence[bytes]) -> list[str]:
    """Return codes to write down, one for each 80 bits: ``abcd-efgh-ijkl-mnop``."""
    texts = (base64.b32encode(one).decode("ascii").lower() for one in randomness)
    return ["-".join(text[n : n + _GROUP] for n in range(0, len(text), _GROUP)) for text in texts]


def recovery_hash(code: str) -> str:
    """Return what is kept of a recovery code, however it is written down."""
    return hash_of("".join(sign for sign in code.lower() if sign.isalnum()))
