"""What is shown to whom: a rule for each role, made by administrators."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from crm_core.domain.audit import Change
from crm_core.domain.errors import NotFoundError
from crm_core.domain.events import MaskingChanged
from crm_core.domain.masking import KINDS, ROLES, MaskRule
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork
from crm_core.services import audit, fields


def rules(uow: UnitOfWork) -> list[MaskRule]:
    """Return the rule of each role that something can be kept from."""
    made = {rule.role: rule for rule in uow.masking.rules(ROLES)}
    return [made.get(role) or MaskRule(role=role) for role in ROLES]


def set_rule(
    uow: UnitOfWork, *, rule: MaskRule, version: int, by: str, address: str | None, now: datetime
) -> MaskRule:
    """Show people of the rule's role what it says from now on.

    Raises:
        NotFoundError: there is no such role, or it is the one that sees everything.
        VersionConflictError: *version* is not the one that is kept.
    """
    if rule.role not in ROLES:
        raise NotFoundError("mask rule", rule.role)
    known = at_version(uow.masking.rule(rule.role), version)
    kept = replace(rule, version=version + 1, set_at=now)
    uow.masking.put(kept)
    uow.events.append(MaskingChanged(at=now, by=by, rule=kept))
    changes: dict[str, Change] = {
        kind: (getattr(known, kind), getattr(kept, kind))
        for kind in KINDS
        if getattr(known, kind) != getattr(kept, kind)
    }
    audit.note(
        uow,
        who=by,
        what="masking set",
        address=address,
        now=now,
        kind="masking",
        record_id=rule.role,
        changes=changes,
    )
    return kept


def personal_fields(uow: UnitOfWork) -> frozenset[str]:
    """Return the keys of the site's own fields that are personal."""
    return frozenset(one.key for one in fields.every(uow) if one.pii)
