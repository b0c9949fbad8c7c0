"""With which codes an operation answers 409, by its name: told to who programs against it (pure).

A test reads them from the code that raises them; ``interrupted`` comes with each ``Idempotency-Key`` besides.
"""

from __future__ import annotations

from typing import Final

_PERSON: Final = ("no_session",)
_EXCHANGE: Final = ("observe_only", "rejected_by_exchange", "exchange", "no_exchange")
_PRESENCE: Final = (*_EXCHANGE, "no_seat", "in_no_queue")
_HOLD: Final = (*_EXCHANGE, "no_seat")
_LEAD: Final = ("no_agent", "lead_not_yours", "dial_under_way")
_THERE: Final = ("already_exists",)
_STATE: Final = ("wrong_state",)

CONFLICTS: Final[dict[str, tuple[str, ...]]] = {
    "change_me": _PERSON,
    "sign_out": _PERSON,
    "list_my_sessions": _PERSON,
    "end_my_session": _PERSON,
    "end_my_other_sessions": _PERSON,
    "change_my_password": _PERSON,
    "get_my_second_factor": _PERSON,
    "begin_second_factor": (*_PERSON, "second_factor_off"),
    "keep_second_factor": (*_PERSON, "set_up_anew"),
    "remove_second_factor": (*_PERSON, "second_factor_demanded"),
    "link_provider": (*_PERSON, "no_provider", "provider_away", "provider_lied"),
    "unlink_provider": (*_PERSON, "no_provider"),
    "get_presence": _PRESENCE,
    "put_presence": _PRESENCE,
    "join_queue": _PRESENCE,
    "leave_queue": _PRESENCE,
    "get_preview": ("no_agent",),
    "take_next": ("no_agent",),
    "dial_lead": (*_EXCHANGE, *_LEAD, "no_seat", "campaign_paused", "dial_gate_closed"),
    "tell_outcome": ("no_agent", "lead_not_yours"),
    "release_lead": _LEAD,
    "dial": (*_EXCHANGE, "no_seat", "do_not_call"),
    "hold": (*_HOLD, "hold_not_possible", "not_in_a_talk", "on_hold_already"),
    "resume": (*_HOLD, "not_on_hold"),
    "put_work": ("no_agent",),
    "put_seat": ("takes_no_calls", "seat_in_use", "on_a_call"),
    "intervene": (*_EXCHANGE, "in_no_queue", "nobody_sits_there", "somebody_else_sits_there", "on_a_call"),
    "add_key": ("already_exists", "too_many_keys"),
    "add_webhook": ("already_exists", "too_many_webhooks"),
    "change_webhook": _THERE,
    "send_undelivered": ("event_gone",),
    "make_campaign": _THERE,
    "create_contact": _THERE,
    "create_account": _THERE,
    "define_field": _THERE,
    "add_calendar": _THERE,
    "change_calendar": _THERE,
    "add_policy": _THERE,
    "change_policy": _THERE,
    "add_user": _THERE,
    "change_user": _THERE,
    "begin_import": _STATE,
    "cancel_import": _STATE,
    "continue_import": _STATE,
    "undo_import": _STATE,
    "ask_erasure": ("legal_hold",),
    "put_hold": _THERE,
    "merge": ("merged", "to_be_erased"),
    "set_apart": ("merged",),
    "undo_merge": ("changed_since",),
    "put_exchange": ("fixed_by_settings",),
}
