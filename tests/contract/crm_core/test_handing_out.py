"""What is kept of a person is handed out whole, and only what is his."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pytest
from contract.crm_core.kit import NOW, House, a_call, a_contact, at
from contract.crm_core.planted import NUMBER, house_with_zoraida

from crm_core.domain.calls import Call, Recording
from crm_core.domain.consents import Consent
from crm_core.domain.errors import NotFoundError
from crm_core.services import audit, consents, handing_out, incident_notes
from crm_core.services.handing_out import PersonFile, RecordingKept
from crm_core.services.person_zip import person_zip

WHO = {"by": "u-eva", "address": "192.0.2.1"}


async def handed_out(house: House, contact_id: str = "zq") -> PersonFile:
    await house.db.run(handing_out.note, contact_id=contact_id, now=at(60), **WHO)
    found: PersonFile = await house.db.read(handing_out.gather, contact_id=contact_id, now=at(60))
    return found


async def test_all_that_is_hers(house: House) -> None:
    hers: Call = await house_with_zoraida(house)
    sound = Recording(id="r1", at=at(5), until=at(25), path="/var/spool/a.wav")
    more = {"customer": NUMBER, "contact_id": "zq", "recordings": [sound]}
    await house.record(*(a_call(400 + n, **more) for n in range(2)))
    said = Consent(
        id="s1",
        contact_id="zq",
        purpose="marketing",
        channel="call",
        basis="consent",
        status="given",
        source="by telephone",
        at=NOW,
        noted_at=NOW,
    )
    await house.db.run(consents.note, consent=said, now=NOW)

    found = await handed_out(house)
    assert found.contact.given == "Zoraida"
    assert len(found.calls) == 3
    assert hers.id in {one.id for one in found.calls}
    assert found.recordings[0] == RecordingKept(
        call=found.calls[0].id, at=at(5), until=at(25), path="/var/spool/a.wav"
    )
    assert [one.incident.subject for one in found.incidents] == ["planted"]
    assert found.consents == (said,)
    (deed,) = await house.db.read(audit.last, limit=1)
    assert (deed.what, deed.kind, deed.record_id, deed.who) == ("handed out", "contact", "zq", "u-eva")


async def test_pages_of_history_are_all_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.add(a_contact("zq", numbers=["957212345"]))
    await house.record(*(a_call(n, customer=NUMBER, contact_id="zq") for n in range(7)))
    monkeypatch.setattr(handing_out, "AT_ONCE", 2)
    assert len({one.id for one in (await handed_out(house)).calls}) == 7


async def test_all_that_was_written_about_an_incident(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.add(a_contact("zq"))
    incident = await house.incident(contact_id="zq")
    for n in range(5):
        words = {"text": str(n), "is_public": False, "by": "u-ana", "now": at(n)}
        await house.db.run(incident_notes.write, incident_id=incident.id, **words)
    monkeypatch.setattr(handing_out, "AT_ONCE", 2)
    (file,) = (await handed_out(house)).incidents
    assert sorted(one.text for one in file.entries) == ["0", "1", "2", "3", "4"]


async def test_calls_that_may_be_somebody_elses_are_left_out(house: House) -> None:
    await house.add(a_contact("zq", "Zoraida", numbers=["957212345"]))
    await house.add(a_contact("son", "Teo", numbers=["957212345"]))
    await house.record(a_call(0, customer=NUMBER))
    assert (await handed_out(house)).calls == ()


async def test_one_file(house: House) -> None:
    await house_with_zoraida(house)
    found = await handed_out(house)
    raw = person_zip(found)
    assert raw == person_zip(found)
    with zipfile.ZipFile(BytesIO(raw)) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == ["person.json", "contact.vcf"]
        whole = json.loads(packed.read("person.json"))
        assert whole["contact"]["family"] == "Quintanilla"
        assert whole["calls"][0]["ani_name"] == "ZQ CALLERID"
        assert packed.read("contact.vcf").startswith(b"BEGIN:VCARD\r\nVERSION:4.0\r\n")


async def test_nobody(house: House) -> None:
    with pytest.raises(NotFoundError):
        await handed_out(house, "nobody")
