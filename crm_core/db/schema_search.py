"""The tables of the search: what is found by which words, and what words of names are misspelt as."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from crm_core.db.schema import metadata

search_doc = Table(
    "search_doc",
    metadata,
    Column("place", BigInteger, primary_key=True, autoincrement=False),  # in its upper bits the kind
    Column("kind", String(10), nullable=False),
    Column("record_id", String(36), nullable=False),
    Column("words", Text, nullable=False),  # folded, each once, between blanks
    Index("ix_search_doc_record_id", "record_id", "kind", unique=True),
)
search_slip = Table(
    "search_slip",
    metadata,
    # a word of a name, and what it becomes with a letter left out; the word itself among them
    Column("slip", String(40), primary_key=True),
    Column("word", String(40), primary_key=True),
    sqlite_with_rowid=False,
)
