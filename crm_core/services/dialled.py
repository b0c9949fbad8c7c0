"""Whose number is to be dialled, when it is asked for by a record that has it and not by its digits."""

from __future__ import annotations

from crm_core.domain.calls import Call
from crm_core.domain.confines import Confines
from crm_core.domain.errors import NotFoundError
from crm_core.ports import UnitOfWork
from crm_core.services import callbacks, calls


def number_of_phone(uow: UnitOfWork, *, phone_id: str) -> str:
    """Return the number of a contact's or a company's phone, in E.164.

    Raises:
        NotFoundError: there is no such phone, or it could not be read.
    """
    number = uow.phone_book.number_of(phone_id)
    if number is None:
        raise NotFoundError("phone", phone_id)
    return number


def number_of_callback(uow: UnitOfWork, *, callback_id: str, within: Confines | None = None) -> str:
    """Return where somebody waits to be rung, in E.164.

    Raises:
        NotFoundError: there is no such callback, or none that who is confined (*within*) sees.
    """
    wish = uow.callbacks.get(callback_id)
    if wish is None or (
        within is not None and not callbacks.sees(uow, callback_id=callback_id, within=within)
    ):
        raise NotFoundError("callback", callback_id)
    return wish.number


def number_of_call(
    uow: UnitOfWork, *, call_id: str, live: Call | None, within: Confines | None = None
) -> str:
    """Return the number of a call's customer; *live* is the call while it is not in the records.

    Raises:
        NotFoundError: there is no such call, none that who is confined (*within*) sees, or nobody knows the
            number.
    """
    call = live or calls.get_call(uow, call_id=call_id)
    if within is not None and not within.sees_call(call):
        raise NotFoundError("call", call_id)
    number = call.customer or call.ani
    if number is None:
        raise NotFoundError("number of call", call_id)
    return number
