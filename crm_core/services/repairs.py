"""Repairs (RMA): received, brought from step to step, and a step taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm_core.domain.equipment import Asset, is_nobodys, same_owner
from crm_core.domain.errors import InvalidError, NotAllowedError, NotFoundError
from crm_core.domain.events import RepairChanged
from crm_core.domain.repairs import Listed, Repair, Wanted, begun, changed, taken_back
from crm_core.domain.versions import at_version
from crm_core.ports import UnitOfWork
from crm_core.ports.places import Place
from crm_core.services import equipment


def begin(
    uow: UnitOfWork,
    *,
    asset_id: str,
    incident_id: str | None,
    fault: str,
    note: str | None,
    by: str,
    now: datetime,
) -> Repair:
    """Keep that a piece was received to be repaired; it is with us once at a time.

    Raises:
        InvalidError: it cannot be kept, what it names is not there, or the piece is with us already.
    """
    if (found := uow.assets.get(asset_id)) is None:
        raise _unknown("asset_id")
    if uow.repairs.find(Wanted(asset_id=asset_id, is_open=True), None, 1):
        raise InvalidError("asset_id", "it is being repaired already", fault="in_repair")
    _demand_incident(uow, incident_id, found.asset)
    one = Repair(
        id=uow.new_id(now),
        number=uow.repairs.next_number(),
        asset_id=asset_id,
        incident_id=incident_id,
        fault=fault.strip(),
        note=note,
        received_at=now,
    )
    one = begun(one, by=by, now=now)
    uow.repairs.add(one)
    _tell(uow, one, by=by, now=now)
    return one


def get(uow: UnitOfWork, *, repair_id: str) -> Repair:
    """Return one repair.

    Raises:
        NotFoundError: there is none.
    """
    if (one := uow.repairs.get(repair_id)) is None:
        raise NotFoundError("repair", repair_id)
    return one


def change(
    uow: UnitOfWork, *, repair_id: str, version: int, changes: Mapping[str, Any], by: str, now: datetime
) -> Repair:
    """Return the repair's next version; another state is a step. As it is when nothing changes.

    Raises:
        NotFoundError: there is none.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: a change cannot be, or the state cannot follow.
    """
    one = _at_version(uow, repair_id, version)
    after = changed(one, changes, by=by, now=now)
    if after == one:
        return one
    if after.incident_id != one.incident_id:
        _demand_incident(uow, after.incident_id, equipment.asset(uow, asset_id=one.asset_id))
    return _keep(uow, after, by=by, now=now)


def undo(
    uow: UnitOfWork, *, repair_id: str, version: int, by: str, now: datetime, may_undo_others: bool = True
) -> Repair:
    """Return the repair without its last step.

    Raises:
        NotFoundError: there is none.
        NotAllowedError: somebody else made it, and *by* may not undo what others did.
        VersionConflictError: *version* is not the one that is kept.
        InvalidError: there is no step to take back, or the piece came back for another repair meanwhile.
    """
    one = _at_version(uow, repair_id, version)
    if one.steps and one.steps[-1].by != by and not may_undo_others:
        raise NotAllowedError("somebody else made this step")
    others = uow.repairs.find(Wanted(asset_id=one.asset_id, is_open=True), None, 1)
    if not one.is_open and others:
        raise InvalidError("asset_id", "it is being repaired already", fault="in_repair")
    return _keep(uow, taken_back(one), by=by, now=now)


def find(uow: UnitOfWork, *, wanted: Wanted, place: Place | None = None, limit: int) -> list[Listed]:
    """Return repairs behind *place*, the last received first."""
    return uow.repairs.find(wanted, place, limit)


def _at_version(uow: UnitOfWork, repair_id: str, version: int) -> Repair:
    return at_version(get(uow, repair_id=repair_id), version)


def _keep(uow: UnitOfWork, one: Repair, *, by: str, now: datetime) -> Repair:
    uow.repairs.change(one)
    _tell(uow, one, by=by, now=now)
    return one


def _tell(uow: UnitOfWork, one: Repair, *, by: str, now: datetime) -> None:
    uow.events.append(
        RepairChanged(
            at=now,
            by=by,
            repair_id=one.id,
            asset_id=one.asset_id,
            incident_id=one.incident_id,
            state=one.state,
            version=one.version,
        )
    )


def _demand_incident(uow: UnitOfWork, incident_id: str | None, asset: Asset) -> None:
    """Look that the incident is there, about no other piece, and of no other customer.

    Raises:
        InvalidError: it is not.
    """
    if incident_id is None:
        return
    incident = uow.incidents.get(incident_id)
    if incident is None or incident.asset_id not in (None, asset.id):
        raise _unknown("incident_id")
    if incident.asset_id is None and not (is_nobodys(incident) or same_owner(incident, asset)):
        raise _unknown("incident_id")


def _unknown(field: str) -> InvalidError:
    return InvalidError(field, "there is no such record", fault="unknown")
