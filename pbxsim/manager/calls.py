"""Actions upon calls: hang up, send elsewhere, make one."""

from __future__ import annotations

from pbxsim.manager.action import Action, Asked, Perform, find
from pbxsim.world import phone
from pbxsim.world.exchange import Gone, Moved
from pbxsim.world.originate import Order, originate
from pbxsim.world.wire import clean, headers


def _hangup(asked: Asked) -> str:
    if not asked.get("channel"):
        return asked.refused("No channel specified")
    channel = find(asked.world, asked.get("channel"))
    if channel is None:
        return asked.refused("No such channel")
    cause = asked.get("cause")
    if channel.thread is not None:
        asked.world.post(channel.thread, Gone(channel, headers(Cause=int(cause) if cause.isdigit() else 16)))
    return asked.done("Channel Hungup")


def _redirect(asked: Asked) -> str:
    name = asked.get("channel")
    if not name:
        return asked.refused("Channel not specified")
    channel = find(asked.world, name)
    if channel is None or channel.thread is None:
        return asked.refused(f"Channel does not exist: {name}")
    priority = asked.get("priority", "1")
    asked.world.post(
        channel.thread,
        Moved(
            channel,
            asked.get("context"),
            asked.get("exten"),
            int(priority) if priority.isdigit() else 1,
        ),
    )
    return asked.done("Redirect successful")


def _blind_transfer(asked: Asked) -> str:
    if not asked.get("channel"):
        return asked.refused("No channel specified")
    if not asked.get("exten"):
        return asked.refused("No extension specified")
    channel = find(asked.world, asked.get("channel"))
    if channel is None:
        return asked.refused("Channel specified does not exist")
    context = asked.get("context") or channel.context
    if not phone.transfer(asked.world, channel, context, asked.get("exten")):
        return asked.refused("Transfer failed")
    return asked.done("Transfer succeeded")


def _originate(asked: Asked) -> str:
    fault = _fault_of_order(asked)
    if fault:
        return asked.refused(fault)
    timeout = asked.get("timeout", "30000")
    order = Order(
        dial=asked.get("channel"),
        context=asked.get("context"),
        exten=asked.get("exten"),
        priority=int(asked.get("priority")) if asked.get("priority").isdigit() else 1,
        application=asked.get("application"),
        arguments=asked.get("data"),
        caller_id=clean(asked.get("callerid")),
        timeout=int(timeout) / 1000 if timeout.isdigit() else 30.0,
        variables=asked.variables,
        action_id=asked.get("actionid"),
    )
    if asked.get("async").lower() in {"true", "yes", "1", "on"}:
        originate(asked.world, order)
        return asked.done("Originate successfully queued")

    def done(answered: bool) -> None:  # noqa: FBT001
        text = asked.done("Originate successful") if answered else asked.refused("Originate failed")
        asked.session.later(text)

    asked.session.waits = True
    originate(asked.world, order, done)
    return ""


def _fault_of_order(action: Action) -> str:
    if not action.get("channel"):
        return "Channel not specified"
    if "/" not in action.get("channel"):
        return "Invalid channel"
    if not action.get("application") and not (action.get("context") and action.get("priority")):
        return "Originate with 'Exten' requires 'Context' and 'Priority'"
    return ""


ACTIONS: dict[str, Perform] = {
    "hangup": _hangup,
    "redirect": _redirect,
    "blindtransfer": _blind_transfer,
    "originate": _originate,
}
