"""The tables of customers: companies, people, and how they are reached."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, text

from crm_core.db.kept import Kept
from crm_core.db.schema import Instant, metadata, where_it_has_one
from crm_core.domain.contacts import CallHours, ContactLimit, PostalAddress

account = Table(
    "account",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("search", String(200), nullable=False),  # the name folded
    Column("parent_id", String(36), ForeignKey("account.id")),
    Column("kind", String(12), nullable=False),
    Column("legal_name", String(200)),
    Column("tax_id", String(40)),
    Column("tax_search", String(40)),  # its letters and digits, folded
    Column("tier", String(40)),
    Column("preferred_queue", String(80)),
    Column("preferred_agent", String(40)),
    Column("region", String(2)),
    Column("website", String(200)),
    Column("note", Text),
    Column("addresses", Kept(tuple[PostalAddress, ...], ())),
    Column("tags", Kept(tuple[str, ...], ())),
    Column("fields", Kept(dict[str, Any], {})),
    Column("version", Integer, nullable=False),
    Index("ix_account_search", "search", "id"),
    Index("ix_account_tax_search", "tax_search", "id"),
    where_it_has_one("account", "parent_id"),
)
contact = Table(
    "contact",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("prefix", String(40), nullable=False),
    Column("given", String(100), nullable=False),
    Column("additional", String(100), nullable=False),
    Column("family", String(100), nullable=False),
    Column("second_family", String(100), nullable=False),
    Column("suffix", String(40), nullable=False),
    Column("search", String(300), nullable=False),  # the name folded: contacts are listed in its order
    Column("account_id", String(36), ForeignKey("account.id")),
    Column("title", String(100)),
    Column("role", String(100)),
    Column("language", String(35)),
    Column("time_zone", String(60)),
    Column("birthday", Date),
    Column("vip", Boolean, nullable=False),
    Column("lifecycle", String(10)),
    Column("preferred_channel", String(10)),
    Column("call_hours", Kept(tuple[CallHours, ...], ())),
    Column("contact_limit", Kept(ContactLimit)),
    Column("subjects", Kept(tuple[str, ...], ())),
    Column("source", String(80)),
    Column("addresses", Kept(tuple[PostalAddress, ...], ())),
    Column("tags", Kept(tuple[str, ...], ())),
    Column("fields", Kept(dict[str, Any], {})),
    Column("note", Text),
    Column("spoken_at", Instant),  # the begin of the last call in which somebody talked with him
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_contact_search", "search", "id"),
    Index("ix_contact_account_id", "account_id", "search", "id"),
)
contact_word = Table(
    "contact_word",
    metadata,
    # every word by which a contact is looked for, of the name and of the company; in the order of the names
    Column("word", String(300), primary_key=True),
    Column("search", String(300), primary_key=True),  # the contact's
    Column("contact_id", String(36), ForeignKey("contact.id"), primary_key=True),
    Index("ix_contact_word_contact_id", "contact_id"),
    sqlite_with_rowid=False,
)
contact_tag = Table(
    "contact_tag",
    metadata,
    # a contact's tags, folded: who has one is found by it
    Column("word", String(80), primary_key=True),
    Column("contact_id", String(36), ForeignKey("contact.id"), primary_key=True),
    Index("ix_contact_tag_contact_id", "contact_id"),
    sqlite_with_rowid=False,
)
account_tag = Table(
    "account_tag",
    metadata,
    Column("word", String(80), primary_key=True),
    Column("account_id", String(36), ForeignKey("account.id"), primary_key=True),
    Index("ix_account_tag_account_id", "account_id"),
    sqlite_with_rowid=False,
)
# Few numbers are a company's own: of an index of all, statistics would tell that it leads nowhere.
_OF_COMPANY = text("account_id IS NOT NULL")
phone = Table(
    "phone",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("contact_id", String(36), ForeignKey("contact.id")),
    Column(
        "account_id", String(36), ForeignKey("account.id")
    ),  # of a company's own line; then there is no contact
    Column("raw", String(200), nullable=False),
    Column("e164", String(20)),
    Column("ext", String(20)),
    Column("national", String(40)),  # the digits without country code; as written when they could not be read
    Column("tail", String(8)),  # the last eight of them
    Column("label", String(20), nullable=False),
    Column("is_primary", Boolean, nullable=False),
    Column("is_valid", Boolean, nullable=False),
    Column("do_not_call", Boolean, nullable=False),
    Index("ix_phone_e164", "e164", "contact_id"),
    Index("ix_phone_national", "national"),
    Index("ix_phone_tail", "tail", "e164"),
    Index("ix_phone_contact_id", "contact_id"),
    Index("ix_phone_account_id", "account_id", sqlite_where=_OF_COMPANY, postgresql_where=_OF_COMPANY),
)
email = Table(
    "email",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("contact_id", String(36), ForeignKey("contact.id"), nullable=False),
    Column("address", String(254), nullable=False),
    Column("search", String(254), nullable=False),
    Column("label", String(20), nullable=False),
    Column("is_primary", Boolean, nullable=False),
    Column("is_valid", Boolean, nullable=False),
    Column("do_not_write", Boolean, nullable=False),
    Index("ix_email_search", "search", "contact_id"),
    Index("ix_email_contact_id", "contact_id"),
)
did_range = Table(
    "did_range",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), ForeignKey("account.id"), nullable=False),
    Column("first", String(20), nullable=False, index=True),
    Column("last", String(20), nullable=False),
    Index("ix_did_range_account_id", "account_id"),
)
account_relation = Table(
    "account_relation",
    metadata,
    # the other company is this one's partner, distributor, supplier…
    Column("account_id", String(36), ForeignKey("account.id"), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("other_id", String(36), ForeignKey("account.id"), primary_key=True),
    Index("ix_account_relation_other_id", "other_id"),
    sqlite_with_rowid=False,
)
number_choice = Table(
    "number_choice",
    metadata,
    Column("e164", String(20), primary_key=True),
    Column("contact_id", String(36), ForeignKey("contact.id"), nullable=False),
    Column("chosen_at", Instant, nullable=False),
    Index("ix_number_choice_contact_id", "contact_id"),
)
NAMES = (contact.c.given, contact.c.additional, contact.c.family, contact.c.second_family)
"""What somebody is called by, in order."""
