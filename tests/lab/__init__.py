"""A telephone laboratory: a real Asterisk, real SIP calls, an ear at the manager interface.

The fixtures ``asterisk`` and ``lab_floor`` (tests/conftest.py) give a running exchange and its floor::

    async def test_a_call(asterisk: Asterisk, lab_floor: Floor) -> None:
        with lab_floor.desk() as desk:  # a queue, its number, three phones, for this test alone
            manner = Answers(after=1.5, hang_up_after=3)  # or Refuses(code=486), NEVER
            async with phone(asterisk, desk.phones[0], manner) as ringing:
                async with caller(asterisk, desk.did, number="957212000", name="Ana") as line:
                    rung = await ringing.until(lambda call: call.ringing_at)
                    (customer,) = await line.ended()
        assert customer.bye_at - rung.ringing_at < 6  # seconds since the epoch, by SIPp's own log

``desk.direct(phone)`` is the number of one phone; ``lab_floor.line()`` a way out, with ``customer(...)`` at
its end; ``phones`` and ``callers`` play crowds. ``asterisk.agi_port`` is where the dialplan asks for our
FastAGI server; ``floor.SECRETS`` has the passwords of the manager users ``bridge``, ``observer`` and
``recorder``. A test that stops or kills the exchange takes its own, ``Asterisk(floor.settings(i), i)`` with
``i = Instance(chroot.ready())``.
"""
