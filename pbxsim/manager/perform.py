"""Whatever a logged-in session asks for is done here, if it may."""

from __future__ import annotations

from pbxsim.manager import calls, core, listings, queues
from pbxsim.manager.action import Action, Asked, Perform
from pbxsim.manager.session import Session, commands, may
from pbxsim.world.exchange import Exchange

ACTIONS: dict[str, Perform] = {**core.ACTIONS, **calls.ACTIONS, **queues.ACTIONS, **listings.ACTIONS}


def perform(world: Exchange, session: Session, action: Action) -> str:
    """Do what a logged-in session asks for and return the reply; events come by themselves."""
    known = commands().get(action.name)
    do = ACTIONS.get(action.name)
    if known is None or do is None:
        name = action.get("action")
        return action.refused(
            f"Invalid/unknown command: {name}. Use Action: ListCommands to show available commands."
        )
    if not may(session, known[1]):
        return action.refused("Permission denied")
    fields = (action.headers, action.variables, action.order)
    return do(Asked(*fields, world=world, session=session))
