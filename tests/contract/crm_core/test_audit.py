"""Who did what is kept in order, cut to what fits, with sign-ins among it."""

from __future__ import annotations

from contract.crm_core.kit import NOW, House, at

from crm_core.domain.audit import AuditEntry
from crm_core.domain.people import Session, User
from crm_core.services import audit, users

EVA = User(id="u2", name="eva", full_name="Eva Gil", role="supervisor")


async def test_the_newest_deeds_come_first(house: House) -> None:
    await house.db.run(users.add_user, user=EVA)
    one = Session(id="a", user_id=EVA.id, created_at=NOW, seen_at=NOW, address="192.0.2.1")
    await house.db.run(users.open_session, session=one)
    await house.db.run(audit.note, who="u2", what="paused 101: lunch", address="192.0.2.1", now=at(1))
    await house.db.run(audit.note, who="u2", what="x" * 81, address=None, now=at(2))

    assert await house.db.read(audit.last, limit=3) == [
        AuditEntry(at=at(2), who="u2", what="x" * 80),
        AuditEntry(at=at(1), who="u2", what="paused 101: lunch", address="192.0.2.1"),
        AuditEntry(at=NOW, who="u2", what="signed_in", address="192.0.2.1"),
    ]
    assert len(await house.db.read(audit.last, limit=2)) == 2


async def test_the_last_deed_of_a_kind_is_found(house: House) -> None:
    for n, what in enumerate(["backup: a", "backup: b", "backups", "import"]):
        await house.db.run(audit.note, who="cli", what=what, address=None, now=at(n))
    found = await house.db.read(audit.last_of, begin="backup: ")
    assert found == AuditEntry(at=at(1), who="cli", what="backup: b")
    assert await house.db.read(audit.last_of, begin="restore") is None
