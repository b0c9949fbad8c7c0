"""What is shown to whom, in the database."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, delete, insert, select

from crm_core.db.schema_masking import mask_rule
from crm_core.domain.masking import MaskRule
from crm_core.domain.people import Role


class SqlMasking:
    """``Masking``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rule(self, role: Role) -> MaskRule:
        """Return the rule of a role."""
        row = self._connection.execute(select(mask_rule).where(mask_rule.c.role == role)).first()
        return MaskRule(**row._mapping) if row else MaskRule(role=role)  # noqa: SLF001 - SQLAlchemy's public name

    def rules(self, roles: Collection[Role]) -> list[MaskRule]:
        """Return the rules of *roles* that were made."""
        rows = self._connection.execute(select(mask_rule).where(mask_rule.c.role.in_(roles)))
        return [MaskRule(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def put(self, rule: MaskRule) -> None:
        """Keep a rule."""
        self._connection.execute(delete(mask_rule).where(mask_rule.c.role == rule.role))
        self._connection.execute(insert(mask_rule), msgspec.structs.asdict(rule))
