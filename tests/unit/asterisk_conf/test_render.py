"""The files say what the settings say, in the same words each time, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from asterisk_conf.model import Settings
from asterisk_conf.render import render

OFFICE: dict[str, Any] = {
    "language": "es",
    "ami": {
        "users": [
            {
                "name": "centralita",
                "role": "bridge",
                "secret": "secret;one",
                "permit": ["127.0.0.1/32", "10.0.0.0/8"],
            },
            {"name": "board", "role": "observer", "secret": "secret-two"},
            {"name": "capture", "role": "recorder", "secret": "secret-three"},
        ],
    },
    "fastagi": {"host": "agi.example.org", "port": 4573, "patience_s": 0.3},
    "phones": [
        {"extension": "101", "name": 'Ana "La" García, hija', "secret": "secret-101"},
        {"extension": "102", "name": "Luis", "secret": "secret-102", "language": "en", "pickup_group": 3},
    ],
    "trunks": [
        {"name": "in", "match": ["203.0.113.0/28"]},
        {
            "name": "out",
            "host": "sip.example.org",
            "user": "u1",
            "secret": "secret-out",
            "register_there": True,
        },
    ],
    "queues": [
        {
            "name": "sales",
            "then": "voicemail:600",
            "strategy": "ringall",
            "announce": "queue-thankyou",
            "announce_position": True,
            "members": [{"phone": "101", "penalty": 2}],
        },
        {"name": "support", "then": "queue:sales"},
        {"name": "night", "then": "phone:101"},
    ],
    "mailboxes": [{"box": "600", "name": "Ventas, Sevilla", "pin": "4711"}],
    "rooms": [{"number": "800", "name": "team"}],
    "parking": {"number": "900", "spaces": 5, "timeout_s": 60},
    "features": {"pickup": "*7"},
    "dids": [
        {"number": "957000100", "to": "queue:sales", "language": "en"},
        {"number": "957000101", "to": "phone:101", "ring_for": 20},
        {"number": "957000102", "to": "agi:menu", "person": "queue:sales"},
    ],
    "outbound": [
        {"pattern": "_0XXXXXXXXX", "trunk": "out", "strip": 1, "prepend": "+34", "caller_id": "957000100"},
        {"pattern": "112", "trunk": "out"},
    ],
    "load_also": ["app_followme.so"],
}


def office(**changed: Any) -> dict[str, str]:
    return render(Settings.model_validate(OFFICE | changed))


@pytest.mark.parametrize(
    ("file", "lines"),
    [
        pytest.param(
            "manager.conf",
            [
                "[centralita]",
                r"secret = secret\;one",
                "permit = 127.0.0.1/255.255.255.255",
                "permit = 10.0.0.0/255.0.0.0",
                "read = system,call,agent,user",
                "write = call,agent,user,originate,reporting",
                "timestampevents = yes",
            ],
            id="least rights",
        ),
        pytest.param("manager.conf", ["[board]", "write = reporting"], id="an observer only asks"),
        pytest.param("manager.conf", ["[capture]", "read = all"], id="a recorder hears all"),
        pytest.param(
            "queues.conf",
            [
                "[sales]",
                "strategy = ringall",
                "announce = queue-thankyou",
                "announce-position = yes",
                r"member => PJSIP/agent101,2,Ana \"La\" García\, hija,PJSIP/agent101",
            ],
            id="a queue",
        ),
        pytest.param(
            "pjsip.conf",
            [
                r'callerid = "Ana \"La\" García, hija" <101>',
                "match = 203.0.113.0/28",
                "contact = sip:sip.example.org:5060",
                "client_uri = sip:u1@sip.example.org:5060",
                "context = from-agents",
                "context = from-trunk",
                "language = en",
                "language = es",
            ],
            id="phones and trunks",
        ),
        pytest.param(
            "extensions.conf",
            [
                "exten => 957000100,1,Set(CENTRALITA_DID=957000100)",
                " same => n,Set(CHANNEL(language)=en)",
                " same => n,Gosub(centralita-route,s,1)",
                " same => n,Dial(PJSIP/agent101,20,t)",
                " same => n,Gosub(centralita-flow,s,1(menu))",
                " same => n(over),Hangup()",
                " same => n,AGI(agi://agi.example.org:4573/${ARG1},${CHANNEL(linkedid)},${CENTRALITA_DID})",
                " same => n,Set(TIMEOUT(absolute)=0.3)",
                " same => n,Queue(sales,t,,,600)",
                "exten => 101,hint,PJSIP/agent101",
                (
                    'exten => _0XXXXXXXXX,1,Set(CALLERID(all)=${IF($["${CENTRALITA_CALLER_ID}" = ""]'
                    "?957000100:${CENTRALITA_CALLER_ID})})"
                ),
                " same => n,Dial(PJSIP/+34${FILTER(0-9+*#,${EXTEN:1})}@out,60,T)",
                " same => n,Dial(PJSIP/${FILTER(0-9+*#,${EXTEN})}@out,60,T)",
            ],
            id="the dialplan",
        ),
        pytest.param(
            "modules.conf", ["autoload = no", "load = app_followme.so", "load = app_queue.so"], id="modules"
        ),
        pytest.param("modules.conf", ["load = app_voicemail.so"], id="a mailbox loads what it needs"),
        pytest.param("voicemail.conf", [r"600 => 4711,Ventas\, Sevilla"], id="a mailbox"),
        pytest.param(
            "extensions.conf",
            [
                " same => n,Gosub(centralita-voicemail,s,1(600))",
                " same => n,VoiceMail(${ARG1}@default,su)",
                " same => n,Goto(centralita-queue,sales,1)",
                " same => n,Dial(PJSIP/agent101,30,t)",
            ],
            id="where who waited too long goes",
        ),
        pytest.param("extensions.conf", ["exten => 800,1,ConfBridge(team)"], id="a conference"),
        pytest.param(
            "res_parking.conf",
            ["parkext = 900", "parkpos = 901-905", "parkingtime = 60"],
            id="parking",
        ),
        pytest.param(
            "features.conf", ["pickupexten = *7", "atxfer = *2", "blindxfer = *3"], id="codes in a call"
        ),
        pytest.param("pjsip.conf", ["call_group = 3", "pickup_group = 3"], id="who takes whose calls"),
        pytest.param("cel.conf", ["enable = yes", "events = ALL"], id="events kept for later"),
    ],
)
def test_a_file_has_these_lines(file: str, lines: list[str]) -> None:
    text = office()[file].split("\n")
    assert [line for line in lines if line not in text] == []


def test_the_same_settings_give_the_same_text() -> None:
    assert office() == office()


def test_without_a_service_nobody_is_asked() -> None:
    files = office(fastagi=None, dids=[{"number": "957000100", "to": "queue:sales"}])
    assert "agi://" not in files["extensions.conf"]
    assert "centralita-route" not in files["extensions.conf"]


def test_trunk_callers_cannot_dial_out() -> None:
    sections = office()["extensions.conf"].split("\n[")
    (trunk,) = (section for section in sections if section.startswith("from-trunk]"))
    assert "include" not in trunk
    assert "@out" not in trunk


def test_tls_stands_beside_the_plain_port() -> None:
    tls = {"port": 5039, "certificate": "/etc/asterisk/ami.pem", "key": "/etc/asterisk/ami.key"}
    text = office(ami={"tls": tls})["manager.conf"]
    assert "tlsbindaddr = 127.0.0.1:5039\n" in text
    assert "tlsenable" not in office(ami={})["manager.conf"]


def test_media_stays_where_it_is_told_to() -> None:
    assert "media_address = 192.0.2.1\n" in office(sip={"media_address": "192.0.2.1"})["pjsip.conf"]


def test_who_is_joined_after_the_longest_hold_is_fetched_from_his_place_alone() -> None:
    """And is not sent back into it: option x ends who was fetched, when the other goes."""
    _, _, told = office(longest_hold_s=90)["extensions.conf"].partition("-silence,1,Wait(90)\n")
    lines = [line.partition("n,")[2] for line in told.splitlines() if line.startswith(" same")]
    joins = lines.index("Bridge(${CENTRALITA_HELD},x)")
    assert lines[joins - 3 : joins] == [
        'GotoIf($["${CENTRALITA_HELD}" = ""]?over,1)',
        'GotoIf($["${IMPORT(${CENTRALITA_HELD},EXTEN):0:15}" != "centralita-held"]?over,1)',
        'GotoIf($["${IMPORT(${CENTRALITA_HELD},BRIDGEPEER)}" != ""]?over,1)',
    ]


def shape(files: dict[str, str]) -> dict[str, list[str]]:
    """Return what each line is about: its section header, or its key."""
    return {
        name: [line.partition("=")[0] for line in text.splitlines() if not line.startswith(";")]
        for name, text in files.items()
    }


@given(name=st.text(min_size=1, max_size=64), secret=st.text(min_size=8, max_size=128))
def test_no_text_adds_or_hides_a_line(name: str, secret: str) -> None:
    phone = {"extension": "101", "name": name, "secret": secret}
    try:
        files = office(phones=[phone, OFFICE["phones"][1]])
    except ValidationError:
        return
    assert shape(files) == shape(office())
