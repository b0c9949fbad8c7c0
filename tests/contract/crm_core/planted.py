"""Somebody who stands everywhere in the records, with others beside her; and where she is found in files."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from contract.crm_core.kit import NOW, REGION, House, a_call, a_contact, at

from crm_core.domain.calls import Attempt, Call, Candidate, Match, Segment
from crm_core.domain.dial_gate import Rules
from crm_core.domain.interactions import Interaction
from crm_core.domain.list_rows import read_list
from crm_core.domain.traces import Steps
from crm_core.services import calls, campaigns, interactions

NUMBER, RAW = "+34957212345", "957 212 345"
SECRETS = ("957212345", "957 212 345", "Zoraida", "Quintanilla", "zoraida@example", "ZQ CALLERID", "planted")


async def house_with_zoraida(house: House) -> Call:
    """Plant her everywhere, with somebody else beside her."""
    await house.add(
        a_contact(
            "zq", "Zoraida", "Quintanilla", numbers=[RAW], emails=["zoraida@example.org"], note="planted note"
        )
    )
    await house.add(a_contact("ana", "Ana", "Ruiz", numbers=["957212000"]))
    hers = a_call(0, customer=NUMBER, contact_id="zq", ani_raw="957212345", ani_name="ZQ CALLERID")
    hers.match = Match(
        kind="exact", candidates=(Candidate(contact_id="zq", account_id=None, kind="exact", why="957212345"),)
    )
    hers.attempts = [
        Attempt(interface="SIP/957212345@out", started_at=NOW, result="no_answer", to="957212345")
    ]
    hers.segments.append(Segment(kind="talk", party=f"tel:{NUMBER}", at=NOW, until=at(25)))
    other = a_call(100, customer="+34957212000", contact_id="ana", ani_name="ANA")
    steps = Steps(
        call_id=hers.id, at=NOW, steps=[(NOW, "Newchannel", {"num": "957212345", "name": "ZQ CALLERID"})]
    )
    stray = Steps(call_id=other.id, at=NOW, steps=[(NOW, "Transfer", {"to": "0034957212345", "ext": "100"})])
    await house.record(hers, other, a_call(200, customer=None, outcome="abandoned"), events=[steps, stray])
    await house.db.run(
        calls.save_work, call_id=hers.id, agent="101", notes="planted work", disposition="sold", now=at(30)
    )
    await house.incident("k1", call_id=hers.id, contact_id="zq", subject="planted", description="planted")
    said = Interaction(id="zq-i", channel="note", body="planted", contact_id="zq", at=NOW, created_at=NOW)
    await house.db.run(interactions.add, made=said, by="eva", now=NOW)
    campaign = await house.db.run(
        campaigns.create, name="Autumn", region=REGION, rules=Rules(), by="eva", now=NOW
    )
    rows = b"name;phone;city\nZoraida Quintanilla;957212345;planted\nAna;957212000;x\n"
    listed = read_list(rows, region=REGION)
    await house.db.run(campaigns.load, campaign_id=campaign.id, found=listed, by="eva", now=NOW)
    return hers


def texts_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give every file, and what is packed in it as far as it can be unpacked."""
    for file in folder.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            yield file.name, raw
            for start in (n for n in range(len(raw)) if raw[n : n + 2] in {b"x\x01", b"x\x9c"}):
                try:
                    yield f"{file.name}@{start}", zlib.decompressobj().decompress(raw[start:], 1 << 20)
                except zlib.error:
                    continue
            if raw[:2] == b"\x1f\x8b":
                yield file.name, gzip.decompress(raw)


def found_in(folder: Path) -> list[tuple[str, str]]:
    return [
        (name, secret)
        for name, text in texts_in(folder)
        for secret in SECRETS
        if secret.lower().encode() in text.lower()
    ]
