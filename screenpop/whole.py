"""What somebody looks for who is not shown numbers: whole ones, so that none is found out digit by digit."""

from __future__ import annotations

from crm_core.domain.duplicates import Reason
from crm_core.domain.masking import is_written_number
from crm_core.domain.phone import read_number
from screenpop.identity import Identity


def sees_whole_only(me: Identity) -> bool:
    """Return whether *me* is not shown every number."""
    return me.masks is not None and me.masks.numbers != "shown"


def is_whole(text: str, *, region: str) -> bool:
    """Return whether *text* is a number, and not only how one begins or ends."""
    return read_number(text, region=region).kind == "number"


def may_look_for(me: Identity, text: str, *, region: str) -> bool:
    """Return whether *me* may be told who is found by *text*."""
    if not sees_whole_only(me) or not is_written_number(text):
        return True
    return is_whole(text, region=region)


def hides(me: Identity, reason: Reason) -> bool:
    """Return whether *me* is not shown what records share by *reason*: then no place among such says any."""
    masks = me.masks
    if masks is None:
        return False
    hidden = {"number": masks.numbers != "shown", "email": masks.has_emails, "tax_id": masks.has_documents}
    return hidden.get(reason, False)


def hides_emails(me: Identity) -> bool:
    """Return whether *me* is found nobody by a part of an e-mail address."""
    return me.masks is not None and me.masks.has_emails


def looks_for_whole(me: Identity) -> bool:
    """Return whether what has digits in it finds *me* only records that have it as a whole."""
    return sees_whole_only(me) or (me.masks is not None and me.masks.has_documents)
