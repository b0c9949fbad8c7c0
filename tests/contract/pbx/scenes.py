"""The lab's scenarios once more, played on the simulated exchange: same names, same people, same seconds."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from pbxsim.config import Config, Did, Manner, Phone, Queue, Route, exactly
from pbxsim.world.callers import call_from, call_in
from pbxsim.world.exchange import Exchange
from pbxsim.world.originate import Order, originate

CUSTOMER = "957212000"
REGISTERED_S, CALL_S, LONG_ENOUGH_S = 0.01, 0.13, 60.0

NEVER = Manner(takes="ignores")


def answers(after: float = 1.0, hang_up_after: float | None = None) -> Manner:
    return Manner(
        after=exactly(after), hang_up_after=None if hang_up_after is None else exactly(hang_up_after)
    )


def busy(after: float = 0.0) -> Manner:
    return Manner(takes="busy", after=exactly(after))


def rejects(after: float) -> Manner:
    return Manner(takes="rejects", after=exactly(after))


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Phones that are there and how they take calls; who is called outside; what happens after how long."""

    phones: dict[str, Manner] = field(default_factory=dict)
    outside: Manner = NEVER
    calls: tuple[tuple[float, Callable[[Exchange], object]], ...] = ()


def inbound(to: str, *, hang_up_after: float | None = None, number: str = CUSTOMER, name: str = "") -> Scene:
    return Scene(
        calls=(
            (0.0, lambda world: call_in(world, to=to, number=number, name=name, hang_up_after=hang_up_after)),
        )
    )


def queue(
    *phones: Manner, did: str = "5551001", first: int = 101, hang_up_after: float | None = None, **who: str
) -> Scene:
    call = inbound(did, hang_up_after=hang_up_after, **who)
    return Scene(phones={str(first + place): how for place, how in enumerate(phones)}, calls=call.calls)


def direct(how: Manner, *, to: str = "101", give_up_after: float | None = None) -> Scene:
    call = inbound(f"5552{to}", hang_up_after=give_up_after)
    return Scene(phones={to: how}, calls=call.calls)


def internal(how: Manner) -> Scene:
    return Scene(
        phones={"101": how}, calls=((0.0, lambda world: call_from(world, world.phones["102"], "101")),)
    )


def click(agent: Manner, outside: Manner) -> Scene:
    order = Order(
        dial="PJSIP/agent101", context="from-agents", exten="600001123", caller_id="600001123", timeout=4.0,
        action_id="lab-4",
    )  # fmt: skip
    return Scene(
        phones={"101": agent}, outside=outside, calls=((0.0, lambda world: originate(world, order)),)
    )


def _two(first: Scene, second: Scene, *, later: float) -> Scene:
    return Scene(phones=first.phones, calls=(*first.calls, *((later, do) for _, do in second.calls)))


