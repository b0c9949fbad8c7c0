"""The flow ``menu``: a caller serves himself by keys, or asks for a person.

    AGI(agi://host/menu,${CHANNEL(linkedid)},${DID})

``agi_scripts.menus`` decides; here it is played and carried out. ``CENTRALITA_LANGUAGE`` says which language
is known already. Afterwards ``CENTRALITA_NEXT`` is ``hangup`` when nothing is left to do for the caller;
whatever else happens, this flow's failure included, the dialplan sends him to a person. The bridge is told
when he enters the menu and when he was served there: who hangs up between the two was lost.
"""

from __future__ import annotations

import structlog

from agi_scripts.ivr.route import did_of
from agi_scripts.menus import (
    Ask,
    Away,
    Digits,
    End,
    Found,
    Heard,
    Keep,
    Kept,
    Look,
    Number,
    Pressed,
    Prompt,
    Sound,
    Turn,
    advance,
    begin,
)
from agi_scripts.ports import AgiError, Line, LineLostError, Reception, SoundMissingError
from agi_scripts.prompts import FOLDER, Language
from agi_scripts.protocol import Reply

log = structlog.get_logger(__name__)
KEYS, NO_KEY, LAST_KEY = "0123456789*#", "", "#"
FIRST_KEY_MS, NEXT_KEY_MS = 6_000, 4_000
LONGEST_SOUND_S, MARGIN_S = 60.0, 5.0


class SelfService:
    """A ``Flow``; *default* is the language of who chose none."""

    def __init__(self, reception: Reception, *, default: Language) -> None:
        self._reception, self._default = reception, default

    async def __call__(self, line: Line) -> None:
        """Serve the caller until he is served, wants a person, or is gone."""
        await line.tell({"Kind": "menu_entered"})
        caller = self._reception.caller(line.request.known("callerid"))
        language = (await line.command("GET VARIABLE", "CENTRALITA_LANGUAGE")).value
        turn, spoken = begin(caller, language=language, default=self._default), None
        while True:
            if turn.state.language != spoken:
                spoken = turn.state.language
                await _speak(line, spoken)
            if isinstance(turn.step, End):
                break
            heard = await self._carry_out(line, turn.step)
            turn = advance(caller, turn.state, heard, now=self._reception.now())
        await _finish(line, turn, turn.step)

    async def _carry_out(self, line: Line, step: Ask | Look | Keep) -> Heard:
        if isinstance(step, Ask):
            return Pressed(await keys_pressed(line, step))
        try:
            return await (self._look(line, step) if isinstance(step, Look) else self._keep(line, step))
        except AgiError:
            raise
        except Exception:  # the caller gets a person instead
            log.exception("the menu could not ask the records")
            return Away()

    async def _look(self, line: Line, step: Look) -> Heard:
        found = await self._reception.incidents(line.request.known("callerid"), typed=step.typed)
        if found.contact and step.typed is not None:
            await line.tell({"Kind": "menu", "Match": "ivr_id", "Contact": found.contact})
        if isinstance(found.heard, Found):
            await line.tell({"Kind": "menu_served"})
        return found.heard

    async def _keep(self, line: Line, step: Keep) -> Heard:
        request = line.request
        linkedid = request.args[0] if request.args else request.known("uniqueid")
        await self._reception.keep_callback(step.number, linkedid=linkedid, did=did_of(request))
        await line.tell({"Kind": "menu_served"})
        return Kept()


async def _speak(line: Line, language: Language) -> None:
    """Let all that is said to the caller, by the queue as well, be in *language*."""
    await line.set_variable("CHANNEL(language)", language)
    await line.set_variable("CENTRALITA_LANGUAGE", language)


async def _finish(line: Line, turn: Turn, step: End) -> None:
    if step.to == "nobody":
        await line.set_variable("CENTRALITA_NEXT", "hangup")
    for prompt in step.prompts:
        await say(line, prompt, until=NO_KEY)
    log.info("the menu ended", at=turn.state.place, to=step.to)


async def keys_pressed(line: Line, step: Ask) -> str:
    """Play the question and return the keys, without the ``#`` that ends them; "" when none came in time."""
    pressed = await _interrupted(line, step) or await _wait(line, FIRST_KEY_MS)
    if step.most == 1:
        return pressed
    keys = ""
    while pressed not in (NO_KEY, LAST_KEY):
        keys += pressed
        if len(keys) >= step.most:
            break
        pressed = await _wait(line, NEXT_KEY_MS)
    return keys


async def _interrupted(line: Line, step: Ask) -> str:
    """Play the prompts; return the key that cut them short, "" when all were heard."""
    for prompt in step.prompts:
        if key := await say(line, prompt, until=KEYS):
            return key
    return NO_KEY


async def say(line: Line, prompt: Prompt, *, until: str) -> str:
    """Say *prompt*; one of the keys *until* cuts it short and is returned.

    Raises:
        SoundMissingError: Asterisk has not got it.
        LineLostError: the caller is gone.
    """
    match prompt:
        case Sound(name):
            return await _play(line, f"{FOLDER}/{name}", until)
        case Digits(text):
            return _key(await line.command("SAY DIGITS", text, until, timeout_s=LONGEST_SOUND_S))
        case Number(value):
            return _key(await line.command("SAY NUMBER", str(value), until, timeout_s=LONGEST_SOUND_S))


async def _play(line: Line, name: str, until: str) -> str:
    reply = await line.command("STREAM FILE", name, until, timeout_s=LONGEST_SOUND_S)
    if reply.result == "0" and reply.endpos == 0:
        raise SoundMissingError(f"Asterisk has no sound {name!r}")
    return _key(reply)


async def _wait(line: Line, time_ms: int) -> str:
    return _key(await line.command("WAIT FOR DIGIT", str(time_ms), timeout_s=time_ms / 1000 + MARGIN_S))


def _key(reply: Reply) -> str:
    """Return the key that a command was answered with, by its ASCII code; "" for 0, none."""
    if reply.result == "0":
        return NO_KEY
    if not reply.result.isdigit() or chr(int(reply.result)) not in KEYS:
        raise LineLostError("the caller is gone")
    return chr(int(reply.result))
