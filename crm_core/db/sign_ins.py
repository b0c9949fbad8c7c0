"""Second factors, and who is who at a provider, in the database."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, true, update

from crm_core.db.schema import session
from crm_core.db.schema_sign_in import provider_subject, recovery_code, second_factor
from crm_core.domain.second_factor import SecondFactor

_OF = select(second_factor).where(second_factor.c.user_id == bindparam("wanted"))
_FORGET = delete(second_factor).where(second_factor.c.user_id == bindparam("wanted"))
_FORGET_CODES = delete(recovery_code).where(recovery_code.c.user_id == bindparam("wanted"))
_FREE = (
    update(session)
    .where(session.c.user_id == bindparam("wanted"), session.c.is_held == true())
    .values(is_held=False)
)
_USE = (
    update(second_factor)
    .where(second_factor.c.user_id == bindparam("wanted"), second_factor.c.last_step < bindparam("step"))
    .values(last_step=bindparam("step"))
)
_SPEND = delete(recovery_code).where(
    recovery_code.c.id == bindparam("code"), recovery_code.c.user_id == bindparam("wanted")
)
_LEFT = select(func.count()).where(recovery_code.c.user_id == bindparam("wanted"))

_S = provider_subject.c
_WHOSE = select(_S.user_id).where(_S.issuer == bindparam("by"), _S.subject == bindparam("called"))
_OF_ISSUER = (_S.issuer == bindparam("by"), _S.user_id == bindparam("wanted"))
_CALLED = select(_S.subject).where(*_OF_ISSUER)
_FORGET_SUBJECT = delete(provider_subject).where(*_OF_ISSUER)


class SqlSecondFactors:
    """``SecondFactors``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, user_id: str) -> SecondFactor | None:
        """Return somebody's; None when he has none."""
        row = self._connection.execute(_OF, {"wanted": user_id}).first()
        return SecondFactor(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name for it

    def keep(self, one: SecondFactor, code_hashes: Sequence[str]) -> None:
        """Keep *one* and its recovery codes in place of what its user had; his held sessions are free."""
        self.forget(one.user_id)
        self._connection.execute(insert(second_factor), msgspec.structs.asdict(one))
        codes = [{"id": code, "user_id": one.user_id} for code in code_hashes]
        self._connection.execute(insert(recovery_code), codes)
        self._connection.execute(_FREE, {"wanted": one.user_id})

    def forget(self, user_id: str) -> bool:
        """Forget somebody's, with its codes; False when he had none."""
        self._connection.execute(_FORGET_CODES, {"wanted": user_id})
        return self._connection.execute(_FORGET, {"wanted": user_id}).rowcount > 0

    def use(self, user_id: str, step: int) -> bool:
        """Keep that *step* was used; False when it was already, or a later one."""
        return self._connection.execute(_USE, {"wanted": user_id, "step": step}).rowcount > 0

    def spend(self, user_id: str, code_hash: str) -> bool:
        """Forget a recovery code; False when it is none."""
        return self._connection.execute(_SPEND, {"wanted": user_id, "code": code_hash}).rowcount > 0

    def codes_left(self, user_id: str) -> int:
        """Return how many recovery codes are left."""
        return self._connection.scalar(_LEFT, {"wanted": user_id}) or 0


class SqlProviderSubjects:
    """``ProviderSubjects``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, issuer: str, subject: str) -> str | None:
        """Return whose it is, a user's id; None when it is nobody's."""
        return self._connection.scalar(_WHOSE, {"by": issuer, "called": subject})

    def subject_of(self, issuer: str, user_id: str) -> str | None:
        """Return what an issuer calls a user; None when it knows him not."""
        return self._connection.scalar(_CALLED, {"by": issuer, "wanted": user_id})

    def add(self, issuer: str, subject: str, user_id: str) -> None:
        """Keep whose a subject is."""
        row = {"issuer": issuer, "subject": subject, "user_id": user_id}
        self._connection.execute(insert(provider_subject), row)

    def forget(self, issuer: str, user_id: str) -> None:
        """Forget what an issuer calls a user."""
        self._connection.execute(_FORGET_SUBJECT, {"by": issuer, "wanted": user_id})
