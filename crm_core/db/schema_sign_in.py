"""The tables of signing in, besides who may and who is."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table

from crm_core.db.schema import Instant, metadata

second_factor = Table(
    "second_factor",
    metadata,
    Column("user_id", String(36), ForeignKey("user_account.id"), primary_key=True),
    Column("sealed", String(400), nullable=False),  # the secret, by a key that is not in the database
    Column("last_step", BigInteger, nullable=False),
    Column("since", Instant, nullable=False),
)
recovery_code = Table(
    "recovery_code",
    metadata,
    Column("id", String(64), primary_key=True),  # the hash of the code
    Column("user_id", String(36), ForeignKey("user_account.id"), nullable=False, index=True),
)
provider_subject = Table(
    "provider_subject",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("user_id", String(36), ForeignKey("user_account.id"), nullable=False, index=True),
)
