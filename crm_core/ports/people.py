"""Companies and contacts, and whose number it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from crm_core.domain.accounts import Account, NumberRange, Relation, WholeAccount
from crm_core.domain.contacts import Contact, Email, Phone
from crm_core.domain.entries import Entry


class Accounts(Protocol):
    """Companies."""

    def get(self, account_id: str) -> Account | None:
        """Return a company."""

    def whole(self, account_id: str) -> WholeAccount | None:
        """Return a company with all that belongs to it."""

    def page(self, after: tuple[str, str] | None, limit: int) -> list[Account]:
        """Return companies by folded name and id."""

    def beginning(
        self, text: str, after: tuple[str, str] | None, limit: int, *, whole: bool = False
    ) -> list[Account]:
        """Return companies whose name (folded) or tax number begins so; *whole*: whose tax number it is."""

    def with_tag(self, word: str, after: tuple[str, str] | None, limit: int) -> list[Account]:
        """Return companies that have the tag *word* (folded)."""

    def named(self, name: str) -> Account | None:
        """Return the company called *name*, whatever its case and accents."""

    def all_named(self, names: Sequence[str]) -> list[Account]:
        """Return the companies called one of *names* (folded), the older ones first."""

    def names_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Return what companies are called, by their ids."""

    def lines_of(self, ids: Sequence[str]) -> dict[str, list[Phone]]:
        """Return the lines of companies, by their ids, the primary ones first."""

    def ranges_of(self, ids: Sequence[str]) -> dict[str, list[NumberRange]]:
        """Return the ranges of numbers of companies, by their ids."""

    def all_taxed(self, keys: Sequence[str]) -> list[Account]:
        """Return the companies with one of these tax numbers (``tax_key``), the older ones first."""

    def add(self, account: Account) -> None:
        """Keep a new company; what belongs to it is kept apart."""

    def add_many(self, accounts: Sequence[Account]) -> None:
        """Keep new companies; what belongs to them is kept apart."""

    def change(self, account: Account) -> None:
        """Keep what is new about a company; what belongs to it is kept apart."""

    def add_line(self, account_id: str, phone: Phone) -> None:
        """Keep a number that is the company's, nobody's in particular."""

    def add_lines(self, lines: Iterable[tuple[str, Phone]]) -> None:
        """Keep numbers of companies, each with the id of its own."""

    def set_lines(self, account_id: str, lines: Iterable[Phone]) -> None:
        """Keep these numbers in place of those that were the company's."""

    def add_range(self, account_id: str, range_id: str, *, first: str, last: str) -> None:
        """Keep that all numbers from *first* to *last* (E.164, equally long) are the company's."""

    def add_relation(self, account_id: str, relation: Relation) -> None:
        """Keep that another company is this one's partner, supplier or the like."""

    def forget_belongings(self, account_id: str) -> None:
        """Forget its lines, its ranges and its relations; not those that others have with it."""


class Contacts(Protocol):
    """People and how they are reached."""

    def get(self, contact_id: str) -> Contact | None:
        """Return a contact with phones and addresses."""

    def add(self, contacts: Sequence[Contact]) -> None:
        """Keep new contacts, with their phones and addresses."""

    def change(self, contact: Contact) -> None:
        """Keep what is new about a contact; its phones and addresses stay as they are."""

    def add_phone(self, contact_id: str, phone: Phone) -> None:
        """Keep one more number."""

    def set_phones(self, contact_id: str, phones: Sequence[Phone]) -> None:
        """Keep these numbers in place of those that he had."""

    def set_emails(self, contact_id: str, emails: Sequence[Email]) -> None:
        """Keep these addresses in place of those that he had."""

    def add_email(self, contact_id: str, email: Email) -> None:
        """Keep one more address."""

    def page(self, after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return contacts by folded name and id."""

    def of_account(self, account_id: str, after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return the contacts of a company by folded name and id."""

    def in_company(self, account_id: str, after: str, limit: int) -> list[Contact]:
        """Return the contacts of a company by id, behind the id *after*."""

    def with_words(self, words: Sequence[str], after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return contacts who have, for each of *words*, a word of name or company that begins so."""

    def with_tag(self, word: str, after: tuple[str, str] | None, limit: int) -> list[Contact]:
        """Return contacts who have the tag *word* (folded)."""

    def with_number(
        self, *, e164: str | None, digits: str, after: tuple[str, str] | None, limit: int
    ) -> list[Contact]:
        """Return contacts who have the number *e164*, or one that begins with *digits*."""

    def with_address(
        self, begin: str, after: tuple[str, str] | None, limit: int, *, whole: bool = False
    ) -> list[Contact]:
        """Return contacts who have an e-mail address that begins so; *whole*: that is it."""

    def namesakes(
        self, *, names: Sequence[str], numbers: Sequence[str], addresses: Sequence[str]
    ) -> list[Contact]:
        """Return who has one of *names*, and one of *numbers* (E.164) or *addresses*; all folded."""

    def spoke(self, at: Mapping[str, datetime]) -> None:
        """Keep when contacts were spoken with, where that is later than what is known."""


class PhoneBook(Protocol):
    """Who is behind a number. At most 20 entries a question: more people than that share no useful number."""

    def exactly(self, numbers: Sequence[str]) -> list[Entry]:
        """Return who has one of *numbers* (E.164; one or two)."""

    def with_tail(self, tail: str, *, only_unread: bool) -> list[Entry]:
        """Return who has a number with these last eight digits; *only_unread*: that could not be read."""

    def in_range(self, e164: str) -> list[Entry]:
        """Return the companies whose range holds the number."""

    def contact(self, contact_id: str) -> Entry | None:
        """Return one contact's entry."""

    def number_of(self, phone_id: str) -> str | None:
        """Return the number of a phone, of whomever, in E.164; None when it could not be read."""

    def chosen(self, e164: str) -> Entry | None:
        """Return whom somebody chose for this number."""

    def forget_choices(self, contact_id: str, numbers: Sequence[str]) -> None:
        """Forget that anybody chose this contact for *numbers* (E.164)."""

    def choose(self, e164: str, contact_id: str, now: datetime) -> None:
        """Remember who this number is."""
