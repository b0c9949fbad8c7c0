"""What is sent about products, what customers have of them, and contracts."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from crm_core.domain.equipment import (
    CODE_LENGTH,
    MOST_ASSETS,
    NAME_LENGTH,
    NOTE_LENGTH,
    SERIAL_LENGTH,
    ContractKind,
)
from screenpop.api.exchange import Id, Input, Line, PageQuery, Prose, all_stays

_SOME_DAY = date(2026, 1, 1)
FIRST_YEAR, LAST_YEAR = 1900, 2200


def _possible(value: date) -> date:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise PydanticCustomError("not_a_time", "no day of our time")
    return value


Day = Annotated[date, AfterValidator(_possible)]


class NewProduct(Input):
    """What it is called in both languages, its number in the price list, and its product line."""

    name_es: Line = Field(min_length=1, max_length=NAME_LENGTH)
    name_en: Line = Field(min_length=1, max_length=NAME_LENGTH)
    code: Line | None = Field(default=None, max_length=CODE_LENGTH)
    product_line_id: Id | None = None
    is_active: bool = True


class ProductChange(NewProduct):
    """What to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    name_es: Line = Field(default="", min_length=1, max_length=NAME_LENGTH)
    name_en: Line = Field(default="", min_length=1, max_length=NAME_LENGTH)


class _AssetFields(Input):
    bought_on: Day | None = None
    warranty_until: Day | None = None
    site: Line | None = Field(default=None, max_length=NAME_LENGTH)
    note: Prose | None = Field(default=None, max_length=NOTE_LENGTH)


class NewAsset(_AssetFields):
    """A piece of a product, and who has it; the warranty's last day is ``warranty_until``."""

    product_id: Id
    serial: Line = Field(min_length=1, max_length=SERIAL_LENGTH)
    contact_id: Id | None = None
    account_id: Id | None = None


class AssetChange(_AssetFields):
    """What to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    product_id: Id = ""
    serial: Line = Field(default="", min_length=1, max_length=SERIAL_LENGTH)


class _ContractFields(Input):
    ends_on: Day | None = None
    covers: Line | None = Field(default=None, max_length=NAME_LENGTH)
    asset_ids: tuple[Id, ...] = Field(default=(), max_length=MOST_ASSETS)
    product_line_id: Id | None = None
    policy_id: Id | None = None


class NewContract(_ContractFields):
    """What we owe whom, from the first to the last day.

    It is about ``asset_ids`` and all that he has of a product line; with neither about all that he has.
    """

    name: Line = Field(min_length=1, max_length=NAME_LENGTH)
    kind: ContractKind
    begins_on: Day
    contact_id: Id | None = None
    account_id: Id | None = None


class ContractChange(_ContractFields):
    """What to change; what is not named stays."""

    model_config = ConfigDict(json_schema_extra=all_stays)

    name: Line = Field(default="", min_length=1, max_length=NAME_LENGTH)
    kind: ContractKind = "maintenance"
    begins_on: Day = _SOME_DAY


class OwnerQuery(Input):
    """Whose they are: a contact's or a company's, or either's."""

    contact_id: Id | None = None
    account_id: Id | None = None


class AssetsQuery(OwnerQuery, PageQuery):
    """Whose pieces; or those whose serial number begins so, page by page."""

    serial: Line = Field(default="", max_length=SERIAL_LENGTH)
    cursor: Line | None = Field(default=None, max_length=900)
