"""What is shown to whom: a rule for each role, kept, told and audited."""

from __future__ import annotations

import pytest
from contract.crm_core.kit import NOW, House
from msgspec.structs import replace

from crm_core.domain.custom_fields import FieldDef
from crm_core.domain.errors import NotFoundError, VersionConflictError
from crm_core.domain.events import MaskingChanged
from crm_core.domain.masking import ROLES, MaskRule
from crm_core.services import audit, fields, masking

WHO = {"by": "u-eva", "address": "192.0.2.1", "now": NOW}
RULE = MaskRule(role="agent", numbers="own_queues", documents="masked")


async def test_everything_is_shown_when_nobody_made_a_rule(house: House) -> None:
    rules = await house.db.read(masking.rules)
    assert rules == [MaskRule(role=role) for role in ROLES]
    assert all(rule.hides_nothing for rule in rules)


async def test_a_rule_is_kept_told_and_audited(house: House) -> None:
    kept = await house.db.run(masking.set_rule, rule=RULE, version=0, **WHO)
    assert kept == replace(RULE, version=1, set_at=NOW)
    assert await house.db.read(masking.rules) == [kept, *map(_open, ROLES[1:])]
    assert house.heard == [MaskingChanged(at=NOW, by="u-eva", rule=kept)]
    (entry,) = await house.db.read(audit.last, limit=1)
    assert (entry.what, entry.kind, entry.record_id) == ("masking set", "masking", "agent")
    assert entry.changes == {"numbers": ("shown", "own_queues"), "documents": ("shown", "masked")}


async def test_who_was_slower_hears_of_it_and_of_whom_nothing_can_be_kept(house: House) -> None:
    await house.db.run(masking.set_rule, rule=RULE, version=0, **WHO)
    with pytest.raises(VersionConflictError):
        await house.db.run(masking.set_rule, rule=_open("agent"), version=0, **WHO)
    again = await house.db.run(masking.set_rule, rule=_open("agent"), version=1, **WHO)
    assert again.hides_nothing
    with pytest.raises(NotFoundError):
        await house.db.run(masking.set_rule, rule=_open("administrator"), version=0, **WHO)


async def test_which_fields_are_personal(house: House) -> None:
    for n, pii in enumerate((True, False)):
        one = FieldDef(
            id=f"f-{n}", entity="contact", key=f"k{n}", type="text", label_es="K", label_en="K", pii=pii
        )
        await house.db.run(fields.define, field=one, by=None, now=NOW)
    assert await house.db.read(masking.personal_fields) == {"k0"}


def _open(role: str) -> MaskRule:
    return MaskRule(role=role)  # type: ignore[arg-type] - one of ROLES, or the one that is none
