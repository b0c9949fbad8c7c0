"""A phone tells the exchange where it is, and when it goes: REGISTER with a digest (RFC 3261, RFC 2617)."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets

from asterisk_conf.model import Phone

RESEND_S = 0.5
PATIENCE_S = 5.0
REGISTERED_S = 3600


class RegistrationError(Exception):
    """The exchange did not take the registration; the text is its answer."""


class _Answers(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.queue: asyncio.Queue[str] = asyncio.Queue()
        self.closed = asyncio.Event()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.queue.put_nowait(data.decode())

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()


async def register(seat: Phone, *, peer: tuple[str, int], port: int, for_s: int = REGISTERED_S) -> None:
    """Say that the phone of *seat* is at *port* for so many seconds; 0: that it is gone.

    Raises:
        RegistrationError: the exchange refused or was silent.
    """
    loop = asyncio.get_running_loop()
    transport, answers = await loop.create_datagram_endpoint(
        _Answers, local_addr=(peer[0], port), remote_addr=peer
    )
    call_id, proof = secrets.token_hex(8), ""
    try:
        for cseq in (1, 2):
            text = _request(seat, peer=peer, port=port, for_s=for_s, call_id=call_id, cseq=cseq, proof=proof)
            answer = await _answer(transport, answers, text)
            if answer.startswith("SIP/2.0 200"):
                return
            proof = _proof(seat, peer, answer)
        raise RegistrationError(answer)
    finally:
        transport.close()
        await answers.closed.wait()  # SIPp takes the port over


async def _answer(transport: asyncio.DatagramTransport, answers: _Answers, text: str) -> str:
    for _ in range(round(PATIENCE_S / RESEND_S)):
        transport.sendto(text.encode())
        try:
            return await asyncio.wait_for(answers.queue.get(), RESEND_S)
        except TimeoutError:
            continue
    raise RegistrationError("no answer to REGISTER")


def _request(
    seat: Phone, *, peer: tuple[str, int], port: int, for_s: int, call_id: str, cseq: int, proof: str
) -> str:
    me = f"sip:{seat.endpoint}@{peer[0]}"
    lines = [
        f"REGISTER sip:{peer[0]}:{peer[1]} SIP/2.0",
        f"Via: SIP/2.0/UDP {peer[0]}:{port};branch=z9hG4bK{call_id}{cseq}",
        "Max-Forwards: 70",
        f"From: <{me}>;tag={call_id}",
        f"To: <{me}>",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} REGISTER",
        f"Contact: <{me}:{port}>" if for_s else "Contact: *",
        f"Expires: {for_s}",
        *([proof] if proof else []),
        "Content-Length: 0",
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


def _proof(seat: Phone, peer: tuple[str, int], challenge: str) -> str:
    realm, nonce = (re.search(rf'{name}="([^"]*)"', challenge) for name in ("realm", "nonce"))
    if not realm or not nonce:
        raise RegistrationError(challenge)
    uri, once = f"sip:{peer[0]}:{peer[1]}", secrets.token_hex(4)
    ours = _md5(f"{seat.endpoint}:{realm[1]}:{seat.secret}")
    response = _md5(f"{ours}:{nonce[1]}:00000001:{once}:auth:{_md5(f'REGISTER:{uri}')}")
    return (
        f'Authorization: Digest username="{seat.endpoint}", realm="{realm[1]}", nonce="{nonce[1]}", '
        f'uri="{uri}", '
        f'response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="{once}"'
        + (f', opaque="{opaque[1]}"' if (opaque := re.search(r'opaque="([^"]*)"', challenge)) else "")
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
