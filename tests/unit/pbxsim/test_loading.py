"""A configuration from JSON: whole, or an error that names the place."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from pbxsim.config import Agi, Config, Did, Load, Manner, Phone, Queue, Route, Spread, User
from pbxsim.loading import ConfigError, config

WHOLE = Config(
    users=(User(name="u", secret="s"),),
    phones=(Phone(extension="101", name="Ana", manners=((0.5, Manner(takes="busy")), (0.5, Manner()))),),
    queues=(Queue(name="sales", members=("101",), penalties=(2,), join_empty=False),),
    dids=(Did(number="5551", to="queue:sales"),),
    routes=(Route(prefix="6", trunk="line"),),
    agi=Agi(host="127.0.0.1", port=4573),
    load=Load(
        per_second=2, callers=(("957212000", "Zoë"),), dids=((1.0, "5551"),), talk=Spread(1.0, 2.0, 1.5)
    ),
)


def test_every_field_comes_through_json() -> None:
    assert config(json.loads(json.dumps(dataclasses.asdict(WHOLE)))) == WHOLE


def test_what_is_left_out_has_its_default() -> None:
    assert config({"users": []}) == Config(users=())


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ([], "config: [] is not a table"),
        ({}, "config: Config.__init__() missing 1 required keyword-only argument: 'users'"),
        ({"users": [], "colour": 1}, "config: unknown key 'colour'"),
        ({"users": {}}, "config.users: {} is not a list"),
        ({"users": [{"name": 1}]}, "config.users[0].name: 1 is not fit"),
        ({"users": [], "port": True}, "config.port: True is not fit"),
        ({"users": [], "port": "5038"}, "config.port: '5038' is not fit"),
        ({"users": [], "verbosity": "some"}, "config.verbosity: 'some' is not fit"),
        (
            {"users": [], "queues": [{"name": "q", "timeout": True}]},
            "config.queues[0].timeout: True is not fit",
        ),
        (
            {"users": [], "phones": [{"extension": "1", "manners": [[1.0]]}]},
            "manners[0]: 2 values are wanted",
        ),
        ({"users": [], "load": {"per_second": 1, "callers": [["1"]], "dids": []}}, "callers[0]: 2 values"),
    ],
)
def test_a_fault_names_its_place(tree: Any, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tree)
    assert told in str(caught.value)
