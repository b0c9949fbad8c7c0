"""What other programs call their columns: each preset is taken by its own headings, and knows what counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from centralita.importing import can_be_read
from centralita.presets import Preset, PresetError, fitting, presets, read
from crm_core.domain.imports import KINDS, Kind

# Headings as the sources have them that docs/importing.md names.
ACT = "Contact,Company,First Name,Last Name,Title,Phone,Mobile Phone,E-mail,Address 1,City,State,ZIP Code"
PIVOTAL = (
    "First_Name,Last_Name,Title,Address_1,City,State_,Zip,Phone,Cell,Fax,Email,Work_Phone,Lead_Source_Type"
)
SUITECRM = "First Name:,Last Name:,Job Title:,Account Name:,Office Phone:,Mobile:,Email Address:"
ORO = (
    "Id,First name,Last name,Job Title,Fax,Source Name,Emails 1 Email,Phones 1 Phone,Accounts 1 Account name"
)
FAT_FREE = (
    "Title,Name,First name,Last name,Email,Alternative email,Phone,Mobile,Fax,Background,Street 1,Zip Code"
)
DOLIBARR = "Id contacto,Apellidos,Nombre,Puesto/función,Dirección,Población,Teléfono,Móvil,Razón social"
VTIGER = "First Name,Last Name,Office Phone,Secondary Phone,Primary Email,Mailing Street,Mailing Zip"
SUITECRM_ACCOUNTS = "Name:,Type:,Office Phone:,Phone Fax:,Billing Street:,Billing City:,Member of:"
VTIGER_ACCOUNTS = "Organization Name,Primary Phone,Secondary Phone,Website,Type"
DOLIBARR_ACCOUNTS = "Nombre,Sede central,Dirección,Población,Teléfono,Web,NIF intracomunitario"


@pytest.mark.parametrize(
    ("kind", "headings", "code"),
    [
        ("contacts", ACT, "act"),
        ("contacts", "ACCOUNTNO,CONTACT,COMPANY,TITLE,PHONE1,FAX,ADDRESS1,CITY,STATE,ZIP", "goldmine"),
        ("contacts", PIVOTAL, "pivotal"),
        ("contacts", "id,cedula_ruc,name,telefono,apellido,origen", "call_center"),
        ("contacts", SUITECRM, "suitecrm"),
        ("contacts", VTIGER, "vtiger"),
        ("contacts", ORO, "orocrm"),
        ("contacts", DOLIBARR, "dolibarr"),
        ("contacts", FAT_FREE, "fat_free_crm"),
        ("accounts", SUITECRM_ACCOUNTS, "suitecrm"),
        ("accounts", VTIGER_ACCOUNTS, "vtiger"),
        ("accounts", DOLIBARR_ACCOUNTS, "dolibarr"),
        ("accounts", "Name,Phone,Toll-free,Website,Background,Rating,Street 1,Zip Code", "fat_free_crm"),
    ],
)
def test_a_table_is_known_by_its_headings(kind: Kind, headings: str, code: str) -> None:
    found = fitting(presets(), headings.split(","), kind)
    assert found is None or found.code == code
    named = next(one for one in presets() if one.code == code)
    assert can_be_read(kind, named.columns_of(headings.split(","), kind))


@pytest.mark.parametrize("preset", presets(), ids=lambda one: one.code)
def test_a_preset_names_who_and_how_he_is_reached(preset: Preset) -> None:
    for kind in KINDS:
        named = preset.columns if kind == "contacts" else preset.companies
        assert not named or can_be_read(kind, tuple(named.values()))


def test_a_column_of_the_other_kind_is_told(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text('name = "Ours"\n[companies]\n"Vorname" = "given"\n')
    with pytest.raises(PresetError, match=r"ours\.toml"):
        read(file)