HELD = Manner(after=exactly(1.0), hold_after=exactly(1.5), hold_for=exactly(2.0), hang_up_after=exactly(1.5))
HELD_ON = Manner(after=exactly(1.0), hold_after=exactly(1.0), hold_for=exactly(30.0))
GIVES = Manner(after=exactly(1.0), transfer_after=exactly(1.5), transfer_to="138")
SECOND = answers(1.0, 1.5)
SCENES = {
    "answered_caller_hangs_up": queue(answers(1.5), name="Zoë García", hang_up_after=6.0),
    "answered_agent_hangs_up": queue(answers(1.0, 2.0)),
    "answered_hung_up_at_once": queue(answers(1.0), hang_up_after=1.7),
    "answered_hostile_name": queue(answers(1.0, 1.0)),
    "answered_name_with_apostrophe": queue(answers(1.0, 1.0), name="Mary O'Brien?"),
    "answered_withheld_number": queue(answers(1.0, 1.0), number="anonymous", name="Anonymous"),
    "abandoned_before_ringing": queue(hang_up_after=2.5),
    "abandoned_while_ringing": queue(NEVER, hang_up_after=2.5),
    "abandoned_after_ringing": queue(busy(1.0), hang_up_after=1.8),
    "no_answer_then_second_agent": queue(NEVER, SECOND, did="5551013", first=137),
    "busy_then_second_agent": queue(busy(), SECOND, did="5551013", first=137),
    "rejected_then_second_agent": queue(rejects(0.8), SECOND, did="5551013", first=137),
    "ringall_two_lose": queue(NEVER, answers(1.5, 2.0), NEVER, did="5551009", first=125),
    "ringall_abandoned": queue(NEVER, NEVER, did="5551009", first=125, hang_up_after=2.5),
    "queue_timeout": queue(NEVER, did="5551015", first=143),
    "queue_timeout_nobody_there": queue(did="5551015"),
    "queue_refused_full": _two(
        queue(did="5551019", hang_up_after=4.0), queue(did="5551019", number="600123456"), later=1.5
    ),
    "two_callers_one_agent": _two(queue(answers(1.0, 2.0)), queue(number="600123456"), later=1.0),
    "direct_answered": direct(answers(1.5, 2.0)),
    "direct_busy": direct(busy()),
    "direct_rejected": direct(rejects(1.0)),
    "direct_abandoned": direct(NEVER, give_up_after=2.0),
    "direct_no_answer": direct(NEVER, to="103"),
    "internal_answered": internal(answers(1.0, 2.0)),
    "internal_busy": internal(busy()),
    "click_answered": click(answers(1.0), answers(1.5, 2.0)),
    "click_answered_agent_hangs_up": click(answers(1.0, 4.0), answers(1.0)),
    "click_agent_no_answer": click(NEVER, NEVER),
    "click_agent_busy": click(busy(), NEVER),
    "click_customer_busy": click(answers(1.0), busy(1.0)),
    "click_customer_no_answer": click(answers(1.0), NEVER),
    "click_customer_failed": click(answers(1.0), Manner(takes="fails", after=exactly(0.0))),
    "held_and_taken_back": queue(HELD),
    "held_until_the_caller_left": queue(HELD_ON, hang_up_after=5.0),
    "blind_transfer": queue(GIVES, answers(1.0, 2.0), did="5551013", first=137),
}


def config(outside: Manner) -> Config:
    """The lab's exchange, as far as the scenes use it; every phone is away until it registers."""
    extensions = ["101", "102", "103", "125", "126", "127", "137", "138", "139", "143", "144", "155"]
    return Config(
        users=(),
        phones=tuple(Phone(extension=each, registered=False) for each in extensions),
        queues=(
            Queue(name="q01", members=("101", "102", "103"), timeout=4, max_wait=60),
            Queue(name="q09", members=("125", "126", "127"), strategy="ringall", timeout=8, max_wait=60),
            Queue(name="q13", members=("137", "138", "139"), strategy="linear", timeout=4, max_wait=60),
            Queue(name="q15", members=("143", "144"), timeout=4, max_wait=3),
            Queue(name="q19", members=("155",), strategy="leastrecent", max_callers=1, max_wait=60),
        ),
        dids=(
            *(
                Did(number=f"55510{each[1:]}", to=f"queue:{each}")
                for each in ("q01", "q09", "q13", "q15", "q19")
            ),
            *(Did(number=f"5552{each}", to=f"phone:{each}", ring_for=3.0) for each in extensions),
        ),
        routes=(
            Route(
                prefix="600001",
                trunk="line01",
                caller_id="957000100",
                ring_for=5.0,
                manners=((1.0, outside),),
            ),
        ),
    )


def play(scene: Scene, *, seed: int) -> bytes:
    """Return what the simulated exchange said while the scene was played."""
    world = Exchange(config(scene.outside), chance=random.Random(seed), now=1_795_536_373.5)
    for extension, how in scene.phones.items():
        device = world.phones[extension]
        device.manners = ((1.0, how),)
        world.after(REGISTERED_S, lambda each=device: world.register(each, present=True))
        world.after(LONG_ENOUGH_S, lambda each=device: world.register(each, present=False))
    for at, do in scene.calls:
        world.after(CALL_S + at, do, world)
    world.run(world.now + LONG_ENOUGH_S + 1)
    assert not world.channels
    return "".join(event.text for event in world.take_events()).encode()
