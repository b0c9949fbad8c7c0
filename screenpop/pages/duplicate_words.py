"""Words for records that may be one: what they share, and what is chosen of them; as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crm_core.domain.duplicates import Reason
from screenpop.i18n import Translator
from screenpop.pages.looks import N_
from screenpop.pages.words import reader

SHARED: Final[dict[Reason, str]] = {
    "number": N_("Same number"),
    "email": N_("Same e-mail"),
    "name": N_("Alike name in one company"),
    "tax_id": N_("Same tax number"),
    "company_name": N_("Same company name"),
}
FIELDS: Final = {
    "name": N_("Name"),
    "company": N_("Company"),
    "title": N_("Position"),
    "role": N_("Part in decisions"),
    "language": N_("Language"),
    "time_zone": N_("Time zone"),
    "birthday": N_("Birthday"),
    "vip": N_("VIP"),
    "lifecycle": N_("Stage"),
    "preferred_channel": N_("Likes to be reached"),
    "call_hours": N_("May be called"),
    "contact_limit": N_("At most"),
    "source": N_("Where the data came from"),
    "note": N_("Note"),
    "kind": N_("Kind"),
    "legal_name": N_("Legal name"),
    "tax_id": N_("Tax number"),
    "parent_id": N_("Belongs to"),
    "tier": N_("Value"),
    "preferred_queue": N_("Queue"),
    "preferred_agent": N_("Agent"),
    "region": N_("Country"),
    "website": N_("Website"),
}


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters by name."""
    return {"shared": reader(SHARED, t), "chosen_field": reader(FIELDS, t)}
