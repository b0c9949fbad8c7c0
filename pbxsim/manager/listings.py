"""Actions that ask for lists: legs, bridges, phones, states."""

from __future__ import annotations

from pbxsim.manager import items
from pbxsim.manager.action import HERE, Asked, Perform, find
from pbxsim.world.wire import headers


def _core_show_channels(asked: Asked) -> str:
    return asked.listing("Channels will follow", items.channels(asked.world), last="CoreShowChannelsComplete")


def _status(asked: Asked) -> str:
    if asked.get("channel"):
        channel = find(asked.world, asked.get("channel"))
        if channel is None:
            return asked.refused("No such channel")
        found = [items.status(asked.world, channel)]
    else:
        found = [items.status(asked.world, each) for each in asked.world.channels.values()]
    more = headers(Items=len(found))
    return asked.listing("Channel status will follow", found, last="StatusComplete", more=more)


def _bridge_list(asked: Asked) -> str:
    return asked.listing("Bridge listing will follow", items.bridges(asked.world), last="BridgeListComplete")


def _bridge_info(asked: Asked) -> str:
    if not asked.get("bridgeuniqueid"):
        return asked.refused("BridgeUniqueid must be provided")
    bridge = asked.world.bridges.get(asked.get("bridgeuniqueid"))
    if bridge is None:
        return asked.refused("Specified BridgeUniqueid not found")
    found = [f"Event: BridgeInfoChannel\r\n{HERE}{each.told}" for each in bridge.channels]
    return asked.listing(
        "Bridge channel listing will follow", found, last="BridgeInfoComplete", more=bridge.told
    )


def _parked_calls(asked: Asked) -> str:
    return asked.listing("Parked calls will follow", [], last="ParkedCallsComplete", more=headers(Total=0))


def _confbridge_list_rooms(asked: Asked) -> str:
    return asked.refused("No active conferences.")


def _pjsip_show_endpoints(asked: Asked) -> str:
    message = "A listing of Endpoints follows, presented as EndpointList events"
    return asked.listing(message, items.endpoints(asked.world), last="EndpointListComplete")


def _pjsip_show_contacts(asked: Asked) -> str:
    found = list(items.contacts(asked.world))
    if not found:
        return asked.refused("No Contacts found\n")
    message = "A listing of Contacts follows, presented as ContactList events"
    return asked.listing(message, found, last="ContactListComplete")


def _device_state_list(asked: Asked) -> str:
    message = "Device State Changes will follow"
    return asked.listing(message, items.device_states(asked.world), last="DeviceStateListComplete")


def _extension_state_list(asked: Asked) -> str:
    message = "Extension Statuses will follow"
    return asked.listing(message, items.extension_states(asked.world), last="ExtensionStateListComplete")


ACTIONS: dict[str, Perform] = {
    "coreshowchannels": _core_show_channels,
    "status": _status,
    "bridgelist": _bridge_list,
    "bridgeinfo": _bridge_info,
    "parkedcalls": _parked_calls,
    "confbridgelistrooms": _confbridge_list_rooms,
    "pjsipshowendpoints": _pjsip_show_endpoints,
    "pjsipshowcontacts": _pjsip_show_contacts,
    "devicestatelist": _device_state_list,
    "extensionstatelist": _extension_state_list,
}
