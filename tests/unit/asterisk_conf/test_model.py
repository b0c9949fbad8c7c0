"""Settings that contradict themselves do not start an exchange, and say where."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from asterisk_conf.model import Settings

PHONE = {"extension": "101", "name": "Ana", "secret": "secret-101"}
TRUNK = {"name": "provider", "match": ["203.0.113.0/28"], "host": "203.0.113.1"}


def office(**changed: Any) -> dict[str, Any]:
    return {
        "ami": {"users": [{"name": "centralita", "role": "bridge", "secret": "long-secret"}]},
        "phones": [PHONE],
        "trunks": [TRUNK],
        "queues": [{"name": "sales", "members": [{"phone": "101"}]}],
        "dids": [{"number": "957000100", "to": "queue:sales"}, {"number": "957000101", "to": "phone:101"}],
        "outbound": [{"pattern": "_9XXXXXXXX", "trunk": "provider"}],
    } | changed


def test_an_office_is_accepted() -> None:
    settings = Settings.model_validate(office())
    assert settings.phone("101").interface == "PJSIP/agent101"
    assert settings.queues[0].members[0].penalty == 0


def test_an_empty_exchange_is_accepted() -> None:
    assert Settings().ami.port == 5038


def test_an_endpoint_may_be_named() -> None:
    settings = Settings.model_validate(office(phones=[PHONE | {"endpoint": "ana-desk"}]))
    assert settings.phone("101").interface == "PJSIP/ana-desk"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        pytest.param(
            {"phones": [PHONE, PHONE]}, "phones (extension): 101 stands there twice", id="phone twice"
        ),
        pytest.param(
            {"trunks": [TRUNK | {"name": "Agent101"}], "outbound": []},
            "phones and trunks (endpoint): Agent101 stands there twice",
            id="trunk named as a phone",
        ),
        pytest.param(
            {"queues": [{"name": "sales"}, {"name": "Sales"}]},
            "queues: Sales stands there twice",
            id="queue twice",
        ),
        pytest.param(
            {"queues": [{"name": "sales", "members": [{"phone": "101"}, {"phone": "101"}]}]},
            "queues.sales.members: 101 stands there twice",
            id="member twice",
        ),
        pytest.param(
            {"queues": [{"name": "sales", "members": [{"phone": "999"}]}]},
            "queues.sales.members: there is no phone 999",
            id="member without a phone",
        ),
        pytest.param(
            {"queues": [{"name": "sales", "music": "jazz"}]},
            "queues.sales.music: there is no music jazz",
            id="no such music",
        ),
        pytest.param(
            {"queues": [{"name": "General"}], "dids": []},
            "general: Asterisk keeps this name for itself",
            id="queue named general",
        ),
        pytest.param(
            {"dids": [{"number": "957000100", "to": "queue:none"}]},
            "dids.957000100.to: there is no queue none",
            id="number to no queue",
        ),
        pytest.param(
            {"dids": [{"number": "957000100", "to": "phone:999"}]},
            "dids.957000100.to: there is no phone 999",
            id="number to no phone",
        ),
        pytest.param(
            {"dids": [{"number": "957000100", "to": "agi:menu"}]},
            "dids.957000100.to: there is no agi menu without a [fastagi] section",
            id="flow without a service",
        ),
        pytest.param(
            {"fastagi": {}, "dids": [{"number": "957000100", "to": "agi:menu", "person": "queue:nobody"}]},
            "dids.957000100.person: there is no queue nobody",
            id="a person who is not there",
        ),
        pytest.param(
            {"queues": [{"name": "sales", "then": "voicemail:600"}]},
            "queues.sales.then: there is no voicemail 600",
            id="a mailbox that is not there",
        ),
        pytest.param(
            {"rooms": [{"number": "101", "name": "team"}]},
            "phones and rooms (number): 101 stands there twice",
            id="a conference at a phone's number",
        ),
        pytest.param(
            {"dids": [{"number": "957000100", "to": "queue:sales", "person": "queue:sales"}]},
            "dids.957000100.person: goes with agi:FLOW only",
            id="a person without a flow",
        ),
        pytest.param(
            {"outbound": [{"pattern": "_9X", "trunk": "none"}]},
            "outbound._9X.trunk: there is no trunk none",
            id="route to no trunk",
        ),
        pytest.param(
            {"trunks": [{"name": "provider", "match": ["203.0.113.0/28"]}]},
            "outbound._9XXXXXXXX.trunk: provider has no host to call",
            id="route to a trunk that only calls us",
        ),
        pytest.param({"trunks": [{"name": "provider"}]}, "needs match", id="trunk to nowhere"),
        pytest.param({"trunks": [TRUNK | {"user": "me"}]}, "user and secret go together", id="user alone"),
        pytest.param(
            {"trunks": [TRUNK | {"register_there": True}]}, "register_there needs", id="register as nobody"
        ),
        pytest.param({"sip": {"rtp_first": 20000}}, "rtp_last", id="no room for media"),
        pytest.param({"colour": "blue"}, "colour", id="unknown key"),
        pytest.param({"phones": [PHONE | {"secret": "short"}]}, "secret", id="short secret"),
        pytest.param({"phones": ["101"]}, "phones.0", id="a phone that is a text"),
    ],
)
def test_a_fault_is_told(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(office(**changed))
    faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in caught.value.errors()]
    assert told in "\n".join(faults)


def test_all_faults_are_told_at_once() -> None:
    changed = office(phones=[PHONE, PHONE], outbound=[{"pattern": "_9X", "trunk": "none"}])
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(changed)
    assert "twice" in str(caught.value)
    assert "no trunk none" in str(caught.value)


@pytest.mark.parametrize(
    "hostile", ["a\nb", "a b", "a,b", "${EXTEN}", "a)b", "a]b", "", "-a", "ñ", "a;b", "a" * 65]
)
@pytest.mark.parametrize("where", ["queue", "endpoint", "trunk", "user"])
def test_names_that_reach_the_dialplan_hold_nothing_that_means_something_there(
    where: str, hostile: str
) -> None:
    changed = {
        "queue": {"queues": [{"name": hostile}], "dids": []},
        "endpoint": {"phones": [PHONE | {"endpoint": hostile}]},
        "trunk": {"trunks": [TRUNK | {"name": hostile}], "outbound": []},
        "user": {"ami": {"users": [{"name": hostile, "role": "bridge", "secret": "long-secret"}]}},
    }[where]
    with pytest.raises(ValidationError, match="String should"):
        Settings.model_validate(office(**changed))
